using Sirsi.Bus.Drivers;
using Sirsi.Core.Errors;

namespace Sirsi.Bus.Consuming;

/// <summary>The two loops of a member: one fetches, one tells the log what is done. Both end when the member leaves.</summary>
public sealed partial class EventConsumer
{
    private const int SettledAtOnceMax = 4_096;
    private const int SpareBlocksMax = 32;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(10);

    private readonly Settlement[] _settling;
    private readonly int[] _settlingSlots;
    private readonly Stack<EventBlock> _spareBlocks = [];
    private readonly List<(long Target, TaskCompletionSource Done)> _flushes = [];
    private int _settlingCount;
    private EventBlock? _openBlock;
    private long _settledCount;

    /// <summary>Completes when all that was acknowledged so far is remembered by the log, as safe as the driver makes it.</summary>
    /// <exception cref="ObjectDisposedException">The member left before.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        var done = new TaskCompletionSource();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            long target = _acknowledged + _window.Died;
            if (_settledCount + _window.DeadLost >= target) return;
            _flushes.Add((target, done));
        }

        _done.Set();
        await done.Task.WaitAsync(cancellation);
    }

    /// <summary>Leaves the group; what was acknowledged is told to the log before, for at most ten seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
        }

        _metrics.Leave();
        _stopping.Cancel();
        _room.Set();
        _done.Set();
        _deliverable.Set();
        await _timer.DisposeAsync();
        await _loops;
        await _source.DisposeAsync();
        lock (_lock)
        {
            while (_spareBlocks.TryPop(out EventBlock? block)) block.Return();
            FailFlushes();
        }

        _stopping.Dispose();
    }

    private async Task FetchLoopAsync()
    {
        TimeSpan pause = FirstPause;
        int roomMin = Math.Max(1, Math.Min(_options.Window / 4, 256));
        while (!_stopping.IsCancellationRequested)
        {
            EventBlock? block = OpenBlock(roomMin);
            if (block is null)
            {
                await _room.WaitAsync();
                continue;
            }

            int before = block.Count;
            try
            {
                await _source.FetchAsync(block, _stopping.Token);
                TakeIn(block, before, problem: null);
                pause = FirstPause;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SirsiException problem)
            {
                // What came before the failure counts as handed out, and does not come again.
                TakeIn(block, before, problem.Message);
                pause = await PauseAsync(pause);
            }
        }
    }

    private EventBlock? OpenBlock(int roomMin)
    {
        lock (_lock)
        {
            if (_window.Free < roomMin) return null;
            if (_openBlock is { Unsettled: 0 } empty) empty.Clear();
            _openBlock ??= _spareBlocks.TryPop(out EventBlock? spare) ? spare : new EventBlock(_options.Filter);
            _openBlock.Open(_window.Free);
            return _openBlock;
        }
    }

    private void TakeIn(EventBlock block, int from, string? problem)
    {
        lock (_lock)
        {
            _fetchProblem = problem;
            foreach (int partition in block.Lost) _window.Lose(partition);
            if (block.Lost.Count > 0) EndFlushes();
            foreach (ref readonly EventBlock.Entry entry in block.Entries[from..]) _window.Add(block, entry);
            foreach (int partition in block.WantedElsewhere) _window.Drain(partition);
            if (block.WantedElsewhere.Count > 0) _done.Set();
            if (block.IsFull)
            {
                _openBlock = null;
                if (block.Unsettled == 0) Recycle(block);
            }

            AfterChange();
        }
    }

    /// <summary>Under the lock, when nothing in a block is needed any more.</summary>
    private void Recycle(EventBlock block)
    {
        if (ReferenceEquals(block, _openBlock)) return;
        block.Clear();
        if (_spareBlocks.Count < SpareBlocksMax && !_disposed) _spareBlocks.Push(block);
        else block.Return();
    }

    private async Task SettleLoopAsync()
    {
        TimeSpan pause = FirstPause;
        while (true)
        {
            bool stopping = _stopping.IsCancellationRequested;
            try
            {
                using var limit = stopping ? new CancellationTokenSource(LeaveTimeout, _environment.Time) : null;
                CancellationToken cancellation = limit?.Token ?? _stopping.Token;
                bool more = await SettleAsync(cancellation) | await BuryAsync(cancellation) | await ReleaseAsync(cancellation);
                pause = FirstPause;
                if (more) continue;
                if (stopping) return;
                await _done.WaitAsync();
            }
            catch (OperationCanceledException) when (stopping)
            {
                return;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                Forget(0);
            }
            catch (SirsiException problem)
            {
                if (stopping) return;
                lock (_lock) _settleProblem = problem.Message;
                pause = await PauseAsync(pause);
            }
        }
    }

    /// <summary>Tells the log a batch of what is done; a batch that failed is told again.</summary>
    private async ValueTask<bool> SettleAsync(CancellationToken cancellation)
    {
        if (_settlingCount == 0)
        {
            lock (_lock) _settlingCount = _window.TakeSettled(_settling, _settlingSlots);
        }

        if (_settlingCount == 0) return false;
        await _source.SettleAsync(_settling.AsMemory(0, _settlingCount), cancellation);
        Forget(_settlingCount);
        return true;
    }

    private void Forget(int count)
    {
        lock (_lock)
        {
            _window.Forget(_settlingSlots.AsSpan(0, count));
            _settlingCount -= count;
            _settledCount += count;
            _settleProblem = null;
            EndFlushes();
            _room.Set();
        }
    }

    /// <summary>Writes one dead event to the dead letters, and settles it only then.</summary>
    private async ValueTask<bool> BuryAsync(CancellationToken cancellation)
    {
        (int index, int generation, NewEvent letter) = (0, 0, default(NewEvent));
        lock (_lock)
        {
            index = _window.TakeDead();
            if (index < 0) return false;
            generation = _window[index].Generation;
            letter = DeadLetter.Of(_window[index], _options.Name, _environment.Time.GetUtcNow());
        }

        await _deadLetters.AppendAsync(letter, cancellation);
        lock (_lock)
        {
            if (!_window.Bury(index, generation)) return true;
            _dead++;
            AfterChange();
        }

        _metrics.AddDeadLetter();
        return true;
    }

    private async ValueTask<bool> ReleaseAsync(CancellationToken cancellation)
    {
        int partition;
        lock (_lock) partition = _window.TakeDrained();
        if (partition < 0) return false;
        await _source.ReleaseAsync(partition, cancellation);
        return true;
    }

    /// <summary>Waits after a problem, each time twice as long; a member that leaves does not wait.</summary>
    private async Task<TimeSpan> PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _environment.Time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return pause;
        }

        return pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }

    /// <summary>Under the lock.</summary>
    private void EndFlushes()
    {
        for (int i = _flushes.Count - 1; i >= 0; i--)
        {
            if (_flushes[i].Target > _settledCount + _window.DeadLost) continue;
            _environment.Executor.Post(static done => ((TaskCompletionSource)done!).TrySetResult(), _flushes[i].Done);
            _flushes.RemoveAt(i);
        }
    }

    /// <summary>Tells those who wait that the member has left, and that it is not known what the log remembers. Under the lock.</summary>
    private void FailFlushes()
    {
        foreach ((_, TaskCompletionSource done) in _flushes)
            _environment.Executor.Post(static done => ((TaskCompletionSource)done!).TrySetException(new ObjectDisposedException(nameof(EventConsumer))), done);
        _flushes.Clear();
    }
}
