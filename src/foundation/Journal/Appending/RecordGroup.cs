using System.Buffers.Binary;
using Sirsi.Journal.Format;

namespace Sirsi.Journal;

/// <summary>
/// Records that are appended together: after a crash all of them are there, or none. Fill it, append it, clear it and use it
/// again. Not safe for several threads; nothing may be added between an append and its completion.
/// </summary>
public sealed class RecordGroup
{
    private const int BytesAtFirst = 256;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>How many records it holds.</summary>
    public int Count { get; private set; }

    /// <summary>The records, each behind its length, as they go to the disk.</summary>
    internal ReadOnlySpan<byte> Body => _bytes.AsSpan(0, _length);

    /// <summary>Adds a copy of a record, which may be empty.</summary>
    /// <exception cref="OverflowException">The group would exceed 2 GiB.</exception>
    public void Add(ReadOnlySpan<byte> record)
    {
        int needed = checked(_length + GroupHeader.LengthSize + record.Length);
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, Math.Max(BytesAtFirst, 2L * _bytes.Length))));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length), record.Length);
        record.CopyTo(_bytes.AsSpan(_length + GroupHeader.LengthSize));
        _length = needed;
        Count++;
    }

    /// <summary>Takes all records out and keeps the memory.</summary>
    public void Clear()
    {
        _length = 0;
        Count = 0;
    }
}
