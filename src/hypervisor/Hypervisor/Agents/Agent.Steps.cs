using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>Steps whose outcome nobody knows, and how a person settles them.</summary>
public sealed partial class Agent
{
    private UnknownStep? _unknownStep;

    /// <summary>The step the agent rests for; null when it rests for none.</summary>
    public UnknownStep? UnknownStep => Volatile.Read(ref _unknownStep);

    /// <summary>Says what came of the step the agent rests for, and lets it go on with that result. False when it rests for none.</summary>
    /// <exception cref="HypervisorException">It could not be stored.</exception>
    public ValueTask<bool> SettleStepAsync(ReadOnlyMemory<byte> result, string reason) => AnswerAsync(result, reason);

    /// <summary>Says that the step the agent rests for is to be asked for again, with the same key. False when it rests for none.</summary>
    /// <exception cref="HypervisorException">It could not be stored.</exception>
    public ValueTask<bool> RepeatStepAsync(string reason) => AnswerAsync(null, reason);

    private async ValueTask<bool> AnswerAsync(ReadOnlyMemory<byte>? result, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        UnknownStep? step = Interlocked.Exchange(ref _unknownStep, null);
        if (step is null) return false;
        var facts = new FactWriter();
        List<StepImage> steps = Durable!.Steps;
        steps.RemoveAll(other => other.Message == step.Message && other.Index == step.Index);
        if (result is { } bytes)
        {
            var settled = new StepImage(step.Message, step.Index, step.Name, bytes);
            settled.Write(facts, Id);
            steps.Add(settled);
        }
        else
        {
            facts.Fact(FactKind.StepForgotten, Id).Put(step.Message).Put((long)step.Index);
        }

        await Host.Ledger!.CommitAsync(facts.Written);
        await ResumeAsync(reason);
        return true;
    }

    /// <summary>Rests, with the message kept, until a person answers.</summary>
    private async ValueTask RestForAsync(AgentMessage message, OutcomeUnknownException unknown)
    {
        _mailbox.PutBack(message);
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Stopping || HasEnded) return;
            Hold(HoldReasons.Suspended, unknown.Message);
            Volatile.Write(ref _unknownStep, unknown.Step);
        }

        await StoreAsync(FactKind.AgentHeld, HoldReasons.Suspended, unknown.Message);
    }
}
