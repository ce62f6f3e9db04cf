namespace Sirsi.Wasm.Memory;

/// <summary>
/// Address space of its own (Linux). Pages are opened as the memory grows, so the base never moves; a snapshot's file lies under it and only
/// pages that are written to become its own.
/// </summary>
internal sealed unsafe class ReservedSpace : MemorySpace
{
    /// <summary>The file's pages, those grown behind them, and the rest.</summary>
    private const int Mappings = 3;

    private readonly ulong _reserved;
    private MemoryImage? _image;

    private ReservedSpace(byte* address, ulong reserved)
    {
        Address = address;
        _reserved = reserved;
    }

    /// <summary>Reserves room for <paramref name="most"/> bytes; null when the machine refuses.</summary>
    internal static ReservedSpace? TryReserve(ulong most)
    {
        if (most == 0) return new(null, 0);
        byte* address = VirtualMemory.TryReserve(most, Mappings);
        return address is null ? null : new(address, most);
    }

    internal override bool TryOpen(ulong bytes)
    {
        if (bytes <= Open) return true;
        if (bytes > _reserved || !VirtualMemory.TryOpen(Address + Open, bytes - Open)) return false;
        Open = bytes;
        return true;
    }

    internal override bool TryReset(MemoryImage image)
    {
        if (_image is null ? !TryLay(image) : !TryRenew(image)) return false;
        Open = image.Length;
        if (image.File is null) image.CopyTo(Address, isZero: true);
        return true;
    }

    private bool TryLay(MemoryImage image)
    {
        if (image.Length > _reserved) return false;
        _image = image;
        return image.File is { } file
            ? VirtualMemory.TryMapFile(Address, image.Length, file)
            : VirtualMemory.TryOpen(Address, image.Length);
    }

    private bool TryRenew(MemoryImage image) =>
        _image == image && VirtualMemory.TryForget(Address, Open)
        && (Open == image.Length || VirtualMemory.TryClose(Address + image.Length, Open - image.Length));

    internal override void Release()
    {
        if (Address is not null) VirtualMemory.TryFree(Address, _reserved, Mappings);
        Address = null;
        Open = 0;
    }
}
