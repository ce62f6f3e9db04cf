using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>
/// Things on their way to somebody who may be slow or gone. They wait in the order of their coming, and one flow hands them on in batches; what is not taken comes again after pauses that grow, until it is. Thread-safe.
/// </summary>
internal abstract class Outbox<T>(HostEnvironment environment, int waitingMax) : IAsyncDisposable
{
    private const int BatchMax = 256, PauseMinMs = 100, PauseMaxMs = 10_000;

    private readonly Queue<T> _waiting = new();
    private readonly CancellationTokenSource _end = new();
    private Task _flow = Task.CompletedTask;
    private bool _flows;

    /// <summary>Guards what waits; whoever adds things by rules of its own keeps to the same lock.</summary>
    protected Lock Gate { get; } = new();

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (Gate) return _waiting.Count;
        }
    }

    /// <summary>Whether as many wait as should.</summary>
    public bool IsFull => Count >= waitingMax;

    /// <summary>Whether so few wait that there is room for what may be let go as well.</summary>
    public bool HasRoomToSpare => Count < waitingMax / 2;

    /// <summary>Why the first of them were not taken when that was tried last; empty when they were.</summary>
    public string Problem { get; private set; } = "";

    protected HostEnvironment Environment => environment;

    /// <summary>Whether nothing is handed on any more.</summary>
    protected bool HasEnded => _end.IsCancellationRequested;

    /// <summary>Takes it, also when as many wait as should: whoever may do without asks <see cref="IsFull"/> first.</summary>
    public void Add(T thing)
    {
        lock (Gate)
        {
            _waiting.Enqueue(thing);
            if (_flows || HasEnded) return;
            _flows = true;
            _flow = environment.Executor.RunAsync(HandAllOnAsync);
        }
    }

    /// <summary>Completes when all is handed on that waits, or the time is up.</summary>
    public virtual async Task FlushAsync(TimeSpan patience)
    {
        Task flow;
        lock (Gate) flow = _flow;
        try
        {
            await flow.WaitAsync(patience, environment.Time);
        }
        catch (TimeoutException)
        {
            // Whoever was to take them has had its time; what the journal has comes again when the host is opened.
        }
    }

    /// <summary>Hands nothing more on.</summary>
    public async ValueTask DisposeAsync()
    {
        Task flow;
        lock (Gate)
        {
            _end.Cancel();
            flow = _flow;
        }

        await flow;
        _end.Dispose();
    }

    /// <summary>Hands on what waited longest. What it throws is why they come again.</summary>
    protected abstract ValueTask HandOnAsync(IReadOnlyList<T> batch, CancellationToken cancellation);

    /// <summary>They were taken, and wait no more.</summary>
    protected virtual ValueTask OnHandedOnAsync(IReadOnlyList<T> batch) => ValueTask.CompletedTask;

    private async Task HandAllOnAsync()
    {
        var batch = new List<T>();
        int pause = PauseMinMs;
        while (Peek(batch))
        {
            try
            {
                await HandOnAsync(batch, _end.Token);
                (Problem, pause) = ("", PauseMinMs);
                Remove(batch.Count);
                await OnHandedOnAsync(batch);
            }
            catch (OperationCanceledException) when (HasEnded)
            {
                return;
            }
#pragma warning disable CA1031 // Nothing ends it but the host: whoever was disposed of before, too, is one that takes nothing.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Problem = failure.Message;
                if (!await PauseAsync(pause)) return;
                pause = Math.Min(2 * pause, PauseMaxMs);
            }
        }
    }

    /// <summary>The first of those that wait; false when there is none, and the flow has ended.</summary>
    private bool Peek(List<T> batch)
    {
        batch.Clear();
        lock (Gate)
        {
            batch.AddRange(_waiting.Take(BatchMax));
            _flows = batch.Count > 0;
            return _flows;
        }
    }

    private void Remove(int count)
    {
        lock (Gate)
        {
            for (; count > 0; count--) _waiting.Dequeue();
        }
    }

    private async Task<bool> PauseAsync(int milliseconds)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), environment.Time, _end.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
