using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Agents;

/// <summary>Whether an agent outlives the process.</summary>
public enum AgentDurability
{
    /// <summary>It ends with the process.</summary>
    Volatile,

    /// <summary>What its turns did is on disk before anybody sees it; after a restart it goes on where it was.</summary>
    Durable,
}

/// <summary>What agents of one type are: how they behave and what limits they have. Immutable; registered with a host under its name.</summary>
public sealed partial record AgentType
{
    /// <summary>Describes a type.</summary>
    /// <param name="name">1 to 64 lower-case letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, beginning with a letter.</param>
    /// <param name="createBehavior">Makes the behaviour of one agent; called anew after each failure and rest.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public AgentType(string name, Func<IAgentBehavior> createBehavior)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(createBehavior);
        if (!NamePattern().IsMatch(name))
            throw new ArgumentException($"'{name}' is no name of an agent type: it is 1 to 64 lower-case letters, digits, '-', '_' and '.', beginning with a letter.", nameof(name));
        Name = name;
        CreateBehavior = createBehavior;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Makes the behaviour of one agent.</summary>
    public Func<IAgentBehavior> CreateBehavior { get; internal init; }

    /// <summary>Whether its agents outlive the process; default <see cref="AgentDurability.Volatile"/>.</summary>
    public AgentDurability Durability { get; init; }

    /// <summary>How much may wait for an agent.</summary>
    public MailboxOptions Mailbox { get; init; } = new();

    /// <summary>What happens when a turn fails.</summary>
    public SupervisionOptions Supervision { get; init; } = new();

    /// <summary>How long a turn may take before its cancellation is called for; default 30 s.</summary>
    public TimeSpan TurnTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether its turns compute for long or wait on their thread, as guests do: they run on threads the host keeps for that, so that the others have theirs. Default false.
    /// </summary>
    public bool HoldsThread { get; init; }

    /// <summary>What an agent's variables may hold, in bytes, names included; default 1 MiB.</summary>
    public int VariableBytesMax { get; init; } = 1 << 20;

    /// <summary>
    /// How long an agent rests before its behaviour, and a guest's memory, is let go; the next message makes it anew from its variables. Default null: five minutes for durable agents
    /// and guests, never for others.
    /// </summary>
    public TimeSpan? HibernateAfter { get; init; }

    /// <summary>
    /// What its agents may be given at most, as a person granted it to the module they run; null, the default: whatever those who spawn them may give.
    /// </summary>
    public CapabilitySet? Ceiling { get; init; }

    /// <summary>How many agents of it there may be at a time; default as many as the sessions allow.</summary>
    public int AgentsMax { get; init; } = int.MaxValue;

    /// <summary>
    /// Which form its agents' variables have, from 1. An agent whose variables have another is first given <see cref="IAgentBehavior.MigrateStateAsync"/>, in the turn of its next message.
    /// </summary>
    public int StateVersion { get; init; } = 1;

    /// <summary>How many turns an agent that has moved to this type from an earlier one of the name is on probation: one that fails sends all agents back, unless it fails of what the agent or its host does not have any more, or refuses a task with a <see cref="Tasks.TaskFailedException"/>; default 10.</summary>
    public int ProbationTurns { get; init; } = 10;

    /// <summary>How many effects (messages, children, schedules) one turn may have; default 1,000.</summary>
    public int EffectsMax { get; init; } = 1_000;

    /// <summary>Whether its agents do the tasks of their session (<see cref="IAgentBehavior.OnTaskAsync"/>), one at a time; default false.</summary>
    public bool TakesTasks { get; init; }

    /// <summary>What its agents are good for, for tasks that ask for it (<see cref="Tasks.TaskSpec.Labels"/>); none by default.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>Every broken rule, in words for the one who wrote the type; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (string problem in Mailbox.Problems()) yield return "Mailbox: " + problem;
        foreach (string problem in Supervision.Problems()) yield return "Supervision: " + problem;
        if (!Enum.IsDefined(Durability)) yield return "Durability must be volatile or durable.";
        if (Durability is AgentDurability.Durable && Mailbox.Policy is MailboxPolicy.DropOldest)
            yield return "Mailbox: a durable agent loses nothing it has taken, so its policy cannot be to drop the oldest.";
        if (TurnTimeout <= TimeSpan.Zero || TurnTimeout > TimeSpan.FromDays(1)) yield return $"TurnTimeout is {TurnTimeout}; it must be above 0 and at most a day.";
        if (VariableBytesMax is < 0 or > 256 << 20) yield return $"VariableBytesMax is {VariableBytesMax}; it must be 0 to 256 MiB.";
        if (HibernateAfter is { } rest && (rest <= TimeSpan.Zero || rest > TimeSpan.FromDays(366))) yield return $"HibernateAfter is {rest}; it must be above 0 and at most 366 days.";
        if (Labels.IsDefault || Labels.Any(static label => label is not { Length: > 0 and <= Tasks.TaskSpec.TextLengthMax })) yield return $"Labels must have 1 to {Tasks.TaskSpec.TextLengthMax} characters.";
        if (AgentsMax < 1) yield return $"AgentsMax is {AgentsMax}; it must be at least 1.";
        if (StateVersion < 1) yield return $"StateVersion is {StateVersion}; it must be at least 1.";
        if (ProbationTurns < 0) yield return $"ProbationTurns is {ProbationTurns}; it must be 0 or more.";
        if (EffectsMax is < 1 or > 1_000_000) yield return $"EffectsMax is {EffectsMax}; it must be 1 to 1,000,000.";
    }

    /// <summary>After how long an agent hibernates; null for never.</summary>
    internal TimeSpan? Rest => HibernateAfter ?? (Durability is AgentDurability.Durable || HoldsThread ? TimeSpan.FromMinutes(5) : null);

    [GeneratedRegex("^[a-z][a-z0-9._-]{0,63}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
