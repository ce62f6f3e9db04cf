using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Tasks;
using TaskId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.TaskKind>;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>Facts of a kind are not stored.</summary>
internal sealed class Lost(FactKind kind) : LedgerMistake
{
    public override ValueTask<long> AppendAsync(ILedgerLog turns, ReadOnlyMemory<byte> record)
    {
        ReadOnlyMemory<byte> kept = Fact.Join(Fact.Of(record).Where(fact => fact.Kind != kind));
        return kept.IsEmpty ? ValueTask.FromResult(turns.NextSequence) : turns.AppendAsync(kept);
    }
}

/// <summary>What a turn did is seen before it is on disk.</summary>
internal sealed class SeenBeforeStored : LedgerMistake
{
    public override ValueTask<long> AppendAsync(ILedgerLog turns, ReadOnlyMemory<byte> record)
    {
        List<Fact> facts = Fact.Of(record);
        bool isTurn = facts.Exists(static fact => fact.Kind is FactKind.VariableSet) && !facts.Exists(static fact => fact.Kind is FactKind.AgentSpawned);
        if (!isTurn) return turns.AppendAsync(record);
        _ = StoreAsync(turns, record.ToArray());
        return ValueTask.FromResult(turns.NextSequence);
    }

    private static async Task StoreAsync(ILedgerLog turns, ReadOnlyMemory<byte> record)
    {
        try
        {
            await turns.AppendAsync(record);
        }
#pragma warning disable CA1031 // Nobody is left to be told: that is the mistake.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Said above.
        }
    }
}

/// <summary>A schedule's next time and the task of an occurrence are stored one after the other.</summary>
internal sealed class TornOccurrence : LedgerMistake
{
    public override async ValueTask<long> AppendAsync(ILedgerLog turns, ReadOnlyMemory<byte> record)
    {
        List<Fact> facts = Fact.Of(record);
        if (facts.Exists(static fact => fact.Kind is FactKind.TaskSubmitted) && facts.Find(static fact => fact.Kind is FactKind.SessionScheduleMoved) is { } moved)
            await turns.AppendAsync(moved.Bytes);
        return await turns.AppendAsync(record);
    }
}

/// <summary>What a task waits for is not stored: one that comes back after a restart waits for nothing.</summary>
internal sealed class LostDependency : LedgerMistake
{
    public override ValueTask<long> AppendAsync(ILedgerLog turns, ReadOnlyMemory<byte> record) => turns.AppendAsync(Fact.Join(Fact.Of(record).Select(WithoutDependencies)));

    private static Fact WithoutDependencies(Fact fact)
    {
        if (fact.Kind is not (FactKind.TaskSubmitted or FactKind.TaskSubmitting)) return fact;
        var reader = new FactReader(fact.Bytes.Span);
        reader.Kind();
        TaskId id = reader.Id<TaskKind>();
        long submission = fact.Kind is FactKind.TaskSubmitting ? reader.Number() : 0;
        SessionTask task = TaskFacts.ReadSubmitted(id, new SpecReader(new TextCache()), ref reader);
        var free = new SessionTask(id, task.SessionId, task.Spec, [], task.Parent, task.Number);
        var writer = new FactWriter();
        if (fact.Kind is FactKind.TaskSubmitting) TaskFacts.WriteSubmitting(writer, submission, free);
        else TaskFacts.WriteSubmitted(writer, free);
        return fact with { Bytes = writer.Written };
    }
}
