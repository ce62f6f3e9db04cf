using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Appending;

/// <summary>
/// Between the appenders and the writer: a double buffer, one part filled while the other is written, and before it a bounded line of
/// appends that wait for room, first come first served. Safe for any number of appenders and one writer.
/// </summary>
internal sealed class AppendQueue : IDisposable
{
    private const int FreeMax = 1_024;

    private readonly Lock _lock = new();
    private readonly HostEnvironment _environment;
    private readonly JournalOptions _options;
    private readonly WriterTurn _turn;
    private readonly LinkedList<PendingAppend> _waiting = new();
    private readonly ITimer _roomTimer;
    private AppendBuffer _filling;
    private AppendBuffer _other;
    private PendingAppend? _free;
    private int _freeCount;
    private bool _isParked;
    private bool _isClosed;
    private JournalException? _failure;

    public AppendQueue(HostEnvironment environment, JournalOptions options, WriterTurn turn)
    {
        _environment = environment;
        _options = options;
        _turn = turn;
        _filling = new AppendBuffer(options.BufferBytes);
        _other = new AppendBuffer(options.BufferBytes);
        _roomTimer = environment.Time.CreateTimer(
            static queue => ((AppendQueue)queue!).RefuseLate(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Why nothing more is appended; null as long as all is well.</summary>
    public JournalException? Failure
    {
        get
        {
            lock (_lock) return _failure;
        }
    }

    /// <summary>Copies the records into the buffer, or waits for room; completes with the sequence number of the first.</summary>
    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record, RecordGroup? group, CancellationToken cancellation)
    {
        PendingAppend append;
        bool wakes = false;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(SegmentedJournal));
            if (_failure is { } failure) throw Again(failure);
            append = Take();
            append.Begin(record, group);
            if (append.FrameLength > _options.BufferBytes) throw TooLarge(append);
            if (_waiting.Count == 0 && _filling.TryAdd(append)) wakes = Unpark();
            else Wait(append, cancellation);
        }

        if (wakes) _turn.Give();
        if (!append.IsReusable) ListenFor(append, cancellation);
        return append.Task;
    }

    /// <summary>
    /// The filled buffer, which is the writer's until the next call; null when there is nothing to write, and then the writer is to take
    /// a turn, or to end if <paramref name="isOver"/>.
    /// </summary>
    public AppendBuffer? TakeFilled(out bool isOver)
    {
        lock (_lock)
        {
            isOver = false;
            if (_filling.First is null)
            {
                isOver = _isClosed || _failure is not null;
                _isParked = !isOver;
                return null;
            }

            (_filling, _other) = (_other, _filling);
            _filling.Clear();
            Admit();
            return _other;
        }
    }

    /// <summary>Gives the writer a turn if it waits for one.</summary>
    public void Wake()
    {
        bool wakes;
        lock (_lock) wakes = Unpark();
        if (wakes) _turn.Give();
    }

    /// <summary>Takes no more appends. Those taken before are still written.</summary>
    public void Close()
    {
        lock (_lock) _isClosed = true;
        Wake();
    }

    /// <summary>Fails all appends that are here and all that come.</summary>
    public void Fail(JournalException failure)
    {
        lock (_lock)
        {
            _failure = failure;
            for (PendingAppend? append = _filling.First; append is not null;)
            {
                PendingAppend failing = append;
                append = append.Next;
                failing.Fail(Again(failure));
            }

            _filling.Clear();
            while (_waiting.First is { } first) Leave(first.Value, Again(failure));
        }
    }

    /// <summary>An append has been completed and its result been taken.</summary>
    public void TakeBack(PendingAppend append)
    {
        if (!append.IsReusable) return;
        lock (_lock)
        {
            if (_freeCount == FreeMax) return;
            append.Next = _free;
            _free = append;
            _freeCount++;
        }
    }

    public void Dispose() => _roomTimer.Dispose();

    /// <summary>An exception of its own for each who gets one, for throwing changes it.</summary>
    private static JournalException Again(JournalException failure) => new(failure.Code, failure.Message, failure.InnerException);

    private static ArgumentException TooLarge(PendingAppend append) =>
        new($"The records need {append.FrameLength} bytes, which is more than the journal's BufferBytes.");

    private PendingAppend Take()
    {
        if (_free is not { } append) return new PendingAppend(this, _environment.Executor);
        _free = append.Next;
        _freeCount--;
        return append;
    }

    private bool Unpark()
    {
        bool wasParked = _isParked;
        _isParked = false;
        return wasParked;
    }

    private void Wait(PendingAppend append, CancellationToken cancellation)
    {
        if (_waiting.Count >= _options.AppendsWaitingMax)
        {
            throw new JournalException(
                JournalErrors.Busy, $"{_waiting.Count} appends wait for the journal, and AppendsWaitingMax is {_options.AppendsWaitingMax}.");
        }

        append.IsWaiting = true;
        append.IsReusable = !cancellation.CanBeCanceled;
        append.WaitingSince = _environment.Time.GetTimestamp();
        _waiting.AddLast(append.Place);
        if (_waiting.Count == 1) _roomTimer.Change(_options.RoomTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Outside the lock, for a token that is cancelled already calls back at once.</summary>
    private void ListenFor(PendingAppend append, CancellationToken cancellation)
    {
        CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static (state, token) => ((PendingAppend)state!).Queue.Cancel((PendingAppend)state, token), append);
        lock (_lock)
        {
            if (append.IsWaiting) append.Cancelling = registration;
            else registration.Unregister();
        }
    }

    private void Cancel(PendingAppend append, CancellationToken token)
    {
        lock (_lock)
        {
            if (append.IsWaiting) Leave(append, new OperationCanceledException(token));
        }
    }

    private void Admit()
    {
        while (_waiting.First is { } first && _filling.TryAdd(first.Value)) Leave(first.Value, failure: null);
    }

    private void Leave(PendingAppend append, Exception? failure)
    {
        _waiting.Remove(append.Place);
        append.IsWaiting = false;
        append.Cancelling.Unregister();
        append.Cancelling = default;
        if (failure is not null) append.Fail(failure);
    }

    private void RefuseLate()
    {
        lock (_lock)
        {
            TimeSpan waited = default;
            while (_waiting.First is { } first && (waited = _environment.Time.GetElapsedTime(first.Value.WaitingSince)) >= _options.RoomTimeout)
            {
                Leave(first.Value, new JournalException(
                    JournalErrors.Busy, $"There was no room in the journal's buffer for {_options.RoomTimeout}, its RoomTimeout: the disk is too slow or stuck."));
            }

            if (_waiting.Count > 0) _roomTimer.Change(_options.RoomTimeout - waited, Timeout.InfiniteTimeSpan);
        }
    }
}
