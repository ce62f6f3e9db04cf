using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Recovery;

/// <summary>Reads the parts of a segment that tell about it.</summary>
internal static class SegmentFile
{
    /// <summary>The names of a folder's segments by their first sequence numbers, in order.</summary>
    public static List<(long FirstSequence, string Name)> List(HostFolder folder)
    {
        var segments = new List<(long, string)>();
        foreach (string name in folder.List())
        {
            if (SegmentName.TryParse(name, out long firstSequence)) segments.Add((firstSequence, name));
        }

        return segments;
    }

    /// <exception cref="JournalException">The header is damaged, of another version, or of another segment.</exception>
    public static async Task<SegmentHeader> ReadHeaderAsync(HostFile file, string name, CancellationToken cancellation)
    {
        var bytes = new byte[SegmentHeader.Size];
        int length = await ReadAsync(file, 0, bytes, cancellation);
        SegmentHeader? header = SegmentHeader.TryRead(bytes.AsSpan(0, length), out HeaderProblem problem);
        if (problem is HeaderProblem.OtherVersion)
            throw new JournalException(JournalErrors.VersionUnknown, $"Segment {name} has a version that is not {SegmentHeader.Version}, the one known here.");
        if (header is null) throw JournalException.Damaged(name, 0, "its header is not sound");
        if (!SegmentName.TryParse(name, out long firstSequence) || firstSequence != header.FirstSequence)
            throw JournalException.Damaged(name, 0, $"its header says that it begins with record {header.FirstSequence}");
        if (file.Length > int.MaxValue) throw JournalException.Damaged(name, int.MaxValue, "it is longer than any segment");
        return header;
    }

    /// <summary>The footer; null when the segment has none, or none that is sound.</summary>
    public static async Task<SegmentFooter?> ReadFooterAsync(HostFile file, SegmentHeader header, CancellationToken cancellation)
    {
        long length = file.Length;
        if (length < SegmentHeader.Size + SegmentFooter.Size) return null;
        var bytes = new byte[SegmentFooter.Size];
        int read = await ReadAsync(file, length - bytes.Length, bytes, cancellation);
        return SegmentFooter.TryRead(bytes.AsSpan(0, read), header.Salt, length);
    }

    /// <exception cref="JournalException">The index is damaged.</exception>
    public static async Task<IndexEntry[]> ReadIndexAsync(HostFile file, string name, SegmentHeader header, SegmentFooter footer, CancellationToken cancellation)
    {
        var bytes = new byte[footer.IndexCount * IndexEntry.Size];
        int length = await ReadAsync(file, footer.DataEnd, bytes, cancellation);
        if (length < bytes.Length || Checksum.Of(bytes, header.Salt) != footer.IndexChecksum)
            throw JournalException.Damaged(name, footer.DataEnd, "its index is not sound");
        var index = new IndexEntry[footer.IndexCount];
        for (int i = 0; i < index.Length; i++) index[i] = IndexEntry.Read(bytes.AsSpan(i * IndexEntry.Size));
        return index;
    }

    /// <summary>Fills the bytes as far as the file reaches; gives how many it were.</summary>
    public static async Task<int> ReadAsync(HostFile file, long position, Memory<byte> bytes, CancellationToken cancellation)
    {
        int filled = 0;
        while (filled < bytes.Length)
        {
            int read = await file.ReadAsync(position + filled, bytes[filled..], cancellation);
            if (read == 0) break;
            filled += read;
        }

        return filled;
    }
}
