using System.Runtime.CompilerServices;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>A mistake in a turn, before or after what the behaviour does in it.</summary>
internal abstract class TurnMistake : Mistake
{
    public sealed override AgentType In(AgentType type, SimulatedWorld world) => type with { CreateBehavior = () => new Mistaken(type.CreateBehavior(), this, world) };

    protected virtual void Before(TaskAttempt attempt, SimulatedWorld world)
    {
    }

    protected virtual void After(TaskAttempt attempt)
    {
    }

    protected virtual void After(AgentTurn turn)
    {
    }

    private sealed class Mistaken(IAgentBehavior behavior, TurnMistake mistake, SimulatedWorld world) : IAgentBehavior
    {
        public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            await behavior.OnMessageAsync(turn, message);
            mistake.After(turn);
        }

        public async ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt)
        {
            mistake.Before(attempt, world);
            ReadOnlyMemory<byte> result = await behavior.OnTaskAsync(turn, attempt);
            mistake.After(attempt);
            return result;
        }
    }
}

/// <summary>An attempt of a task that was given up may still end it.</summary>
internal sealed class MissingFence : TurnMistake
{
    protected override void After(TaskAttempt attempt)
    {
        if (attempt.IsCurrent) return;
        // One of two that run, or one more than before.
        if (attempt.Task.Current is null) RunningOf(attempt.Task.Session.Host.Tasks)++;
        attempt.Task.Current = attempt;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_running")]
    private static extern ref int RunningOf(TaskDispatcher tasks);
}

/// <summary>A task is taken from its agent, and given to another, before its time is over.</summary>
internal sealed class ShortLease : TurnMistake
{
    protected override void Before(TaskAttempt attempt, SimulatedWorld world) => _ = TakeAwayAsync(attempt, world);

    private static async Task TakeAwayAsync(TaskAttempt attempt, SimulatedWorld world)
    {
        await Task.Delay(attempt.Spec.Timeout / 4, world.Environment.Time);
        ((IAsker)attempt).Answer(new AgentReply(ReplyOutcome.Failed, default, SendOutcome.Accepted, "Its time is said to be over."));
    }
}

/// <summary>A write of a turn to the context is not checked again when it is stored.</summary>
internal sealed class BlindWrite : TurnMistake
{
    protected override void After(AgentTurn turn)
    {
        List<ContextIntent>? writes = WritesOf(turn);
        for (int i = 0; i < writes?.Count; i++) writes[i] = writes[i] with { Expected = null };
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_contextWrites")]
    private static extern ref List<ContextIntent>? WritesOf(AgentTurn turn);
}
