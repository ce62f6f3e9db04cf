using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;
using Sirsi.Journal.Recovery;

namespace Sirsi.Journal.Appending;

/// <summary>The segment that is being written. For the writer alone.</summary>
internal sealed class ActiveSegment : IDisposable
{
    private const int BlockBytes = 4 << 10;
    private const int FillBytesLeast = 16 << 10;

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly byte[] Zeros = new byte[1 << 20];

    private readonly HostFile _file;
    private readonly int _reserveStep;
    private readonly int _sizeMax;
    private readonly bool _fillsAhead;
    private int _resumedAt = SegmentHeader.Size;

    /// <summary>Every block before it has been written once: with groups or with zeros.</summary>
    private int _filledTo = SegmentHeader.Size;
    private readonly List<IndexEntry> _index = [];
    private int _indexedTo;
    private bool _isMarked;

    private ActiveSegment(HostFile file, SegmentHeader header, JournalOptions options)
    {
        _file = file;
        Header = header;
        _reserveStep = options.ReserveBytes;
        _sizeMax = options.SegmentBytes;
        _fillsAhead = options.Sync is JournalSync.Durable;
    }

    public SegmentHeader Header { get; }

    /// <summary>Where the next group goes.</summary>
    public int Position { get; private set; } = SegmentHeader.Size;

    /// <summary>Up to here it is flushed.</summary>
    public int SyncedTo { get; private set; } = SegmentHeader.Size;

    public int Records { get; private set; }

    public long FirstTime { get; private set; }

    public long LastTime { get; private set; }

    public long NextSequence => Header.FirstSequence + Records;

    /// <summary>Begins a segment. It has its name only when its header is safe, so a segment without a sound header is never seen.</summary>
    public static async Task<ActiveSegment> CreateAsync(HostFolder folder, SegmentHeader header, JournalOptions options)
    {
        string unfinished = SegmentName.Unfinished(header.FirstSequence);
        folder.Delete(unfinished);
        HostFile file = folder.Open(unfinished, HostFileAccess.Append);
        try
        {
            var bytes = new byte[SegmentHeader.Size];
            header.Write(bytes);
            await file.WriteAsync(0, bytes, None);
            var segment = new ActiveSegment(file, header, options);
            segment.Reserve(SegmentHeader.Size + 1);
            await file.FlushAsync(None);
            folder.Rename(unfinished, SegmentName.Of(header.FirstSequence));
            await folder.FlushAsync(None);
            return segment;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes on with a segment as recovery has found it.</summary>
    public static ActiveSegment Resume(HostFile file, SegmentHeader header, JournalOptions options, SegmentScan scan)
    {
        var segment = new ActiveSegment(file, header, options)
        {
            Position = scan.End,
            SyncedTo = scan.VouchedTo,
            Records = scan.Records,
            FirstTime = scan.FirstTime,
            LastTime = scan.LastTime,
            _isMarked = scan.EndsWithMark,
            _resumedAt = scan.End,
            _filledTo = scan.End,
        };
        segment._index.AddRange(scan.Index);
        if (scan.Index.Count > 0) segment._indexedTo = scan.Index[^1].Position + IndexEntry.BytesApart;
        return segment;
    }

    /// <summary>Whether a group of this length still belongs here.</summary>
    public bool HasRoomFor(int frameLength) => Records == 0 || Position + (long)frameLength <= _sizeMax;

    /// <summary>Writes groups whose headers are complete. Nothing is counted before <see cref="Count"/>.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames)
    {
        int end = Position + frames.Length;
        Reserve(end);
        await _file.WriteAsync(Position, frames, None);
        if (_fillsAhead && end > _filledTo) await FillAsync(end);
    }

    /// <summary>A group has been written at the position. Gives its entry when the index takes one.</summary>
    public IndexEntry? Count(int frameLength, int records, long time)
    {
        IndexEntry? entry = null;
        if (Position >= _indexedTo && records > 0)
        {
            entry = new IndexEntry(Position, Records, time);
            _index.Add(entry.Value);
            _indexedTo = Position + IndexEntry.BytesApart;
        }

        if (Records == 0) FirstTime = time;
        LastTime = time;
        _isMarked = false;
        Records += records;
        Position += frameLength;
        return entry;
    }

    public async Task FlushAsync()
    {
        int end = Position;
        await _file.FlushAsync(None);
        SyncedTo = end;
    }

    /// <summary>What a write that failed may have left is taken away for good.</summary>
    public async Task EraseBeyondPositionAsync()
    {
        if (_file.Length > Position) _file.Truncate(Position);
        _filledTo = Math.Min(_filledTo, Position);
        await _file.FlushAsync(None);
    }

    /// <summary>Writes once more what nobody vouches for: after a failed flush the system may show bytes that the disk never got.</summary>
    public async Task RewriteUnsyncedAsync()
    {
        const int PieceBytes = 1 << 20;
        var piece = new byte[Math.Min(PieceBytes, Position - SyncedTo)];
        for (int at = SyncedTo; at < Position;)
        {
            int read = await _file.ReadAsync(at, piece.AsMemory(0, Math.Min(piece.Length, Position - at)), None);
            if (read == 0) throw new IOException($"Byte {at} could be read a moment ago and cannot now.");
            await _file.WriteAsync(at, piece.AsMemory(0, read), None);
            at += read;
        }

        await FlushAsync();
    }

    /// <summary>Vouches for all that is flushed: damage in it is seen as such from now on.</summary>
    public async Task MarkAsync()
    {
        if (_isMarked) return;
        var mark = new byte[GroupHeader.Size];
        new GroupHeader(0, 0, Records, SyncedTo, LastTime, Checksum.Of([])).Write(mark, Header.Salt, Position);
        await WriteAsync(mark);
        Position += mark.Length;
        _isMarked = true;
        await FlushAsync();
    }

    /// <summary>Completes the segment with index and footer. All groups are flushed before.</summary>
    public async Task<SealedSegment> SealAsync()
    {
        if (SyncedTo < Position) await FlushAsync();
        var bytes = new byte[(_index.Count * IndexEntry.Size) + SegmentFooter.Size];
        for (int i = 0; i < _index.Count; i++) _index[i].Write(bytes.AsSpan(i * IndexEntry.Size));
        int indexLength = _index.Count * IndexEntry.Size;
        uint checksum = Checksum.Of(bytes.AsSpan(0, indexLength), Header.Salt);
        var footer = new SegmentFooter(Position, Records, FirstTime, LastTime, _index.Count, checksum);
        footer.Write(bytes.AsSpan(indexLength), Header.Salt);
        await _file.WriteAsync(Position, bytes, None);
        _file.Truncate(Position + bytes.Length);
        await _file.FlushAsync(None);
        return new SealedSegment(Header.FirstSequence, footer, Position + bytes.Length);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Writes zeros behind the groups, within the room taken: a file system notes of each block whether it was ever written, so that the flush of a first write is also one of
    /// its own log, with all that others have in it. As much ahead as was written since the beginning, so that small journals stay small.
    /// </summary>
    private async ValueTask FillAsync(int end)
    {
        long ahead = Math.Clamp(end - _resumedAt, FillBytesLeast, Zeros.Length - BlockBytes);
        int to = (int)Math.Min(_file.Length, (end + ahead + BlockBytes - 1) / BlockBytes * BlockBytes);
        try
        {
            if (to > end) await _file.WriteAsync(end, Zeros.AsMemory(0, to - end), None);
            _filledTo = Math.Max(to, end);
        }
        catch (DiskFullException)
        {
            // Where room cannot be taken ahead. The groups are written, and that is what counts.
            _filledTo = end;
        }
    }

    /// <summary>Takes room in steps; what just fits will do when the disk has no more.</summary>
    private void Reserve(int end)
    {
        if (end <= _file.Length) return;
        long step = Math.Max(end, Math.Min(_sizeMax, (end + (long)_reserveStep - 1) / _reserveStep * _reserveStep));
        try
        {
            _file.Reserve(step);
        }
        catch (DiskFullException) when (step > end)
        {
            _file.Reserve(end);
        }
    }
}
