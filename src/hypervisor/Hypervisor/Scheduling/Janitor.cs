using Sirsi.Hypervisor.Agents;

namespace Sirsi.Hypervisor.Scheduling;

/// <summary>
/// Lets agents hibernate that have rested for long. It looks at all of them in rounds, so an agent that comes to rest only notes the number of the round; it has no timer while all who
/// may hibernate do. When memory is scarce it lets those hibernate that have rested longest, however short that is.
/// </summary>
internal sealed class Janitor(AgentHost host, TimeSpan period, Func<double>? pressure) : TimerEntry
{
    private const double PressureMax = 0.9;


    private long _round;
    private int _awake;
    private int _isArmed;

    /// <summary>The number of the round under way.</summary>
    public long Round => Volatile.Read(ref _round);

    /// <summary>An agent that may hibernate is in memory.</summary>
    public void Woke()
    {
        Interlocked.Increment(ref _awake);
        ArmIfNeeded();
    }

    /// <summary>One of them is not any more.</summary>
    public void Slept() => Interlocked.Decrement(ref _awake);

    public override void Fire()
    {
        long round = Interlocked.Increment(ref _round);
        Volatile.Write(ref _isArmed, 0);
        host.Environment.Executor.Post(static state =>
        {
            (Janitor janitor, long round) = ((Janitor, long))state!;
            janitor.Look(round);
        }, (this, round));
    }

    private void Look(long round)
    {
        foreach (Agent agent in host.AllAgents())
        {
            // An agent that came to rest late in a round has rested for less than that round.
            if (agent.Type.Rest is { } rest) agent.HibernateIfRestingSince(round - 1 - (long)Math.Ceiling(rest / period));
        }

        if (pressure?.Invoke() >= PressureMax) Relieve();
        ArmIfNeeded();
    }

    /// <summary>A quarter of those in memory leave it, who have rested longest first; the next round sees whether that was enough.</summary>
    private void Relieve()
    {
        int leaving = (Volatile.Read(ref _awake) + 3) / 4;
        foreach (Agent agent in host.AllAgents().Where(static agent => agent is { Type.Rest: not null, IsResting: true }).OrderBy(static agent => agent.RestsSince).Take(leaving))
            agent.HibernateIfRestingSince(long.MaxValue);
    }

    private void ArmIfNeeded()
    {
        if (Volatile.Read(ref _awake) > 0 && Interlocked.Exchange(ref _isArmed, 1) == 0) host.Timers.Add(this, period);
    }
}
