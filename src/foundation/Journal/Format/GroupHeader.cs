using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sirsi.Journal.Format;

/// <summary>
/// The 32 bytes before a group's records. Its checksum covers the segment's salt and the group's place, so that a group counts only
/// where it was written.
/// </summary>
/// <param name="BodyLength">Bytes of its records with their lengths, without the padding; 0 in a mark.</param>
/// <param name="RecordCount">Its records; 0 in a mark, which only vouches for what is before it.</param>
/// <param name="RecordsBefore">Records of the segment before it.</param>
/// <param name="SyncedTo">Up to here the segment had been flushed when the group was written: it vouches for all before.</param>
/// <param name="Time">When it was written, in microseconds since 1970 UTC; never less than before it.</param>
/// <param name="BodyChecksum">Of its records with their lengths.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct GroupHeader(int BodyLength, int RecordCount, int RecordsBefore, int SyncedTo, long Time, uint BodyChecksum)
{
    public const int Size = 32;

    /// <summary>Groups begin at multiples of this.</summary>
    public const int Alignment = 8;

    /// <summary>The length before each record.</summary>
    public const int LengthSize = sizeof(int);

    private const int ChecksumAt = Size - sizeof(uint);

    /// <summary>Bytes of the whole group with header and padding.</summary>
    public int FrameLength => FrameLengthOf(BodyLength);

    public static int FrameLengthOf(int bodyLength) => Size + ((bodyLength + Alignment - 1) & -Alignment);

    public void Write(Span<byte> bytes, uint salt, int position)
    {
        bytes = bytes[..Size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, BodyLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], RecordCount);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], RecordsBefore);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], SyncedTo);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], Time);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], BodyChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], ChecksumOf(bytes, salt, position));
    }

    /// <summary>Reads the header that stands at <paramref name="position"/> of its segment; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint salt, int position, out GroupHeader header)
    {
        bytes = bytes[..Size];
        header = new GroupHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
        return header.IsPlausible(position)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) == ChecksumOf(bytes, salt, position);
    }

    private bool IsPlausible(int position) =>
        BodyLength >= 0 && BodyLength <= JournalOptions.SegmentBytesGreatest
        && RecordCount >= 0 && RecordCount <= BodyLength / LengthSize && RecordCount == 0 == (BodyLength == 0)
        && RecordsBefore >= 0 && SyncedTo >= SegmentHeader.Size && SyncedTo <= position && JournalTime.IsPlausible(Time);

    private static uint ChecksumOf(ReadOnlySpan<byte> bytes, uint salt, int position) =>
        Checksum.Of(bytes[..ChecksumAt], before: salt ^ unchecked((uint)position * 0x9E37_79B1u));
}
