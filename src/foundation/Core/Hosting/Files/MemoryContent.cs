using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Sirsi.Core.Hosting;

/// <summary>The bytes of a file, whatever it is called, and what of them the disk holds for certain. Room that was taken and never written costs nothing.</summary>
internal sealed class MemoryContent
{
    // Of each array, what it does not reach to is zero.
    private byte[] _bytes = [];
    private byte[] _flushed = [];
    private int _length;
    private int _flushedLength;

    /// <summary>Between these the bytes may differ from the flushed ones. Past the length, bytes are zero.</summary>
    private int _changedFrom = int.MaxValue;
    private int _changedTo;

    public int Length => _length;

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        int end = checked((int)position + bytes.Length);
        Grow(end);
        MakeRoom(ref _bytes, end);
        bytes.CopyTo(_bytes.AsSpan((int)position));
        Changed((int)position, end);
    }

    public void Grow(int length)
    {
        if (length <= _length) return;
        Changed(_length, length);
        _length = length;
    }

    public int Read(long position, Span<byte> buffer)
    {
        if (position >= _length) return 0;
        int count = Math.Min(_length - (int)position, buffer.Length);
        Copy(_bytes, (int)position, buffer[..count]);
        return count;
    }

    public void Truncate(int length)
    {
        ClearBetween(_bytes, length, _length);
        Changed(length, _length);
        _length = length;
    }

    public void Flush()
    {
        // Only what changed is copied: flushing after each write stays linear.
        int to = Math.Min(_changedTo, _length), written = Math.Min(to, _bytes.Length);
        if (_changedFrom < written)
        {
            MakeRoom(ref _flushed, written);
            _bytes.AsSpan(_changedFrom, written - _changedFrom).CopyTo(_flushed.AsSpan(_changedFrom));
        }

        ClearBetween(_flushed, Math.Max(_changedFrom, written), _changedTo);
        _flushedLength = _length;
        (_changedFrom, _changedTo) = (int.MaxValue, 0);
    }

    public void LosePower(Random random)
    {
        // A file that only grew keeps a beginning of the new part; one that was cut or written over is back as it was flushed.
        bool onlyGrew = _changedFrom >= _flushedLength && _length >= _flushedLength;
        int kept = onlyGrew ? random.Next(_flushedLength, _length + 1) : _flushedLength;
        if (!onlyGrew)
        {
            MakeRoom(ref _bytes, Math.Min(kept, _flushed.Length));
            Copy(_flushed, 0, _bytes.AsSpan(0, Math.Min(kept, _bytes.Length)));
        }

        ClearBetween(_bytes, kept, _bytes.Length);
        _length = kept;
        Changed(_flushedLength, kept);
        Flush();
    }

    public void AppendTo(IncrementalHash hash)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, _length);
        hash.AppendData(length);
        hash.AppendData(_bytes.AsSpan(0, Math.Min(_length, _bytes.Length)).TrimEnd((byte)0));
    }

    private void Changed(int from, int to)
    {
        if (from >= to) return;
        _changedFrom = Math.Min(_changedFrom, from);
        _changedTo = Math.Max(_changedTo, to);
    }

    private static void MakeRoom(ref byte[] bytes, int length)
    {
        if (length > bytes.Length) Array.Resize(ref bytes, (int)Math.Min(Array.MaxLength, BitOperations.RoundUpToPowerOf2((uint)length)));
    }

    private static void Copy(byte[] from, int position, Span<byte> to)
    {
        ReadOnlySpan<byte> there = position < from.Length ? from.AsSpan(position) : default;
        if (there.Length > to.Length) there = there[..to.Length];
        there.CopyTo(to);
        to[there.Length..].Clear();
    }

    private static void ClearBetween(byte[] bytes, int from, int to)
    {
        to = Math.Min(to, bytes.Length);
        if (from < to) bytes.AsSpan(from, to - from).Clear();
    }
}
