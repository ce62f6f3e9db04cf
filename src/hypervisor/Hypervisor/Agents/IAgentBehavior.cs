using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>
/// What an agent does. Called for one message at a time, never twice at once. What it does through the turn comes out whole when the returned task
/// completes, and not at all when it fails. An instance belongs to one agent and may keep fields, but only as a cache: after a failure, a restart or a rest another
/// instance goes on from the agent's variables. Disposed of when it is an <see cref="IDisposable"/>.
/// </summary>
public interface IAgentBehavior
{
    /// <summary>The agent begins; once in its life, before any message.</summary>
    ValueTask OnStartAsync(AgentTurn turn) => ValueTask.CompletedTask;

    /// <summary>A message came.</summary>
    ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message);

    /// <summary>The host has something to say: <see cref="HostEvents"/> names what. By default it is let pass.</summary>
    ValueTask OnEventAsync(AgentTurn turn, AgentMessage happened) => ValueTask.CompletedTask;

    /// <summary>
    /// A task of the session is to be done (<see cref="AgentType.TakesTasks"/>). What the turn does comes out together with the task's end, or not at all; an attempt that was given up for lost comes to nothing. By default there is no way.
    /// </summary>
    /// <param name="turn">The turn.</param>
    /// <param name="attempt">The attempt: what is to be done, and under which number.</param>
    /// <returns>What came of it. What is thrown fails the attempt (<see cref="TaskFailedException"/> says how).</returns>
    ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt) =>
        throw new InvalidOperationException("The agent's behaviour does no tasks.");

    /// <summary>
    /// The agent's variables have the form of an earlier version of its type (<see cref="AgentType.StateVersion"/>): brings them into this one's. Called before the message of the same turn, and comes out with it or not at all. By
    /// default there is no way.
    /// </summary>
    /// <param name="turn">The turn.</param>
    /// <param name="from">The form they have.</param>
    ValueTask MigrateStateAsync(AgentTurn turn, int from) =>
        throw new InvalidOperationException($"The agent's variables have form {from}, and its type does not say how they come into another.");

    /// <summary>The agent is asked to end: its last turn.</summary>
    ValueTask OnStopAsync(AgentTurn turn) => ValueTask.CompletedTask;
}
