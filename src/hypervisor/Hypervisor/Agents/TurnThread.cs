namespace Sirsi.Hypervisor.Agents;

/// <summary>
/// The turns that one thread of the executor runs one after another, as long as none of them waits. Whom a turn sends to as its last act, and who rested, goes on on the same thread when the sender has nothing left to do:
/// two that write to each other then cost no trip through the executor's queue, and stay in one core's caches. As many turns as an agent may have in a row are all that may come of it, so others wait no longer than they
/// would for one. Used by its thread only.
/// </summary>
internal sealed class TurnThread
{
    [ThreadStatic]
    private static TurnThread? _current;

    private Agent? _running;
    private Agent? _next;

    /// <summary>How many turns are left to it.</summary>
    public int Left { get; set; }

    /// <summary>Runs the agent and who is next after it, up to so many turns.</summary>
    public static void Run(Agent first, int turnsMax)
    {
        TurnThread thread = _current ??= new TurnThread();
        thread.Left = turnsMax;
        Agent? agent = first;
        while (agent is not null)
        {
            thread._running = agent;
            _ = agent.RunAsync(thread);
            agent = thread.Left > 0 ? thread.TakeNext() : null;
        }

        thread.Close();
    }

    /// <summary>Takes an agent that <paramref name="sender"/> has woken, as the last act of a turn on this thread; false when it has to be posted.</summary>
    public static bool TryTake(Agent sender, Agent woken)
    {
        if (_current is not { _next: null } thread || thread._running != sender) return false;
        thread._next = woken;
        return true;
    }

    /// <summary>The agent under way goes on for now: who is next is to be run by whoever has time.</summary>
    public void GiveNextAway() => TakeNext()?.Post();

    /// <summary>The agent under way goes on elsewhere.</summary>
    public void Close()
    {
        _running = null;
        GiveNextAway();
    }

    private Agent? TakeNext()
    {
        Agent? next = _next;
        _next = null;
        return next;
    }
}
