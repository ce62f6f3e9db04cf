using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Agents;

/// <summary>The agent types a host knows, by name. Thread-safe.</summary>
public sealed class AgentTypes
{
    private ImmutableSortedDictionary<string, AgentTypeSlot> _slots = ImmutableSortedDictionary.Create<string, AgentTypeSlot>(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public ImmutableArray<AgentType> All => [.. Volatile.Read(ref _slots).Values.Select(static slot => slot.Current)];

    /// <summary>Makes a type known.</summary>
    /// <exception cref="ArgumentException">Its settings break rules, or another has its name.</exception>
    public AgentTypes Register(AgentType type)
    {
        ThrowIfInvalid(type);
        if (!ImmutableInterlocked.Update(ref _slots, static (slots, type) => slots.ContainsKey(type.Name) ? slots : slots.Add(type.Name, new AgentTypeSlot(type)), type))
            throw new ArgumentException($"An agent type '{type.Name}' is registered already.", nameof(type));
        return this;
    }

    /// <summary>
    /// Puts a type in the place of the one of its name. Its agents move, each before its next turn and with its variables and mailbox; none waits for another. When a turn of one of them fails on probation
    /// (<see cref="AgentType.ProbationTurns"/>), the type before takes its place again and they move back.
    /// </summary>
    /// <exception cref="ArgumentException">Its settings break rules, it has another durability or an older form of variables, or there is none of its name.</exception>
    public void Replace(AgentType type)
    {
        ThrowIfInvalid(type);
        AgentTypeSlot slot = FindSlot(type.Name) ?? throw new ArgumentException($"There is no agent type '{type.Name}' to take the place of.", nameof(type));
        slot.Replace(type);
    }

    /// <summary>The type of a name; null when there is none.</summary>
    public AgentType? Find(string name) => FindSlot(name)?.Current;

    /// <summary>The type of a name.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.AgentTypeUnknown"/>.</exception>
    public AgentType Get(string name) => GetSlot(name).Current;

    /// <summary>The names of those whose newer version failed on probation, with nothing newer since.</summary>
    internal IEnumerable<string> RolledBack() => Volatile.Read(ref _slots).Values.Where(static slot => slot.HasRolledBack).Select(static slot => slot.Current.Name);

    internal AgentTypeSlot? FindSlot(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Volatile.Read(ref _slots).GetValueOrDefault(name);
    }

    internal AgentTypeSlot GetSlot(string name) => FindSlot(name) ?? throw new HypervisorException(HypervisorErrors.AgentTypeUnknown,
        $"There is no agent type '{name}'. There {(All.Length == 1 ? "is" : "are")}: {(All.Length == 0 ? "none" : string.Join(", ", All.Select(static type => type.Name)))}.");

    private static void ThrowIfInvalid(AgentType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        string problems = string.Join(' ', type.Problems());
        if (problems.Length > 0) throw new ArgumentException($"Agent type '{type.Name}': {problems}", nameof(type));
    }
}
