using System.Buffers.Binary;

namespace Sirsi.Journal.Format;

/// <summary>The first 64 bytes of a segment.</summary>
/// <param name="JournalId">Which journal it belongs to: a segment that strayed in from another is noticed.</param>
/// <param name="FirstSequence">The sequence number of its first record, 1 or more.</param>
/// <param name="CreatedAt">When it was begun, in microseconds since 1970 UTC.</param>
/// <param name="Salt">Goes into every checksum, so that bytes of another segment, in a payload for example, never pass for groups of this one.</param>
internal sealed record SegmentHeader(Guid JournalId, long FirstSequence, long CreatedAt, uint Salt)
{
    public const int Size = 64;
    public const ushort Version = 1;

    private const int ChecksumAt = Size - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "SIRSIJNL"u8;

    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], Size);
        JournalId.TryWriteBytes(bytes[16..32]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], CreatedAt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[48..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[ChecksumAt..], Checksum.Of(bytes[..ChecksumAt]));
    }

    /// <summary>Reads a header; null, with the reason, when the bytes are none.</summary>
    public static SegmentHeader? TryRead(ReadOnlySpan<byte> bytes, out HeaderProblem problem)
    {
        problem = HeaderProblem.Damaged;
        if (bytes.Length < Size || !bytes.StartsWith(Magic)) return null;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version)
        {
            problem = HeaderProblem.OtherVersion;
            return null;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumAt..]) != Checksum.Of(bytes[..ChecksumAt])) return null;
        var header = new SegmentHeader(
            new Guid(bytes[16..32]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]));
        if (header.FirstSequence <= 0 || !JournalTime.IsPlausible(header.CreatedAt)) return null;
        problem = HeaderProblem.None;
        return header;
    }
}

/// <summary>Why a segment's header cannot be used.</summary>
internal enum HeaderProblem
{
    None,
    Damaged,
    OtherVersion,
}
