using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>Tasks of its session that it does.</summary>
public sealed partial class Agent
{
    /// <summary>What it is to the tasks of its session; null when it takes none.</summary>
    internal Worker? Worker { get; private set; }

    /// <summary>Whether it would begin a task at once, but for its mailbox.</summary>
    internal bool CanWork => _status is AgentStatus.Idle or AgentStatus.Hibernated or AgentStatus.Starting && !HasEnded;

    /// <summary>Offers itself, when its type takes tasks.</summary>
    internal void OfferForTasks()
    {
        if (!Type.TakesTasks) return;
        Worker = new Worker(this);
        Host.Tasks.Add(Worker);
    }

    /// <summary>Calls for the end of the turn of an attempt, if it is under way.</summary>
    internal void CancelTurnOf(TaskAttempt attempt) => _turn?.Cancel(attempt);

    /// <summary>The turn is put aside until the tasks it waits for have ended.</summary>
    private void AwaitTasks(AgentMessage message, AwaitingTasksException awaited)
    {
        _mailbox.PutBack(message);
        _mailbox.Hold(HoldReasons.AwaitingTasks);
        Host.Tasks.Begin(new TaskWait(awaited.Tasks, awaited.Quorum, () => Wake(HoldReasons.AwaitingTasks)));
    }

    private static async ValueTask DoTaskAsync(IAgentBehavior behavior, AgentTurn turn, TaskAttempt attempt) => attempt.Result = await behavior.OnTaskAsync(turn, attempt);

    /// <summary>The attempt ends with this turn, unless it counts no more.</summary>
    internal void EndAttemptOf(AgentMessage message)
    {
        if (!Host.Tasks.TryEnd((TaskAttempt)message.Asker!)) throw new AttemptLostException();
    }

    /// <summary>A turn that did a task has failed. That is the task's failure, and no reason to think ill of the agent.</summary>
    private async ValueTask OnTaskFailedAsync(AgentTurn turn, AgentMessage message, Exception failure)
    {
        if (Durable is not null) await turn.StoreSpentAsync();
        var attempt = (TaskAttempt)message.Asker!;
        Volatile.Write(ref _failures, _failures + 1);
        LastError = TextOf(failure);
        DisposeBehavior();
        if (!RollsBack(turn, message, failure)) await Host.Tasks.OnFailedAsync(attempt, failure, LastError!);
    }
}

/// <summary>The attempt of the turn counts no more: what the turn did comes to nothing.</summary>
internal sealed class AttemptLostException() : Exception("The task was cancelled, or the attempt was given up for lost.");
