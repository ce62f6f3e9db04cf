using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Memory;

/// <summary>Space from the C library, for other systems than Linux: growing allocates anew and copies.</summary>
internal sealed unsafe class HeapSpace : MemorySpace
{
    internal override bool TryOpen(ulong bytes)
    {
        if (bytes <= Open) return true;
        byte* moved = TryAllocate(bytes);
        if (moved is null) return false;
        Buffer.MemoryCopy(Address, moved, bytes, Open);
        NativeMemory.Free(Address);
        Address = moved;
        Open = bytes;
        return true;
    }

    internal override bool TryReset(MemoryImage image)
    {
        if (image.Length != Open)
        {
            byte* other = TryAllocate(image.Length);
            if (other is null && image.Length > 0) return false;
            NativeMemory.Free(Address);
            Address = other;
            Open = image.Length;
            image.CopyTo(Address, isZero: true);
            return true;
        }

        image.CopyTo(Address, isZero: false);
        return true;
    }

    internal override void Release()
    {
        NativeMemory.Free(Address);
        Address = null;
        Open = 0;
    }

    private static byte* TryAllocate(ulong bytes)
    {
        try
        {
            return (byte*)NativeMemory.AllocZeroed((nuint)bytes);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }
}
