using Sirsi.Hypervisor.Agents;
using Sirsi.Wasm;

namespace Sirsi.Hypervisor.Snapshots;

/// <summary>
/// What an agent was between two turns: its variables and, of a guest, its memory, which is shared with the agents made of it until they write to it. Immutable and thread-safe; agents made
/// of it live on when it is disposed of.
/// </summary>
public sealed class AgentSnapshot : IDisposable
{
    internal AgentSnapshot(
        AgentId agent, AgentType type, int stateVersion, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables, WasmSnapshot? memory, DateTimeOffset takenAt)
    {
        Agent = agent;
        Type = type;
        StateVersion = stateVersion;
        Variables = variables;
        Memory = memory;
        TakenAt = takenAt;
    }

    /// <summary>Whose it is.</summary>
    public AgentId Agent { get; }

    /// <summary>What the agent was an instance of.</summary>
    public AgentType Type { get; }

    /// <summary>Which form its variables have.</summary>
    public int StateVersion { get; }

    /// <summary>Its variables.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Variables { get; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset TakenAt { get; }

    /// <summary>How much memory of a guest is in it, in bytes; 0 when the agent rested or is no guest.</summary>
    public long MemoryBytes => Memory?.MemoryBytes ?? 0;

    internal WasmSnapshot? Memory { get; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => Memory?.Dispose();

    /// <exception cref="ArgumentException">Agents of this type cannot go on from it.</exception>
    internal void ThrowUnlessFor(AgentType type)
    {
        if (Type.Name != type.Name) throw new ArgumentException($"The snapshot is of an agent of '{Type.Name}', not of '{type.Name}'.");
        if (StateVersion > type.StateVersion) throw new ArgumentException($"The snapshot's variables have form {StateVersion}; '{type.Name}' reads them up to {type.StateVersion}.");
    }
}

/// <summary>A behaviour with a memory that can be copied.</summary>
internal interface IGuestMemory
{
    /// <summary>What the memory is now; null when there is none.</summary>
    WasmSnapshot? TakeSnapshot();

    /// <summary>Goes on from a memory of another one of the same module.</summary>
    void Restore(WasmSnapshot memory);
}
