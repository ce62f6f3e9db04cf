using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Turns;

/// <summary>How a durable agent's turn comes to the disk: all of it in one record, before anybody sees any of it.</summary>
public sealed partial class AgentTurn
{
    /// <summary>What a turn does may take in one record, with some room for what it has spent.</summary>
    private const int EffectBytesMax = HostLedger.RecordBytesMax - (4 << 10);

    private FactWriter? _facts;

    /// <summary>The turn has ended well: completes when its effects are on disk.</summary>
    internal ValueTask CommitAsync(AgentMessage message)
    {
        FactWriter facts = WriteEffects(message);
        return facts.Length == 0 ? ValueTask.CompletedTask : Host.Ledger!.CommitAsync(facts.Written);
    }

    private FactWriter BeginFacts()
    {
        _facts ??= new FactWriter();
        _facts.Clear();
        return _facts;
    }

    private FactWriter WriteEffects(AgentMessage message)
    {
        FactWriter facts = BeginFacts();
        Spend();
        if (message.IsStored) facts.Fact(FactKind.MessageHandled, Self).Put(message.Number);
        if (_agent.Migrates) facts.Fact(FactKind.StateMigrated, Self).Put((long)_agent.Type.StateVersion);
        WriteVariables(facts);
        WriteChildren(facts);
        for (int i = 0; i < _sendCount; i++)
        {
            if (_sends[i] is { To: { Durable: not null } to, Message: var sent }) to.Write(facts, sent);
        }

        WriteSchedules(facts, message.Schedule);
        WriteEvents(facts);
        foreach (ApprovalRequest request in CollectionsMarshal.AsSpan(_approvals)) new ApprovalImage(request).Write(facts);
        WriteTasks(facts);
        ThrowIfTooLarge(facts);
        WriteSpent(facts);
        return facts;
    }

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.TurnTooLarge"/>.</exception>
    private void ThrowIfTooLarge(FactWriter facts)
    {
        if (facts.Length <= EffectBytesMax) return;
        string tasks = _tasks is { Count: > 0 and var count } ? $", the {count} tasks that it submits among it" : "";
        throw new HypervisorException(HypervisorErrors.TurnTooLarge, $"What the turn does takes {facts.Length} bytes in the journal{tasks}; {EffectBytesMax} is the most for one turn. It has to be done in several turns, or submitted from outside.");
    }

    private void WriteVariables(FactWriter facts)
    {
        if (_agent.Variables?.Pending is not { } pending) return;
        foreach ((string name, ReadOnlyMemory<byte>? value) in pending)
        {
            if (value is { } bytes) facts.Fact(FactKind.VariableSet, Self).Put(name).Put(bytes.Span);
            else facts.Fact(FactKind.VariableRemoved, Self).Put(name);
        }
    }

    private void WriteChildren(FactWriter facts)
    {
        if (_children is null) return;
        foreach (Agent child in _children)
        {
            if (child.Durable is not null) child.WriteSpawned(facts);
        }
    }

    private void WriteSchedules(FactWriter facts, AgentSchedule? handled)
    {
        if (handled is not null)
        {
            if (handled.DueAfter(Now) is { } due) facts.Fact(FactKind.ScheduleMoved, Self).Put(handled.Number).Put(due);
            else facts.Fact(FactKind.ScheduleEnded, Self).Put(handled.Number);
        }

        foreach (AgentSchedule set in CollectionsMarshal.AsSpan(_schedules))
            new ScheduleImage(set.Number, set.Due, set.Period, set.Type, set.Payload).Write(facts, Self);
        foreach (long ended in CollectionsMarshal.AsSpan(_cancelledSchedules)) facts.Fact(FactKind.ScheduleEnded, Self).Put(ended);
    }
}
