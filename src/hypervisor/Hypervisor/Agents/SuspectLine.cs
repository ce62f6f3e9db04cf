using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Agents;

/// <summary>
/// Agents that were at the first message of their mailbox when the process ended, and had been at it when it ended before. They begin it again one after the other, so that the one which ends the process comes
/// to be the only one that was at work each time, and whoever has a long turn beside it is not blamed. The next begins when the one before has ended its turn or has had its time.
/// Those that were at work at most deaths come first; of those with as many, in one order or the reverse by turns, so that who ends the process is before those it had taken along, the next time at the latest.
/// </summary>
internal sealed class SuspectLine(AgentHost host)
{
    /// <summary>What the first has for itself who was at work at one death; it doubles with each, as who is still there may need longer to end the process.</summary>
    internal static readonly TimeSpan TimeAlone = TimeSpan.FromMilliseconds(200);

    private const int DoublingsMax = 4;

    private readonly Lock _lock = new();
    private readonly Stack<Suspect> _waiting = new();
    private List<Suspect> _arriving = [];
    private volatile Suspect? _current;

    /// <summary>Before <see cref="Begin"/>: the agent is held until it is its turn.</summary>
    public void Add(Agent agent, long message, int times) => _arriving.Add(new Suspect(this, agent, message, times));

    public void Begin()
    {
        foreach (Suspect last in _arriving.OrderBy(static suspect => suspect.Times).ThenBy(static suspect => suspect.Times % 2 == 0 ? suspect.Message : -suspect.Message)) _waiting.Push(last);
        _arriving = [];
        GoOnAfter(null);
    }

    /// <summary>The agent is through with its message, or has come into quarantine.</summary>
    public void OnOver(Agent agent)
    {
        if (_current is { } current && current.Agent == agent) GoOnAfter(current);
    }

    private void GoOnAfter(Suspect? over)
    {
        Suspect? next;
        lock (_lock)
        {
            if (_current != over) return;
            _ = _waiting.TryPop(out next);
            _current = next;
        }

        over?.Cancel();
        if (next is null) return;
        host.Timers.Add(next, TimeAlone * (1 << Math.Min(next.Times - 1, DoublingsMax)));
        next.Agent.LeaveLine();
    }

    private sealed class Suspect(SuspectLine line, Agent agent, long message, int times) : TimerEntry
    {
        public Agent Agent => agent;

        public long Message => message;

        public int Times => times;

        public override void Fire() => line.GoOnAfter(this);
    }
}
