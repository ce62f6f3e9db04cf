using System.Runtime.InteropServices;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Publishing;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Security;

/// <summary>
/// Security events on their way: what repeats becomes one with a count, what is too much is counted and dropped, and one flow hands the rest on. Never waits and never throws. Thread-safe.
/// </summary>
internal sealed class SecurityEventLog(ISecurityEvents to, SecurityEventOptions options, HostEnvironment environment, TimerQueue timers)
    : Outbox<SecurityEvent>(environment, options.WaitingMax)
{
    /// <summary>How many things one agent's repeats are told apart by; what is more is one, so that no agent takes all the room.</summary>
    private const int SubjectsPerAgentMax = 32;

    private const int WhyLengthMax = 1_000;

    private readonly Dictionary<Subject, Repeats> _repeats = [];
    private readonly Dictionary<AgentId, int> _subjectsOf = [];
    private long _dropped;
    private long _droppedTold;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Subject(SecurityEventKind Kind, AgentId Agent, string What);

    /// <summary>How many were dropped so far, repeats counted each.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Add(SecurityEventKind kind, Session session, Agent? agent, string what, string why)
    {
        lock (Gate)
        {
            if (HasEnded) return;
            AgentId id = agent?.Id ?? default;
            var subject = new Subject(kind, id, what);
            if (!_repeats.ContainsKey(subject) && _subjectsOf.GetValueOrDefault(id) >= SubjectsPerAgentMax) subject = subject with { What = "" };
            var happened = new SecurityEvent(
                Environment.Ids.Next<EventKind>(), kind, Environment.Time.GetUtcNow(), session.Scope, session.Id, id, agent?.Type.Name ?? "", subject.What,
                why.Length <= WhyLengthMax ? why : why[..WhyLengthMax]);
            if (_repeats.TryGetValue(subject, out Repeats? repeats)) repeats.Add(happened);
            else if (_repeats.Count < options.WaitingMax && TryAdd(happened)) Watch(subject);
            else Interlocked.Increment(ref _dropped);
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(TimeSpan patience)
    {
        lock (Gate)
        {
            foreach (Repeats repeats in _repeats.Values) Tell(repeats);
        }

        return base.FlushAsync(patience);
    }

    protected override async ValueTask HandOnAsync(IReadOnlyList<SecurityEvent> batch, CancellationToken cancellation)
    {
        long dropped = Dropped - _droppedTold;
        await to.WriteAsync(dropped == 0 ? batch : [.. batch, DroppedEvent(dropped)], cancellation);
        _droppedTold += dropped;
    }

    private SecurityEvent DroppedEvent(long count) =>
        new(Environment.Ids.Next<EventKind>(), SecurityEventKind.EventsDropped, Environment.Time.GetUtcNow(), default, default, default, "", "", "Too many came at once.") { Count = count };

    private bool TryAdd(SecurityEvent happened)
    {
        if (IsFull) return false;
        Add(happened);
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
        lock (Gate)
        {
            if (HasEnded) return;
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
        if (!TryAdd(last)) Interlocked.Add(ref _dropped, last.Count);
        repeats.Last = null;
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
