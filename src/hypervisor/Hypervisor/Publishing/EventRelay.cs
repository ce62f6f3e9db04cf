using Sirsi.Bus;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>
/// Publishes what turns promised, in the order of its coming: at once when the bus takes it, and else again after pauses that grow, until it does. What the journal has is forgotten there when the bus
/// has it; a crash between the two publishes it again, under the same id. One loop, which the host owns. Thread-safe.
/// </summary>
internal sealed class EventRelay(EventBus bus, HostLedger? ledger, HostEnvironment environment, int waitingMax) : IAsyncDisposable
{
    private const int BatchMax = 256;
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(10);

    private readonly Queue<OutgoingEvent> _waiting = new();
    private readonly CancellationTokenSource _end = new();
    private Task _publishing = Task.CompletedTask;
    private bool _isPublishing;

    /// <summary>How many wait for the bus.</summary>
    public int Count
    {
        get
        {
            lock (_waiting) return _waiting.Count;
        }
    }

    /// <summary>Whether so many wait that turns are to promise no more.</summary>
    public bool IsFull => Count >= waitingMax;

    /// <summary>Why the bus did not take the first of them when it was tried last; empty when it did.</summary>
    public string Problem { get; private set; } = "";

    /// <exception cref="ArgumentException">The event breaks a rule of the bus.</exception>
    /// <exception cref="BusException">The bus would refuse it.</exception>
    public void ThrowUnlessPublishable(OutgoingEvent happened) => bus.ThrowUnlessPublishable(happened.ToMessage());

    public void Add(OutgoingEvent happened)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(happened);
            if (_isPublishing || _end.IsCancellationRequested) return;
            _isPublishing = true;
            _publishing = environment.Executor.RunAsync(PublishAllAsync);
        }
    }

    /// <summary>Completes when all is published that waits, or the time is up.</summary>
    public async Task FlushAsync(TimeSpan patience)
    {
        Task publishing;
        lock (_waiting) publishing = _publishing;
        try
        {
            await publishing.WaitAsync(patience, environment.Time);
        }
        catch (TimeoutException)
        {
            // What the journal has is published when the host is opened again.
        }
    }

    /// <summary>Ends publishing.</summary>
    public async ValueTask DisposeAsync()
    {
        Task publishing;
        lock (_waiting)
        {
            _end.Cancel();
            publishing = _publishing;
        }

        await publishing;
        _end.Dispose();
    }

    private async Task PublishAllAsync()
    {
        var batch = new List<OutgoingEvent>();
        TimeSpan pause = PauseMin;
        while (Peek(batch))
        {
            try
            {
                await bus.PublishAsync(batch.Select(static happened => happened.ToMessage()).ToArray(), _end.Token);
                (Problem, pause) = ("", PauseMin);
                await ForgetAsync(batch);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Nothing ends publishing but the host: a bus that was disposed of before it, too, is one that takes nothing.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Problem = failure.Message;
                if (!await PauseAsync(pause)) return;
                pause = pause * 2 > PauseMax ? PauseMax : pause * 2;
            }
        }
    }

    /// <summary>The first of those that wait; false when there is none, and the loop has ended.</summary>
    private bool Peek(List<OutgoingEvent> batch)
    {
        batch.Clear();
        lock (_waiting)
        {
            batch.AddRange(_waiting.Take(BatchMax));
            _isPublishing = batch.Count > 0;
            return _isPublishing;
        }
    }

    private async Task ForgetAsync(List<OutgoingEvent> batch)
    {
        var facts = new FactWriter();
        foreach (OutgoingEvent happened in batch)
        {
            if (happened.IsStored) facts.Fact(FactKind.EventPublished, happened.Agent).Put(happened.Number);
        }

        lock (_waiting)
        {
            for (int i = 0; i < batch.Count; i++) _waiting.Dequeue();
        }

        if (facts.Length > 0) await ledger!.AppendAsync(facts.Written);
    }

    private async Task<bool> PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, environment.Time, _end.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
