namespace Sirsi.Wasm.Memory;

/// <summary>
/// Where the bytes of one memory lie. Bytes past the open ones are zero or out of reach, so whatever is opened is zero. Used by one
/// thread at a time and released by its owner: it has no finalizer.
/// </summary>
internal abstract unsafe class MemorySpace
{
    internal byte* Address { get; private protected set; }

    /// <summary>Bytes that may be used.</summary>
    internal ulong Open { get; private protected set; }

    /// <summary>
    /// Space that can grow to <paramref name="most"/> bytes; null when the machine refuses. Memories that begin small lie many to a mapping on
    /// Linux; others have address space of their own, out of reach past what is open. Elsewhere growing moves the bytes.
    /// </summary>
    internal static MemorySpace? TryCreate(WasmEngine engine, ulong first, ulong most)
    {
        if (!OperatingSystem.IsLinux()) return new HeapSpace();
        return first <= (ulong)engine.Options.CopiedBytesMax && most <= Slab.SlotBytesMax ? Slab.TryTake(most) : ReservedSpace.TryReserve(most);
    }

    /// <summary>Makes the first <paramref name="bytes"/> usable, new ones zero; false when the machine refuses, and nothing has changed.</summary>
    internal abstract bool TryOpen(ulong bytes);

    /// <summary>
    /// Makes the bytes those of the image, and no more of them open: of fresh space, or of space that had this image before. False when the
    /// machine refuses: then only <see cref="Release"/> is left.
    /// </summary>
    internal abstract bool TryReset(MemoryImage image);

    /// <summary>Gives the space back. No byte of it is seen again.</summary>
    internal abstract void Release();
}
