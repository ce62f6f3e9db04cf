using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor;

/// <summary>Waiting until nothing is under way.</summary>
public sealed partial class AgentHost
{
    private static readonly TimeSpan RestPeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Waits until all agents have come to rest: none has a turn, is pausing after a failure or is ending, and whatever waits in a mailbox waits for a person. What schedules, expiries and
    /// senders outside bring later is not waited for. Looks at every agent some times a second: for programs that do a thing and end, not for servers.
    /// </summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellation">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>True when there was such a moment; false when there was none in time.</returns>
    public async Task<bool> RestAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        TimeProvider time = Environment.Time;
        long began = time.GetTimestamp();
        while (!IsAtRest())
        {
            if (time.GetElapsedTime(began) >= timeout) return false;
            await Task.Delay(RestPeriod, time, cancellation);
        }

        return true;
    }

    private async Task AwaitOwnedAsync(TimeSpan patience)
    {
        Task[] owned;
        lock (_owned) owned = [.. _owned];
        try
        {
            await Task.WhenAll(owned).WaitAsync(patience, Environment.Time);
        }
        catch (TimeoutException)
        {
            // What waits for a disk or a database that takes nothing is told so when the ledger is closed.
        }
    }

    /// <summary>
    /// Agents are looked at one after the other, and work may pass meanwhile from one not yet looked at to one that was. It is seen by the second look, or else was a message made meanwhile.
    /// </summary>
    private bool IsAtRest()
    {
        long made = Interlocked.Read(ref _lastNumber);
        return AllAreAtRest() && AllAreAtRest() && made == Interlocked.Read(ref _lastNumber);
    }

    private bool AllAreAtRest()
    {
        lock (_owned)
        {
            if (_owned.Count > 0) return false;
        }

        if (!Tasks.IsAtRest) return false;
        Session[] sessions;
        lock (_lock) sessions = [.. _sessions.Values];
        foreach (Session session in sessions)
        {
            if (session.Status is SessionStatus.Closing) return false;
            foreach (Agent agent in session.Agents())
                if (!agent.IsAtRest) return false;
        }

        return true;
    }
}
