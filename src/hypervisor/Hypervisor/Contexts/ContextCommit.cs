using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Contexts;

/// <summary>One write that is asked for.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The bytes; null to delete it.</param>
/// <param name="Expected">The version that it must have; null for whichever.</param>
/// <param name="SeenRevision">The revision that it must have too, as one that was deleted and made again has the versions it had; 0 for none, below 0 for whichever.</param>
/// <param name="Version">The version that it will have, as far as was seen.</param>
internal sealed record ContextIntent(string Key, ReadOnlyMemory<byte>? Value, long? Expected, long SeenRevision, long Version);

/// <summary>Writes that are stored together or not at all, with what belongs to them.</summary>
/// <param name="by">The agent whose turn it is; empty for somebody outside.</param>
/// <param name="writes">The writes, in order.</param>
/// <param name="writeRest">Called when the writes are as good as certain: what else is to be stored with them. Null for nothing.</param>
internal sealed class ContextCommit(AgentId by, IReadOnlyList<ContextIntent> writes, Func<FactWriter>? writeRest)
{
    public AgentId By => by;

    public IReadOnlyList<ContextIntent> Writes => writes;

    /// <summary>Whether it waits as long as the disk is full, as turns do.</summary>
    public bool Insists => !by.IsEmpty;

    /// <summary>What is to be stored; set with <see cref="Entries"/>.</summary>
    public FactWriter Facts { get; private set; } = null!;

    /// <summary>What the writes come to; fewer where there was nothing to delete.</summary>
    public IReadOnlyList<ContextEntry> Entries { get; set; } = [];

    /// <summary>How much more is stored with it, in bytes; below 0 for less.</summary>
    public long Growth { get; set; }

    /// <summary>The room set aside for that.</summary>
    public BudgetReservation Reservation { get; set; }

    /// <summary>What the session's budget refused, where that is why it was not written.</summary>
    public BudgetRefusal Refusal { get; set; }

    /// <summary>The version of the key that is not as expected.</summary>
    public long Conflicting { get; set; }

    /// <summary>Why it was not written.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends when it is stored, or is not.</summary>
    public TaskCompletionSource Done { get; } = new();

    public void WriteFacts(SessionId session)
    {
        Facts = writeRest?.Invoke() ?? new FactWriter();
        foreach (ContextEntry entry in Entries) ContextState.Write(Facts, session, entry);
    }

    public void Fail(Exception failure)
    {
        Reservation.Dispose();
        Failure = failure;
    }
}
