using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Agents;

/// <summary>The agent types a host knows, by name. Thread-safe.</summary>
public sealed class AgentTypes
{
    private ImmutableSortedDictionary<string, AgentType> _types = ImmutableSortedDictionary.Create<string, AgentType>(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public ImmutableArray<AgentType> All => [.. Volatile.Read(ref _types).Values];

    /// <summary>Makes a type known.</summary>
    /// <exception cref="ArgumentException">Its settings break rules, or another has its name.</exception>
    public AgentTypes Register(AgentType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        string problems = string.Join(' ', type.Problems());
        if (problems.Length > 0) throw new ArgumentException($"Agent type '{type.Name}': {problems}", nameof(type));
        if (!ImmutableInterlocked.Update(ref _types, static (types, type) => types.ContainsKey(type.Name) ? types : types.Add(type.Name, type), type))
            throw new ArgumentException($"An agent type '{type.Name}' is registered already.", nameof(type));
        return this;
    }

    /// <summary>The type of a name; null when there is none.</summary>
    public AgentType? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Volatile.Read(ref _types).GetValueOrDefault(name);
    }

    /// <summary>The type of a name.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.AgentTypeUnknown"/>.</exception>
    public AgentType Get(string name) => Find(name) ?? throw new HypervisorException(HypervisorErrors.AgentTypeUnknown,
        $"There is no agent type '{name}'. There {(All.Length == 1 ? "is" : "are")}: {(All.Length == 0 ? "none" : string.Join(", ", All.Select(static type => type.Name)))}.");
}
