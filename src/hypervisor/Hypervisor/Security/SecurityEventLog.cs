using System.Runtime.InteropServices;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Security;

/// <summary>
/// Security events on their way: what repeats becomes one with a count, what is too much is counted and dropped, and one flow hands the rest on. Never waits and never throws. Thread-safe.
/// </summary>
internal sealed class SecurityEventLog(ISecurityEvents to, SecurityEventOptions options, HostEnvironment environment, TimerQueue timers) : IAsyncDisposable
{
    /// <summary>How many things one agent's repeats are told apart by; what is more is one, so that no agent takes all the room.</summary>
    private const int SubjectsPerAgentMax = 32;

    private const int BatchMax = 256, WhyLengthMax = 1_000;
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<SecurityEvent> _waiting = new();
    private readonly Dictionary<Subject, Repeats> _repeats = [];
    private readonly Dictionary<AgentId, int> _subjectsOf = [];
    private readonly CancellationTokenSource _end = new();
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private long _dropped;
    private long _droppedTold;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Subject(SecurityEventKind Kind, AgentId Agent, string What);

    /// <summary>How many were dropped so far, repeats counted each.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(SecurityEventKind kind, Session session, Agent? agent, string what, string why)
    {
        lock (_lock)
        {
            if (_end.IsCancellationRequested) return;
            AgentId id = agent?.Id ?? default;
            var subject = new Subject(kind, id, what);
            if (!_repeats.ContainsKey(subject) && _subjectsOf.GetValueOrDefault(id) >= SubjectsPerAgentMax) subject = subject with { What = "" };
            var happened = new SecurityEvent(
                environment.Ids.Next<EventKind>(), kind, environment.Time.GetUtcNow(), session.Scope, session.Id, id, agent?.Type.Name ?? "", subject.What,
                why.Length <= WhyLengthMax ? why : why[..WhyLengthMax]);
            if (_repeats.TryGetValue(subject, out Repeats? repeats)) repeats.Add(happened);
            else if (_repeats.Count < options.WaitingMax && TryEnqueue(happened)) Watch(subject);
            else Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Completes when all is handed on that waits, or the time is up.</summary>
    public async Task FlushAsync(TimeSpan patience)
    {
        Task writing;
        lock (_lock)
        {
            foreach (Repeats repeats in _repeats.Values) Tell(repeats);
            writing = _writing;
        }

        try
        {
            await writing.WaitAsync(patience, environment.Time);
        }
        catch (TimeoutException)
        {
            // It was not taken down: whoever was to do so has had its time.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task writing;
        lock (_lock)
        {
            _end.Cancel();
            writing = _writing;
        }

        await writing;
        _end.Dispose();
    }

    private bool TryEnqueue(SecurityEvent happened)
    {
        if (_waiting.Count >= options.WaitingMax) return false;
        _waiting.Enqueue(happened);
        if (_isWriting || _end.IsCancellationRequested) return true;
        _isWriting = true;
        _writing = environment.Executor.RunAsync(WriteAllAsync);
        return true;
    }

    private void Watch(in Subject subject)
    {
        var repeats = new Repeats(this, subject);
        _repeats.Add(subject, repeats);
        CollectionsMarshal.GetValueRefOrAddDefault(_subjectsOf, subject.Agent, out _)++;
        timers.Add(repeats, options.RepeatWindow);
    }

    /// <summary>A window ends: what came again is told, and whoever did not repeat anything is forgotten.</summary>
    private void EndWindow(Repeats repeats)
    {
        lock (_lock)
        {
            if (_end.IsCancellationRequested) return;
            if (repeats.Last is not null)
            {
                Tell(repeats);
                timers.Add(repeats, options.RepeatWindow);
                return;
            }

            _repeats.Remove(repeats.Subject);
            ref int subjects = ref CollectionsMarshal.GetValueRefOrNullRef(_subjectsOf, repeats.Subject.Agent);
            if (--subjects == 0) _subjectsOf.Remove(repeats.Subject.Agent);
        }
    }

    private void Tell(Repeats repeats)
    {
        if (repeats.Last is not { } last) return;
        if (!TryEnqueue(last)) Interlocked.Add(ref _dropped, last.Count);
        repeats.Last = null;
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<SecurityEvent>();
        TimeSpan pause = PauseMin;
        while (Peek(batch, out int waiting, out long dropped))
        {
            try
            {
                await to.WriteAsync(batch, _end.Token);
                pause = PauseMin;
                Forget(waiting, dropped);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever keeps it from taking them down, they come again.
            catch (Exception)
#pragma warning restore CA1031
            {
                if (!await PauseAsync(pause)) return;
                pause = pause * 2 > PauseMax ? PauseMax : pause * 2;
            }
        }
    }

    private bool Peek(List<SecurityEvent> batch, out int waiting, out long dropped)
    {
        batch.Clear();
        lock (_lock)
        {
            batch.AddRange(_waiting.Take(BatchMax));
            waiting = batch.Count;
            dropped = Dropped - _droppedTold;
            _isWriting = waiting > 0;
        }

        if (waiting > 0 && dropped > 0)
            batch.Add(new SecurityEvent(environment.Ids.Next<EventKind>(), SecurityEventKind.EventsDropped, environment.Time.GetUtcNow(), default, default, default, "", "", "Too many came at once.") { Count = dropped });
        return waiting > 0;
    }

    private void Forget(int waiting, long dropped)
    {
        lock (_lock)
        {
            for (int i = 0; i < waiting; i++) _waiting.Dequeue();
            _droppedTold += dropped;
        }
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

    /// <summary>What one agent does again and again.</summary>
    private sealed class Repeats(SecurityEventLog log, Subject subject) : TimerEntry
    {
        public Subject Subject => subject;

        /// <summary>What came again in this window, with how often; null when nothing did.</summary>
        public SecurityEvent? Last { get; set; }

        public void Add(SecurityEvent happened) => Last = happened with { Count = (Last?.Count ?? 0) + 1 };

        public override void Fire() => log.EndWindow(this);
    }
}
