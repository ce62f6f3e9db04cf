using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Appending;

/// <summary>
/// The one loop that writes: takes what has been appended meanwhile, writes and flushes it as one, wakes the appenders, and lets them
/// append again before it takes the next. Owned by the journal, which ends it by closing the queue.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly HostEnvironment _environment;
    private readonly HostFolder _folder;
    private readonly JournalOptions _options;
    private readonly SegmentTable _table;
    private readonly WriterTurn _turn;
    private readonly ITimer _syncTimer;
    private readonly Guid _journalId;
    private ActiveSegment? _active;

    /// <summary>The first of the appends taken from the queue whose outcome is open.</summary>
    private PendingAppend? _uncommitted;
    private long _nextSequence;
    private long _time;
    private bool _isSyncArmed;
    private volatile bool _isSyncDue;

    public JournalWriter(HostEnvironment environment, HostFolder folder, JournalOptions options, SegmentTable table, Guid journalId, ActiveSegment? active, long lastTime)
    {
        _environment = environment;
        _folder = folder;
        _options = options;
        _table = table;
        _journalId = journalId;
        _active = active;
        _nextSequence = table.NextSequence;
        _time = lastTime;
        _turn = new WriterTurn(environment.Executor);
        Queue = new AppendQueue(environment, options, _turn);
        _syncTimer = environment.Time.CreateTimer(static writer => ((JournalWriter)writer!).SyncIsDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public AppendQueue Queue { get; }

    /// <summary>Writes until the queue is closed and empty, or the disk fails.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                if (_isSyncDue && _active is { } active) await SyncAsync(active);
                AppendBuffer? filled = Queue.TakeFilled(out bool isOver);
                if (isOver) break;
                if (filled is not null)
                {
                    _uncommitted = filled.First;
                    await CommitAsync(filled);
                    // Those just woken stand before this turn in the executor's line: what they append at once is in the next flush.
                    _turn.Give();
                }

                await _turn.TakeAsync();
            }

            if (_active is { Records: > 0 } last) await CloseAsync(last);
        }
        catch (Exception failure)
        {
            Stop(failure);
            if (failure is not (IOException or UnauthorizedAccessException)) throw;
        }
    }

    public void Dispose()
    {
        _syncTimer.Dispose();
        Queue.Dispose();
        _active?.Dispose();
    }

    /// <summary>Writes all groups of the buffer, segment by segment.</summary>
    private async Task CommitAsync(AppendBuffer filled)
    {
        while (_uncommitted is { } first)
        {
            bool isWritten = false;
            try
            {
                ActiveSegment segment = await SegmentForAsync(first);
                (PendingAppend? behind, int length) = Complete(filled, first, segment);
                await segment.WriteAsync(filled.Bytes.Slice(first.Offset, length));
                isWritten = true;
                Count(first, behind, segment);
                if (_options.Sync is JournalSync.Durable) await segment.FlushAsync();
                else if (_options.Sync is JournalSync.Interval) ArmSync();
                _table.Show(segment.Position, segment.NextSequence);
                _uncommitted = behind;
                Wake(first, behind);
            }
            catch (DiskFullException full) when (!isWritten)
            {
                if (_active is { } active) await active.EraseBeyondPositionAsync();
                string message = $"The disk has no room for more of the journal ({full.Message.TrimEnd('.')}). Nothing of this append was stored.";
                FailUncommitted(JournalErrors.DiskFull, message, full);
            }
        }
    }

    /// <summary>The active segment if the append still belongs to it; else it is completed and the next begun.</summary>
    private async Task<ActiveSegment> SegmentForAsync(PendingAppend append)
    {
        if (_active is { } active && !active.HasRoomFor(append.FrameLength))
        {
            SealedSegment done = await active.SealAsync();
            active.Dispose();
            _active = null;
            _table.AddSealed(done);
        }

        if (_active is null)
        {
            Span<byte> salt = stackalloc byte[sizeof(uint)];
            _environment.Random.FillSecret(salt);
            var header = new SegmentHeader(_journalId, _nextSequence, Now(), BitConverter.ToUInt32(salt));
            _active = await ActiveSegment.CreateAsync(_folder, header, _options);
        }

        return _active;
    }

    /// <summary>Completes the headers of the groups that belong to the segment; gives the first append that does not, and their bytes.</summary>
    private (PendingAppend? Behind, int Length) Complete(AppendBuffer filled, PendingAppend first, ActiveSegment segment)
    {
        Span<byte> bytes = filled.Bytes.Span;
        long time = Now();
        int position = segment.Position;
        int records = segment.Records;
        PendingAppend? append = first;
        int length = 0;
        for (; append is not null && (append == first || position + (long)append.FrameLength <= _options.SegmentBytes); append = append.Next)
        {
            Span<byte> frame = bytes.Slice(append.Offset, append.FrameLength);
            uint checksum = Checksum.Of(frame.Slice(GroupHeader.Size, append.BodyLength));
            new GroupHeader(append.BodyLength, append.RecordCount, records, segment.SyncedTo, time, checksum).Write(frame, segment.Header.Salt, position);
            position += append.FrameLength;
            records += append.RecordCount;
            length += append.FrameLength;
        }

        _time = time;
        return (append, length);
    }

    private void Count(PendingAppend first, PendingAppend? behind, ActiveSegment segment)
    {
        for (PendingAppend? append = first; append != behind; append = append!.Next)
        {
            if (segment.Count(append!.FrameLength, append.RecordCount, _time) is { } entry) _table.AddIndexEntry(entry);
        }
    }

    private void Wake(PendingAppend first, PendingAppend? behind)
    {
        for (PendingAppend? append = first; append != behind;)
        {
            // Once woken, an append may be another's: its link is read before.
            PendingAppend waking = append!;
            append = append!.Next;
            long sequence = _nextSequence;
            _nextSequence += waking.RecordCount;
            waking.Succeed(sequence);
        }
    }

    private async Task SyncAsync(ActiveSegment active)
    {
        _isSyncDue = false;
        _isSyncArmed = false;
        if (active.SyncedTo < active.Position) await active.FlushAsync();
    }

    private void ArmSync()
    {
        if (_isSyncArmed) return;
        _isSyncArmed = true;
        _syncTimer.Change(_options.SyncInterval, Timeout.InfiniteTimeSpan);
    }

    private void SyncIsDue()
    {
        _isSyncDue = true;
        Queue.Wake();
    }

    /// <summary>All is flushed and vouched for.</summary>
    private static async Task CloseAsync(ActiveSegment active)
    {
        if (active.SyncedTo < active.Position) await active.FlushAsync();
        try
        {
            await active.MarkAsync();
        }
        catch (DiskFullException)
        {
            // All is stored; only the mark that vouches for it is missing.
        }
    }

    /// <summary>After a failed write or flush nobody knows what the disk holds: nothing more is written, and opening anew finds out.</summary>
    private void Stop(Exception failure)
    {
        string message = $"The journal has stopped: {failure.Message.TrimEnd('.')}. What was not acknowledged may or may not be there when it is opened again.";
        Queue.Fail(new JournalException(JournalErrors.Failed, message, failure));
        FailUncommitted(JournalErrors.Failed, message, failure);
    }

    private void FailUncommitted(ErrorCode code, string message, Exception cause)
    {
        while (_uncommitted is { } failing)
        {
            _uncommitted = failing.Next;
            failing.Fail(code, message, cause);
        }
    }

    private long Now() => Math.Max(_time, JournalTime.Of(_environment.Time.GetUtcNow()));
}
