using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;
using Sirsi.Journal.Recovery;

namespace Sirsi.Journal;

/// <summary>A complete segment: it will not change any more.</summary>
/// <param name="FirstSequence">Of its first record.</param>
/// <param name="Footer">What it holds.</param>
/// <param name="FileBytes">Its length on the disk.</param>
internal sealed record SealedSegment(long FirstSequence, SegmentFooter Footer, long FileBytes)
{
    public long NextSequence => FirstSequence + Footer.RecordCount;
}

/// <summary>
/// Which segments there are and how far they may be read: written by the journal's writer, asked by its readers. Safe for
/// any number of threads.
/// </summary>
internal sealed class SegmentTable(HostExecutor executor)
{
    private readonly Lock _lock = new();
    private readonly List<SealedSegment> _sealed = [];
    private readonly List<IndexEntry> _activeIndex = [];
    private TaskCompletionSource? _change;
    private long _activeFirst = 1;
    private int _activeEnd = SegmentHeader.Size;
    private long _nextSequence = 1;
    private bool _isClosed;

    /// <summary>The sequence number of the first record that is still there; that of the next one when there is none.</summary>
    public long FirstSequence
    {
        get
        {
            lock (_lock) return _sealed.Count > 0 ? _sealed[0].FirstSequence : _activeFirst;
        }
    }

    /// <summary>The sequence number after that of the last record readers may see.</summary>
    public long NextSequence
    {
        get
        {
            lock (_lock) return _nextSequence;
        }
    }

    /// <summary>Called by the writer when readers may see more.</summary>
    public Action? Grown { get; set; }

    /// <summary>Bytes of all segments, without room taken ahead.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _activeEnd + _sealed.Sum(static segment => segment.FileBytes);
        }
    }

    /// <summary>The complete segments, oldest first.</summary>
    public SealedSegment[] Sealed()
    {
        lock (_lock) return [.. _sealed];
    }

    public void AddSealed(SealedSegment segment)
    {
        lock (_lock)
        {
            _sealed.Add(segment);
            _activeIndex.Clear();
            _activeFirst = segment.NextSequence;
            _activeEnd = SegmentHeader.Size;
            _nextSequence = Math.Max(_nextSequence, _activeFirst);
        }
    }

    /// <summary>Takes over an unfinished segment as it was found.</summary>
    public void Begin(long firstSequence, SegmentScan scan)
    {
        lock (_lock)
        {
            _activeFirst = firstSequence;
            _activeIndex.AddRange(scan.Index);
            _activeEnd = scan.End;
            _nextSequence = firstSequence + scan.Records;
        }
    }

    public void RemoveOldest()
    {
        lock (_lock) _sealed.RemoveAt(0);
    }

    public void AddIndexEntry(IndexEntry entry)
    {
        lock (_lock) _activeIndex.Add(entry);
    }

    /// <summary>What the active segment's index holds so far of what readers may see.</summary>
    public IndexEntry[] ActiveIndex()
    {
        lock (_lock) return [.. _activeIndex.Where(entry => entry.Position < _activeEnd)];
    }

    /// <summary>Lets readers see the active segment up to <paramref name="end"/>, and wakes those that wait.</summary>
    public void Show(int end, long nextSequence)
    {
        TaskCompletionSource? change;
        lock (_lock)
        {
            _activeEnd = end;
            _nextSequence = nextSequence;
            (change, _change) = (_change, null);
        }

        if (change is not null) executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), change);
        Grown?.Invoke();
    }

    /// <summary>Nothing will change any more; wakes those that wait.</summary>
    public void Close()
    {
        lock (_lock) _isClosed = true;
        Show(_activeEnd, _nextSequence);
    }

    /// <summary>Completes when there is a record with this number or a later one to be seen.</summary>
    public Task WhenThereIsAsync(long sequence)
    {
        lock (_lock)
        {
            if (sequence < _nextSequence) return Task.CompletedTask;
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SegmentedJournal));
            _change ??= new TaskCompletionSource();
            return _change.Task;
        }
    }

    /// <summary>How far the segment may be read, and whether it is complete; null when it is not there (any more).</summary>
    public (int End, bool IsSealed)? EndOf(long segmentFirst)
    {
        lock (_lock)
        {
            if (segmentFirst == _activeFirst) return (_activeEnd, false);
            int at = IndexOf(segmentFirst);
            return at >= 0 && _sealed[at].FirstSequence == segmentFirst ? (_sealed[at].Footer.DataEnd, true) : null;
        }
    }

    /// <summary>The first sequence number of the segment that holds, or is to hold, this record; null when it was dropped.</summary>
    public long? SegmentOf(long sequence)
    {
        lock (_lock)
        {
            if (sequence >= _activeFirst) return _activeFirst;
            int at = IndexOf(sequence);
            return at >= 0 ? _sealed[at].FirstSequence : null;
        }
    }

    /// <summary>The last complete segment that begins at or before this number; -1 when there is none.</summary>
    private int IndexOf(long sequence)
    {
        int low = 0, high = _sealed.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_sealed[middle].FirstSequence <= sequence) low = middle + 1;
            else high = middle;
        }

        return low - 1;
    }
}
