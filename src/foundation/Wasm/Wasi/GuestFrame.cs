using System.Buffers.Binary;
using System.Text.Unicode;
using Sirsi.Wasm.Host;

namespace Sirsi.Wasm.Wasi;

/// <summary>A guest's call of a WASI function: its arguments, and its memory as far as they may point.</summary>
internal readonly unsafe ref struct GuestFrame(WasmCall call, WasmMemory? memory, ulong* slots)
{
    private const int PathByteFuel = 16; // A component of two bytes is a folder to open.

    private readonly ulong* _slots = slots;
    private readonly WasmMemory? _memory = memory;

    internal WasmCall Call { get; } = call;

    internal uint UInt32(int index) => (uint)_slots[index];

    internal ulong UInt64(int index) => _slots[index];

    /// <summary>Pays for bytes that are moved.</summary>
    internal void ChargeBytes(long bytes) => Call.Charge(Fuel.OfBytes((ulong)bytes));

    internal bool Has(uint address, long length) =>
        _memory is not null && length >= 0 && (ulong)address <= _memory.Length && (ulong)length <= _memory.Length - address;

    internal bool TrySpan(uint address, long length, out Span<byte> span)
    {
        bool has = Has(address, length) && length <= int.MaxValue;
        span = has ? new Span<byte>(_memory!.Base + address, (int)length) : [];
        return has;
    }

    internal Errno Put(uint address, uint value)
    {
        if (!TrySpan(address, 4, out Span<byte> span)) return Errno.Fault;
        BinaryPrimitives.WriteUInt32LittleEndian(span, value);
        return Errno.Success;
    }

    internal Errno Put(uint address, ulong value)
    {
        if (!TrySpan(address, 8, out Span<byte> span)) return Errno.Fault;
        BinaryPrimitives.WriteUInt64LittleEndian(span, value);
        return Errno.Success;
    }

    internal Errno Put(uint address, ReadOnlySpan<byte> bytes)
    {
        if (!TrySpan(address, bytes.Length, out Span<byte> span)) return Errno.Fault;
        bytes.CopyTo(span);
        return Errno.Success;
    }

    /// <summary>A path of the guest, checked, with a zero at its end.</summary>
    internal Errno Path(uint address, uint length, int most, out byte[] path)
    {
        path = [];
        if (length > (uint)most) return Errno.NameTooLong;
        if (!TrySpan(address, length, out Span<byte> text)) return Errno.Fault;
        if (text.Length == 0) return Errno.NoEntry;
        if (text.Contains((byte)0)) return Errno.Invalid;
        if (!Utf8.IsValid(text)) return Errno.IllegalSequence;
        Call.Charge(PathByteFuel * length);
        path = [.. text, 0];
        return Errno.Success;
    }

    /// <summary>The buffers of a scattered read or write, cut to <paramref name="most"/> bytes in all.</summary>
    internal Errno Buffers(uint address, Span<Posix.Buffer> buffers, long most, out long total)
    {
        total = 0;
        if (!TrySpan(address, buffers.Length * 8L, out Span<byte> list)) return Errno.Fault;
        for (int i = 0; i < buffers.Length; i++)
        {
            uint start = BinaryPrimitives.ReadUInt32LittleEndian(list[(i * 8)..]);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(list[((i * 8) + 4)..]);
            if (!Has(start, length)) return Errno.Fault;
            long used = Math.Min(length, most - total);
            buffers[i] = new() { Address = _memory!.Base + start, Length = (nuint)used };
            total += used;
        }

        return Errno.Success;
    }
}
