using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sirsi.Journal.Format;

/// <summary>A place to begin reading at: a group, the records of its segment before it, and its time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct IndexEntry(int Position, int RecordsBefore, long Time)
{
    public const int Size = 16;

    /// <summary>One entry stands for at least so many bytes of groups.</summary>
    public const int BytesApart = 64 << 10;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Position);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], RecordsBefore);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Time);
    }

    public static IndexEntry Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]));
}

/// <summary>The last 64 bytes of a segment that is complete; the index lies between the groups and it.</summary>
/// <param name="DataEnd">Where the groups end and the index begins.</param>
/// <param name="RecordCount">Records in the segment.</param>
/// <param name="FirstTime">Time of its first group.</param>
/// <param name="LastTime">Time of its last group.</param>
/// <param name="IndexCount">Entries of the index.</param>
/// <param name="IndexChecksum">Of the index.</param>
internal sealed record SegmentFooter(int DataEnd, int RecordCount, long FirstTime, long LastTime, int IndexCount, uint IndexChecksum)
{
    public const int Size = 64;

    private const int ChecksumAt = Size - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "SIRSIEND"u8;

    public void Write(Span<byte> bytes, uint salt)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], DataEnd);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], RecordCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], FirstTime);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], LastTime);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], IndexCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[36..], IndexChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Checksum.Of(bytes[..ChecksumAt], salt));
    }

    /// <summary>Reads the footer of a segment of this length; null when the bytes are none.</summary>
    public static SegmentFooter? TryRead(ReadOnlySpan<byte> bytes, uint salt, long segmentLength)
    {
        if (bytes.Length < Size || !bytes.StartsWith(Magic)) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Checksum.Of(bytes[..ChecksumAt], salt)) return null;
        var footer = new SegmentFooter(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]));
        bool isSound = footer.DataEnd >= SegmentHeader.Size && footer.RecordCount > 0 && footer.IndexCount >= 0
            && footer.DataEnd + ((long)footer.IndexCount * IndexEntry.Size) + Size == segmentLength
            && JournalTime.IsPlausible(footer.FirstTime) && JournalTime.IsPlausible(footer.LastTime);
        return isSound ? footer : null;
    }
}
