using System.Diagnostics.CodeAnalysis;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Turns;

/// <summary>What the agents of a session know together.</summary>
public sealed partial class AgentTurn
{
    private List<ContextIntent>? _contextWrites;
    private long _contextRevision;
    private long _conflictsOf;
    private int _conflicts;

    private SessionContext Context => _agent.Session.Context;

    /// <summary>
    /// A key of the session's context, with the capability <c>context.read:KEY</c>: as this turn has written it, or as it is at this moment. A turn that takes steps may run again and see another entry; what its steps depend on it
    /// reads in a step.
    /// </summary>
    /// <returns>False when the key does not exist.</returns>
    /// <exception cref="ArgumentException">The key is none.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.CapabilityRefused"/>.</exception>
    public bool TryGetContext(string key, [NotNullWhen(true)] out ContextEntry? entry)
    {
        ThrowIfOver();
        Context.ThrowIfNoKey(key);
        ThrowUnlessMay("context.read", key);
        entry = SeenContext(key);
        return entry is not null;
    }

    /// <summary>
    /// Sets a key of the session's context, with the capability <c>context.write:KEY</c>: when this turn has ended well, together with its other effects. When by then the key does not have the expected version any more, the turn comes to
    /// nothing and runs again at once, up to <see cref="ContextOptions.ConflictsMax"/> times; then it fails.
    /// </summary>
    /// <param name="key">The key, as <see cref="SessionContext.PutAsync"/> takes it.</param>
    /// <param name="value">The bytes, given away.</param>
    /// <param name="expectedVersion">The version that the key must have, 0 for a key that must not exist; null, the default, for whichever.</param>
    /// <returns>The version that the key will have; or that it has another one than was expected, and nothing will be written.</returns>
    /// <exception cref="ArgumentException">The key is none, or the value is too long.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.CapabilityRefused"/>, <see cref="HypervisorErrors.QuotaExceeded"/> or <see cref="HypervisorErrors.BudgetExhausted"/>.</exception>
    public ContextWrite PutContext(string key, ReadOnlyMemory<byte> value, long? expectedVersion = null)
    {
        ThrowIfOver();
        Context.ThrowIfNoKey(key);
        Context.ThrowIfTooLong(value);
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion ?? 0, nameof(expectedVersion));
        ThrowUnlessMay("context.write", key);
        ContextEntry? seen = SeenContext(key);
        Context.ThrowUnlessFits(key, value.Length, seen);
        ThrowUnlessAffordable(ContextEntry.BytesOf(key, value.Length) - (seen?.Bytes ?? 0));
        return WriteContext(key, value, expectedVersion, seen);
    }

    /// <summary>Deletes a key of the session's context, as <see cref="PutContext"/> sets one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expectedVersion">The version that it must have, 1 or more; null, the default, for whichever, also none.</param>
    /// <returns>Version 0; or that it has another version than was expected, and will not be deleted.</returns>
    /// <exception cref="ArgumentException">The key is none.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.CapabilityRefused"/>.</exception>
    public ContextWrite DeleteContext(string key, long? expectedVersion = null)
    {
        ThrowIfOver();
        Context.ThrowIfNoKey(key);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(expectedVersion ?? 1, nameof(expectedVersion));
        ThrowUnlessMay("context.write", key);
        return WriteContext(key, null, expectedVersion, SeenContext(key));
    }

    internal bool HasContextWrites => _contextWrites is { Count: > 0 };

    /// <summary>Whether the turn, which met a conflict, runs again at once; false when it has done so too often, or nothing was written meanwhile and it would meet the same one.</summary>
    internal bool TryRunAgain() => _contextRevision >= 0 && Context.Revision > _contextRevision && ++_conflicts <= Host.ContextOptions.ConflictsMax;

    private void BeginContext(AgentMessage message)
    {
        _contextRevision = -1;
        if (_conflictsOf != message.Number) (_conflictsOf, _conflicts) = (message.Number, 0);
    }

    /// <summary>As <see cref="CommitAsync"/>, for a turn that writes to the context: its effects are stored together with what it writes.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ContextConflict"/>, or another reason why nothing was stored.</exception>
    internal async ValueTask CommitContextAsync(AgentMessage message)
    {
        var commit = new ContextCommit(Self, [.. _contextWrites!], () =>
        {
            if (message.Kind is MessageKind.Task) _agent.EndAttemptOf(message);
            if (_agent.Durable is not null) return WriteEffects(message);
            return HasTasks ? WriteTasks() : new FactWriter();
        });
        try
        {
            await Context.CommitAsync(commit);
        }
        catch (HypervisorException) when (commit.Refusal is { Reason: not BudgetRefusalReason.None } refusal)
        {
            throw new HypervisorException(HypervisorErrors.BudgetExhausted, _agent.OverBudget(in refusal));
        }
    }

    private ContextEntry? SeenContext(string key)
    {
        if (_contextRevision < 0) _contextRevision = Context.Revision;
        ContextIntent? own = _contextWrites?.FindLast(write => write.Key == key);
        if (own is null) return Context.Get(key);
        return own.Value is { } value ? new ContextEntry(key, value, own.Version, 0, Now, Self) : null;
    }

    private ContextWrite WriteContext(string key, ReadOnlyMemory<byte>? value, long? expected, ContextEntry? seen)
    {
        long actual = seen?.Version ?? 0;
        if (expected is not null && expected != actual) return new ContextWrite(ContextOutcome.Conflict, key, actual, expected, 0);
        if (value is null && seen is null) return new ContextWrite(ContextOutcome.Written, key, 0, expected, 0);
        ThrowIfTooMany();
        bool isOwn = _contextWrites?.Exists(write => write.Key == key) is true;
        var write = new ContextIntent(key, value, expected, expected is null || isOwn ? -1 : seen?.Revision ?? 0, value is null ? 0 : actual + 1);
        (_contextWrites ??= []).Add(write);
        _hasEffects = true;
        return new ContextWrite(ContextOutcome.Written, key, write.Version, expected, 0);
    }

    private void ThrowUnlessMay(string action, string key)
    {
        if (!_agent.May(action, key))
            throw new HypervisorException(HypervisorErrors.CapabilityRefused, $"An agent of '{_agent.Type.Name}' may not do this with '{key}': it has no capability {action}:{key}.");
    }

    /// <summary>Whether the session can pay for so many more bytes, as far as can be said now.</summary>
    private void ThrowUnlessAffordable(long growth)
    {
        if (growth <= 0 || _agent.Session.Budget is not { } account) return;
        if (!account.TryReserve(new BudgetAmounts { BytesStored = growth }, out BudgetReservation reservation, out BudgetRefusal refusal))
            throw new HypervisorException(HypervisorErrors.BudgetExhausted, _agent.OverBudget(in refusal));
        reservation.Dispose();
    }
}
