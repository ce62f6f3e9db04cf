using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Snapshots;
using Sirsi.Wasm;

namespace Sirsi.Hypervisor.Agents;

/// <summary>Being copied and set back, between two turns.</summary>
public sealed partial class Agent
{
    /// <summary>
    /// What the agent is after the turn under way: its variables and, of a guest, its memory. Its mailbox, schedules, requests and capabilities are no part of it. The caller disposes of it.
    /// </summary>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.AgentEnded"/>, or <see cref="HypervisorErrors.AgentBusy"/>: the turn under way did not end within the time a turn may take.
    /// </exception>
    public async ValueTask<AgentSnapshot> TakeSnapshotAsync(CancellationToken cancellation = default)
    {
        AgentSnapshot? snapshot = null;
        await VisitAsync(
            () =>
            {
                snapshot = new AgentSnapshot(Id, Type, StateVersion, CopyVariables(), (_behavior as IGuestMemory)?.TakeSnapshot(), Host.Environment.Time.GetUtcNow());
                return ValueTask.CompletedTask;
            },
            Type.TurnTimeout, cancellation);
        return snapshot!;
    }

    /// <summary>Sets the agent back to a snapshot of it or of another agent of its type. Messages that wait, schedules and requests stay.</summary>
    /// <exception cref="ArgumentException">The snapshot is of another type or of a later form of variables.</exception>
    /// <exception cref="HypervisorException">As <see cref="TakeSnapshotAsync"/>; or it is durable, and it could not be stored: nothing is set back.</exception>
    public async ValueTask RestoreAsync(AgentSnapshot snapshot, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        await VisitAsync(
            async () =>
            {
                snapshot.ThrowUnlessFor(Type);
                long growth = BytesOf(snapshot.Variables) - (Variables?.Bytes ?? 0);
                ChargeForStored(growth);
                try
                {
                    if (Durable is not null) await StoreAsync(snapshot);
                }
                catch
                {
                    ChargeForStored(-growth);
                    throw;
                }

                SetTo(snapshot, snapshot.Variables);
            },
            Type.TurnTimeout, cancellation);
    }

    /// <summary>Another agent of the same type in the same session that is what this one is after the turn under way, and goes its own way from there: for trying out.</summary>
    /// <param name="options">What it may do (by default nothing), and variables that differ.</param>
    /// <param name="cancellation">Ends the wait for the turn under way.</param>
    /// <exception cref="HypervisorException">As <see cref="TakeSnapshotAsync"/> and <see cref="Sessions.Session.SpawnAsync(AgentSnapshot, SpawnOptions?, CancellationToken)"/>.</exception>
    public async ValueTask<Agent> ForkAsync(SpawnOptions? options = null, CancellationToken cancellation = default)
    {
        using AgentSnapshot snapshot = await TakeSnapshotAsync(cancellation);
        return await Session.SpawnAsync(snapshot, options, cancellation);
    }

    /// <summary>A new agent begins with what a snapshot says, and variables that differ.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>.</exception>
    internal void Begin(AgentSnapshot snapshot, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? others)
    {
        Dictionary<string, ReadOnlyMemory<byte>> variables = new(snapshot.Variables, StringComparer.Ordinal);
        foreach ((string name, ReadOnlyMemory<byte> value) in others ?? NoVariables) variables[name] = value;
        if (BytesOf(variables) is var bytes && bytes > Type.VariableBytesMax)
            throw new ArgumentException($"The variables take {bytes} bytes, and agents of '{Type.Name}' may keep {Type.VariableBytesMax}.", nameof(others));
        ChargeForStored(bytes);
        SetTo(snapshot, variables);
    }

    /// <summary>A snapshot and these variables become the agent's truth. Only while it stands still.</summary>
    private void SetTo(AgentSnapshot snapshot, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables)
    {
        Variables = null;
        if (variables.Count > 0) Begin(variables, long.MaxValue);
        StateVersion = snapshot.StateVersion;
        WasmSnapshot? memory = ReferenceEquals(snapshot.Type, Type) ? snapshot.Memory : null;
        if (memory is null) DisposeBehavior();
        else if ((_behavior ?? WakeUp()) is IGuestMemory guest) guest.Restore(memory);
    }

    private static long BytesOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables) =>
        variables.Sum(static variable => (long)variable.Key.Length + variable.Value.Length);

    private ValueTask StoreAsync(AgentSnapshot snapshot)
    {
        FactWriter facts = new FactWriter().Fact(FactKind.StateMigrated, Id).Put((long)snapshot.StateVersion);
        foreach (string name in CopyVariables().Keys) facts.Fact(FactKind.VariableRemoved, Id).Put(name);
        foreach ((string name, ReadOnlyMemory<byte> value) in snapshot.Variables) facts.Fact(FactKind.VariableSet, Id).Put(name).Put(value.Span);
        return Host.Ledger!.AppendAsync(facts.Written);
    }

    /// <summary>Does something between two turns.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.AgentEnded"/> or <see cref="HypervisorErrors.AgentBusy"/>.</exception>
    private async Task VisitAsync(Func<ValueTask> work, TimeSpan patience, CancellationToken cancellation)
    {
        var visit = new AgentVisit(Host.Environment.Executor, () =>
        {
            if (HasEnded) throw new HypervisorException(HypervisorErrors.AgentEnded, $"Agent {Id} has ended.");
            return work();
        });
        if (_mailbox.PutVisit(new AgentMessage(0, default, "", default, default) { Kind = MessageKind.Visit, Asker = visit })) Executor.Post(this);
        try
        {
            await visit.WaitAsync(patience, Host.Environment.Time, cancellation);
        }
        catch (TimeoutException)
        {
            throw new HypervisorException(HypervisorErrors.AgentBusy, $"The turn of agent {Id} has not ended within {patience.TotalSeconds:0.###} s.");
        }
    }
}
