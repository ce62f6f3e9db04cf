using System.Buffers;
using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Recovery;

/// <summary>
/// Reads a segment without a footer through and decides where it ends. The rule: each group says up to where the segment had been
/// flushed when it was written. What a sound group vouches for must be sound, or the segment is damaged; beyond that, the first bytes
/// that are no sound group begin the torn tail, whatever comes after them, for nothing there was acknowledged as durable.
/// </summary>
internal sealed class SegmentScan
{
    private int _indexedTo;

    /// <summary>Behind the last sound group.</summary>
    public int End { get; private set; } = SegmentHeader.Size;

    public int Groups { get; private set; }

    public int Records { get; private set; }

    public long FirstTime { get; private set; }

    public long LastTime { get; private set; }

    /// <summary>The furthest place any group vouches for.</summary>
    public int VouchedTo { get; private set; } = SegmentHeader.Size;

    /// <summary>Bytes from <see cref="End"/> to the last byte that is not zero.</summary>
    public int TornBytes { get; private set; }

    public bool EndsWithMark { get; private set; }

    public List<IndexEntry> Index { get; } = [];

    /// <summary>Whether something is missing that was safely stored.</summary>
    public bool IsDamaged => VouchedTo > End;

    public static async Task<SegmentScan> RunAsync(HostFile file, SegmentHeader header, int limit, CancellationToken cancellation)
    {
        var scan = new SegmentScan();
        using var cursor = new GroupCursor(file, header.Salt, SegmentHeader.Size);
        while (await cursor.ReadAsync(limit, cancellation) is GroupRead.Group) scan.Count(cursor);
        scan.End = cursor.Position;
        await scan.LookBeyondAsync(file, header.Salt, limit, cancellation);
        return scan;
    }

    /// <summary>Something outside the groups says that all up to there had been stored.</summary>
    public void Vouch(int end) => VouchedTo = Math.Max(VouchedTo, end);

    private void Count(GroupCursor cursor)
    {
        GroupHeader group = cursor.Group;
        VouchedTo = Math.Max(VouchedTo, group.SyncedTo);
        LastTime = Math.Max(LastTime, group.Time);
        EndsWithMark = group.RecordCount == 0;
        if (EndsWithMark) return;
        if (Groups++ == 0) FirstTime = group.Time;
        if (cursor.GroupAt >= _indexedTo)
        {
            Index.Add(new IndexEntry(cursor.GroupAt, Records, group.Time));
            _indexedTo = cursor.GroupAt + IndexEntry.BytesApart;
        }

        Records += group.RecordCount;
    }

    /// <summary>Searches what follows for headers that vouch for more, and for the last byte that was written.</summary>
    private async Task LookBeyondAsync(HostFile file, uint salt, int limit, CancellationToken cancellation)
    {
        const int PieceBytes = 256 << 10;
        const int Overlap = GroupHeader.Size - GroupHeader.Alignment;
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (int at = End; at < limit; at += PieceBytes - Overlap)
            {
                int wanted = Math.Min(PieceBytes, limit - at);
                int filled = await SegmentFile.ReadAsync(file, at, piece.AsMemory(0, wanted), cancellation);
                Examine(piece.AsSpan(0, filled), at, salt);
                // The next piece begins with what may be the first part of a header.
                if (filled < PieceBytes) break;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private void Examine(ReadOnlySpan<byte> piece, int at, uint salt)
    {
        int lastWritten = piece.LastIndexOfAnyExcept((byte)0);
        if (lastWritten < 0) return;
        TornBytes = Math.Max(TornBytes, at + lastWritten + 1 - End);
        for (int i = 0; i + GroupHeader.Size <= piece.Length; i += GroupHeader.Alignment)
        {
            // A header with a length that is zero is a mark: its checksum is not, so only all-zero stretches are passed over.
            int zeros = piece[i..].IndexOfAnyExcept((byte)0);
            if (zeros < 0) return;
            if (zeros >= GroupHeader.Size) i += (zeros - GroupHeader.Size) & -GroupHeader.Alignment;
            if (i + GroupHeader.Size > piece.Length) return;
            if (GroupHeader.TryRead(piece[i..], salt, at + i, out GroupHeader header)) VouchedTo = Math.Max(VouchedTo, header.SyncedTo);
        }
    }
}
