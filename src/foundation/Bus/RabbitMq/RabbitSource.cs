using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.RabbitMq;

/// <summary>
/// A member of a group: consumes the queues of the partitions that are for it. The queue's single active consumer is the lease: whoever consumes first is given all, the next one
/// only when that one's channel is closed and what it had is back in the queue.
/// </summary>
internal sealed class RabbitSource : EventSource
{
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(200);

    private readonly RabbitLog _log;
    private readonly GroupOptions _group;
    private readonly int _aheadMax;
    private readonly Signal _wake;
    private readonly Signal _stir;
    private readonly RabbitMembers _members;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Place[] _places;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Outage _outage;
    private Task _loop = Task.CompletedTask;
    private bool _isQueueMissing;
    private int _firstPartition;

    public RabbitSource(RabbitLog log, GroupOptions group, int aheadMax, HostEnvironment environment)
    {
        (_log, _group, _aheadMax) = (log, group, aheadMax);
        _wake = new Signal(environment.Executor);
        _stir = new Signal(environment.Executor);
        _outage = new Outage(_wake);
        _members = new RabbitMembers(log.Link, log.Names.Members(group.Name), _stir.Set);
        _timer = environment.Time.CreateTimer(static stir => ((Signal)stir!).Set(), _stir, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _places = [.. Enumerable.Range(0, log.Partitions).Select(static _ => new Place())];
    }

    /// <summary>What this member was given and has not settled.</summary>
    public long Unsettled
    {
        get
        {
            lock (_lock) return _places.Sum(static place => place.Feed?.Unsettled ?? 0);
        }
    }

    public int Members => _members.Count;

    public string Group => _group.Name;

    public void Start(HostEnvironment environment) => _loop = environment.Executor.RunAsync(KeepAsync);

    public override async ValueTask FetchAsync(EventBlock block, CancellationToken cancellation)
    {
        int before = block.Count;
        List<Settlement> unwanted = [];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isChanged = TellChanges(block);
            bool isFull = Drain(block, unwanted);
            foreach (Settlement done in unwanted) await SettleAsync(done);
            unwanted.Clear();
            if (block.Count > before || isChanged || isFull || _outage.HasEnded()) return;
            await _wake.WaitAsync(cancellation);
        }
    }

    public override async ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation)
    {
        for (int i = 0; i < settled.Length; i++) await SettleAsync(settled.Span[i]);
    }

    public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_places[partition].Standing == PlaceStanding.Leaving) _places[partition].Standing = PlaceStanding.Released;
        }

        _stir.Set();
        return default;
    }

    public override async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        _stir.Set();
        await _loop;
        await _timer.DisposeAsync();
        _log.Leave(this);
        foreach (Place place in _places)
            if (place.Feed is { } feed) await feed.DisposeAsync();
        await _members.DisposeAsync();
        _stopping.Dispose();
    }

    private static ValueTask SettleAsync(in Settlement settled) =>
        settled.Token is Receipt receipt ? receipt.Feed.AcknowledgeAsync(receipt.Tag) : default;

    private bool TellChanges(EventBlock block)
    {
        bool any = false, isLoss = false;
        lock (_lock)
        {
            for (int partition = 0; partition < _places.Length; partition++)
            {
                Place place = _places[partition];
                if (place.Standing == PlaceStanding.Wanted)
                {
                    place.Standing = PlaceStanding.Leaving;
                    block.WantElsewhere(partition);
                    any = true;
                }
                else if (place.Standing is PlaceStanding.Mine or PlaceStanding.Leaving && place.Feed!.IsClosed)
                {
                    place.Standing = PlaceStanding.Released;
                    block.Lose(partition);
                    any = isLoss = true;
                }
            }
        }

        if (isLoss) _stir.Set();
        return any;
    }

    private bool Drain(EventBlock block, List<Settlement> unwanted)
    {
        lock (_lock)
        {
            _firstPartition = (_firstPartition + 1) % _places.Length;
            for (int i = 0; i < _places.Length; i++)
            {
                int partition = (_firstPartition + i) % _places.Length;
                if (_places[partition] is not { Standing: PlaceStanding.Mine, Feed: { IsClosed: false } feed }) continue;
                for (; feed.TryPeek(out RabbitEntry entry); feed.Advance())
                {
                    var token = new Receipt(feed, entry.Tag);
                    BlockAddition addition = block.TryAdd(partition, entry.Position, entry.Deliveries, entry.Bytes, token);
                    if (addition == BlockAddition.Full) return true;
                    if (addition == BlockAddition.Unwanted) unwanted.Add(new Settlement(partition, entry.Position, token));
                }
            }
        }

        return false;
    }

    private async Task KeepAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan pause = _members.Beat;
            try
            {
                await _members.PassAsync();
                if (_isQueueMissing) await _log.MakeGroupAsync(_group, CancellationToken.None);
                _isQueueMissing = false;
                for (int partition = 0; partition < _places.Length && !_stopping.IsCancellationRequested; partition++) await FollowAsync(partition);
                _outage.End();
            }
            catch (Exception problem)
            {
                // What was given is lost, which the consumer hears from its next fetch.
                BusException failure = problem as BusException ?? _log.Link.Failure(problem);
                _isQueueMissing = RabbitLink.IsOfAMissingQueue(failure.InnerException);
                _outage.Begin(failure);
                pause = FailurePause;
            }

            _timer.Change(pause, Timeout.InfiniteTimeSpan);
            await _stir.WaitAsync();
        }
    }

    private async ValueTask FollowAsync(int partition)
    {
        Place place = _places[partition];
        RabbitFeed? ending = null;
        bool isOpening = false;
        lock (_lock)
        {
            bool isMine = _members.IsMine(partition);
            switch (place.Standing)
            {
                case PlaceStanding.Elsewhere:
                    isOpening = isMine;
                    break;
                case PlaceStanding.Mine when !isMine:
                    place.Standing = PlaceStanding.Wanted;
                    _wake.Set();
                    break;
                case PlaceStanding.Wanted when isMine:
                    place.Standing = PlaceStanding.Mine;
                    break;
                case PlaceStanding.Released:
                    (ending, place.Feed, place.Standing) = (place.Feed, null, PlaceStanding.Elsewhere);
                    isOpening = isMine;
                    break;
            }
        }

        if (ending is not null) await ending.DisposeAsync();
        if (!isOpening) return;
        RabbitFeed feed = await RabbitFeed.OpenAsync(_log.Link, _log.Names.Queue(_group.Name, partition), _aheadMax, acknowledges: true, _wake);
        lock (_lock) (place.Feed, place.Standing) = (feed, PlaceStanding.Mine);
        _wake.Set();
    }

    private enum PlaceStanding
    {
        Elsewhere,
        Mine,
        Wanted,
        Leaving,
        Released,
    }

    private sealed class Place
    {
        public PlaceStanding Standing { get; set; }

        public RabbitFeed? Feed { get; set; }
    }

    private sealed record Receipt(RabbitFeed Feed, ulong Tag);
}
