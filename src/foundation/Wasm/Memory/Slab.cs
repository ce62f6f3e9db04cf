using System.Numerics;
using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Memory;

/// <summary>
/// One mapping with room for many memories that begin small (Linux): the kernel allows a process about 65,000 mappings, and instances are to be
/// more. Slots are as long as their memories may become, which costs address space only. Shared by all engines; thread-safe.
/// </summary>
internal sealed unsafe class Slab
{
    /// <summary>The longest slot: 4 GiB.</summary>
    internal const ulong SlotBytesMax = 1UL << 32;

    private const int Slots = 256;
    private const ulong SlabBytesMax = 1UL << 34;

    private static readonly Lock Gate = new();

    /// <summary>By the slots' length: slabs with free slots.</summary>
    private static readonly Dictionary<ulong, LinkedList<Slab>> WithRoom = [];

    private readonly byte* _address;
    private readonly ulong _stride;
    private readonly int _count;
    private readonly Stack<int> _free = [];
    private readonly LinkedListNode<Slab> _node;
    private int _fresh;

    private Slab(byte* address, ulong stride, int count)
    {
        _address = address;
        (_stride, _count) = (stride, count);
        _node = new(this);
    }

    private bool HasRoom => _free.Count > 0 || _fresh < _count;

    private bool IsEmpty => _free.Count == _fresh;

    /// <summary>A zeroed slot that can grow to <paramref name="most"/> bytes; null when the machine has no address space.</summary>
    internal static MemorySpace? TryTake(ulong most)
    {
        ulong stride = BitOperations.RoundUpToPowerOf2(Math.Max(most, WasmMemory.PageBytes));
        lock (Gate)
        {
            if (!WithRoom.TryGetValue(stride, out LinkedList<Slab>? slabs)) WithRoom[stride] = slabs = new();
            if (slabs.First is not { } first)
            {
                if (TryMap(stride) is not { } made) return null;
                first = made._node;
                slabs.AddFirst(first);
            }

            Slab slab = first.Value;
            int index = slab._free.TryPop(out int free) ? free : slab._fresh++;
            if (!slab.HasRoom) slabs.Remove(first);
            return new Slot(slab, index);
        }
    }

    private static Slab? TryMap(ulong stride)
    {
        int count = (int)Math.Min(Slots, SlabBytesMax / stride);
        byte* address = VirtualMemory.TryAllocate(stride * (ulong)count);
        if (address is not null) return new(address, stride, count);

        // Where address space is short, one slot may still be had.
        address = VirtualMemory.TryAllocate(stride);
        return address is null ? null : new(address, stride, 1);
    }

    private void Return(int index)
    {
        lock (Gate)
        {
            LinkedList<Slab> slabs = WithRoom[_stride];
            if (!HasRoom) slabs.AddFirst(_node);
            _free.Push(index);

            // One empty slab stays for the next memory.
            if (IsEmpty && slabs.Count > 1 && VirtualMemory.TryFree(_address, _stride * (ulong)_count, 1)) slabs.Remove(_node);
        }
    }

    private sealed class Slot : MemorySpace
    {
        /// <summary>Up to this many bytes are overwritten in place; more are faster forgotten by the kernel.</summary>
        private const ulong OverwrittenMax = 65_536;

        private readonly Slab _slab;
        private readonly int _index;

        internal Slot(Slab slab, int index)
        {
            (_slab, _index) = (slab, index);
            Address = slab._address + (slab._stride * (ulong)index);
        }

        internal override bool TryOpen(ulong bytes)
        {
            if (bytes > _slab._stride) return false;
            Open = Math.Max(Open, bytes);
            return true;
        }

        internal override bool TryReset(MemoryImage image)
        {
            if (image.Length > _slab._stride) return false;
            bool isZero = Open == 0;
            if (Open > Math.Min(image.Length, OverwrittenMax))
            {
                if (!VirtualMemory.TryForget(Address, Open)) return false;
                isZero = true;
            }

            Open = image.Length;
            image.CopyTo(Address, isZero);
            return true;
        }

        internal override void Release()
        {
            // What the kernel cannot forget is overwritten: the next owner is to see zeros.
            if (!VirtualMemory.TryForget(Address, Open)) NativeMemory.Clear(Address, (nuint)Open);
            Open = 0;
            _slab.Return(_index);
        }
    }
}
