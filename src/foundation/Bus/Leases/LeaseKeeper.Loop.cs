namespace Sirsi.Bus.Leases;

/// <summary>The loop that beats, takes and gives away.</summary>
internal sealed partial class LeaseKeeper
{
    private const int RosterTriesMax = 8;

    /// <summary>How long deliveries are gathered before their attempts are written: what kills a process sooner is not counted.</summary>
    private static readonly TimeSpan MarkDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ConflictPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly Signal _stir;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;
    private long _beatAt;
    private bool _isStirred = true;
    private bool _isMarking;
    private bool _isMember;

    /// <summary>Begins to beat.</summary>
    public void Start() => _loop = _environment.Executor.RunAsync(KeepAsync);

    /// <summary>Leaves the group, giving back what is held, if the server answers; else others find out by themselves.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        _stir.Set();
        await _loop;
        await _timer.DisposeAsync();
        lock (_lock)
        {
            foreach (Holding holding in _holdings)
                if (holding.IsHeld && holding.Standing != Standing.Released) holding.Release();
        }

        try
        {
            using var limit = new CancellationTokenSource(_options.Lease, _environment.Time);
            await WriteAsync(limit.Token);
            await ChangeRosterAsync(roster => roster.Without(entry => entry.Id == _id), limit.Token);
            _log.Poke();
        }
        catch (Exception problem) when (problem is BusException or OperationCanceledException)
        {
            // The lease runs out by itself.
        }

        _stopping.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                pause = await PassAsync(_stopping.Token);
                Outage.End();
            }
            catch (BusException problem)
            {
                Outage.Begin(problem);
                pause = FailurePause;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            lock (_lock)
            {
                LoseAllWhenExpired();
                _timer.Change(_isMarking ? MarkDelay : pause, Timeout.InfiniteTimeSpan);
            }

            await _stir.WaitAsync();
        }
    }

    /// <summary>Does what is due; gives how long nothing else is.</summary>
    private async ValueTask<TimeSpan> PassAsync(CancellationToken cancellation)
    {
        lock (_lock) _isMarking = false;
        bool isLook = Interlocked.Exchange(ref _isStirred, false);
        bool isConflict = false;
        if (isLook || SinceBeat >= _options.Beat)
        {
            Roster? roster = await BeatAsync(cancellation);
            isConflict = roster is null;
            if (roster is not null) await FollowAsync(roster, cancellation);
        }

        await WriteAsync(cancellation);
        TimeSpan rest = _options.Beat - SinceBeat;
        return isConflict ? ConflictPause : rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private TimeSpan SinceBeat => _beatAt == 0 ? TimeSpan.MaxValue : _environment.Time.GetElapsedTime(_beatAt);

    /// <summary>Shows that this member lives, and drops those that do not; null when others were always quicker.</summary>
    private async ValueTask<Roster?> BeatAsync(CancellationToken cancellation)
    {
        bool isNews = false;
        long start = 0;
        bool isDue = SinceBeat >= _options.Beat;
        bool wasWritten = false;
        Roster? roster = await ChangeRosterAsync(
            roster =>
            {
                start = _environment.Time.GetTimestamp();
                bool isIn = roster.Has(_id);
                if (!isIn) LeaveUnlessMember();
                HashSet<Guid> gone = _watch.Look(roster, _id);
                isNews = !isIn || gone.Count > 0;
                wasWritten = isNews || isDue;
                if (!wasWritten) return roster;
                if (gone.Count > 0) roster = roster.Without(entry => gone.Contains(entry.Id));
                return isIn ? roster.WithBeat(_id) : roster.With(_id);
            },
            cancellation);
        if (roster is null) return null;
        if (wasWritten)
        {
            // From before the writing: others see the beat later than that.
            lock (_lock) (_beatAt, _isMember) = (start, true);
        }

        if (isNews) _log.Poke();
        return roster;
    }

    /// <summary>Others dropped this member from the roster: what it had is theirs.</summary>
    private void LeaveUnlessMember()
    {
        lock (_lock)
        {
            if (!_isMember) return;
            _isMember = false;
            LoseAll();
        }
    }

    private async ValueTask<Roster?> ChangeRosterAsync(Func<Roster, Roster> change, CancellationToken cancellation)
    {
        var name = new CellName(_group, CellName.Roster);
        for (int i = 0; i < RosterTriesMax; i++)
        {
            Cell cell = await _log.Cells.ReadAsync(name, cancellation);
            Roster before = Roster.Decode(cell, _log.Partitions), after = change(before);
            if (ReferenceEquals(before, after) || await _log.Cells.WriteAsync(name, after.Encode(), cell.Revision, cancellation) != 0) return after;
        }

        return null;
    }

    /// <summary>Takes what is free and for this member; wants to give what is for others.</summary>
    private async ValueTask FollowAsync(Roster roster, CancellationToken cancellation)
    {
        List<Holding> free = [];
        bool isWanted = false;
        lock (_lock)
        {
            foreach (Holding holding in _holdings)
            {
                bool isTarget = roster.Targets[holding.Partition] == _id;
                if (isTarget && holding is { IsHeld: false, IsLossUntold: false }) free.Add(holding);
                else if (isTarget && holding.Standing == Standing.Wanted) holding.Keep();
                else if (!isTarget && holding.Standing == Standing.Mine) holding.Want();
                isWanted |= holding.Standing == Standing.Wanted;
            }
        }

        if (isWanted) _wake.Set();
        await Task.WhenAll(free.Select(holding => TakeAsync(holding, roster, cancellation)));
    }

    private async Task TakeAsync(Holding holding, Roster roster, CancellationToken cancellation)
    {
        var name = new CellName(_group, holding.Partition);
        Cell cell = await _log.Cells.ReadAsync(name, cancellation);
        PartitionRecord record = cell.Exists ? PartitionRecord.Decode(cell.Value.Span) : PartitionRecord.New(0);
        if (record.Owner != Guid.Empty && record.Owner != _id && roster.Has(record.Owner)) return;
        PartitionRecord mine = record with { Owner = _id, Epoch = record.Epoch + 1 };
        long revision = await _log.Cells.WriteAsync(name, mine.Encode(), cell.Revision, cancellation);
        if (revision == 0) return;
        lock (_lock) holding.Take(revision, mine);
        _wake.Set();
    }
}
