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
    /// <exception cref="HypervisorException">It could not be stored: the agent still rests for it.</exception>
    public ValueTask<bool> SettleStepAsync(ReadOnlyMemory<byte> result, string reason) => SettleAsync(result, reason);

    /// <summary>Says that the step the agent rests for is to be asked for again, with the same key. False when it rests for none.</summary>
    /// <exception cref="HypervisorException">It could not be stored: the agent still rests for it.</exception>
    public ValueTask<bool> RepeatStepAsync(string reason) => SettleAsync(null, reason);

    private async ValueTask<bool> SettleAsync(ReadOnlyMemory<byte>? result, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        UnknownStep? step = Interlocked.Exchange(ref _unknownStep, null);
        if (step is null) return false;
        var facts = new FactWriter();
        StepImage? settled = result is { } bytes ? new StepImage(step.Message, step.Index, step.Name, bytes) : null;
        if (settled is not null) settled.Write(facts, Id);
        else facts.Fact(FactKind.StepForgotten, Id).Put(step.Message).Put((long)step.Index);
        if (settled is not null) WriteUnknownSteps(facts);
        // That it goes on is in the same record: after a crash between two it would rest, and nobody would be asked.
        facts.Fact(FactKind.AgentReleased, Id).Put(Id, new StatusChange(AgentStatus.Idle, Host.Environment.Time.GetUtcNow(), reason));
        try
        {
            await Host.Ledger!.AppendAsync(facts.Written);
        }
        catch (HypervisorException)
        {
            Volatile.Write(ref _unknownStep, step);
            throw;
        }

        List<StepImage> steps = Durable!.Steps;
        steps.RemoveAll(other => other.Message == step.Message && other.Index == step.Index);
        if (settled is not null) steps.Add(settled);
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Suspended) Change(AgentStatus.Idle, reason);
        }

        Wake(HoldReasons.OfTheAgent);
        return true;
    }

    /// <summary>Rests, with the message kept, until a person answers.</summary>
    private async ValueTask RestForAsync(AgentMessage message, OutcomeUnknownException unknown)
    {
        _mailbox.PutBack(message);
        StatusChange change;
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Stopping || HasEnded) return;
            change = Hold(HoldReasons.Suspended, unknown.Message);
            Volatile.Write(ref _unknownStep, unknown.Step);
        }

        await StoreAsync(FactKind.AgentHeld, HoldReasons.Suspended, change);
    }
}
