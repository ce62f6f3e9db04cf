using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How urgent a task is among those of its session.</summary>
public enum TaskPriority
{
    /// <summary>When nothing else is to be done.</summary>
    Lowest,

    /// <summary>Below most.</summary>
    Low,

    /// <summary>As most.</summary>
    Normal,

    /// <summary>Above most.</summary>
    High,

    /// <summary>Before all others.</summary>
    Highest,
}

/// <summary>What becomes of a task that waits for one which did not succeed.</summary>
public enum WhenDependencyFails
{
    /// <summary>It is skipped, and so are those that wait for its success.</summary>
    Skip,

    /// <summary>It fails.</summary>
    Fail,
}

/// <summary>What a task is to do, for whom, when, and what happens when it fails. Immutable.</summary>
/// <param name="Type">What kind of work it is, in the words of those who do it; at most 128 characters.</param>
/// <param name="Payload">What it is to be done with, given away; at most 1 MiB (<see cref="PayloadBytesMax"/>).</param>
public sealed record TaskSpec(string Type, ReadOnlyMemory<byte> Payload = default)
{
    /// <summary>The longest type, name, key, label or tag, in characters.</summary>
    public const int TextLengthMax = 128;

    /// <summary>The largest payload, in bytes.</summary>
    public const int PayloadBytesMax = 1 << 20;

    /// <summary>The most tasks that one waits for.</summary>
    public const int DependenciesMax = 10_000;

    /// <summary>The most labels, and the most tags.</summary>
    public const int LabelsMax = 32;

    /// <summary>What it is called, for people; by default its type.</summary>
    public string? Name { get; init; }

    /// <summary>How urgent it is; default <see cref="TaskPriority.Normal"/>. Who waits for longer than <see cref="TaskOptions.AgeingTime"/> counts as one step more urgent, for each such time.</summary>
    public TaskPriority Priority { get; init; } = TaskPriority.Normal;

    /// <summary>What it waits for; nothing by default.</summary>
    public ImmutableArray<TaskDependency> After { get; init; } = [];

    /// <summary>Whether one of <see cref="After"/> is enough; default false, all of them.</summary>
    public bool AfterAny { get; init; }

    /// <summary>What becomes of it when what it waits for did not succeed; default <see cref="WhenDependencyFails.Skip"/>.</summary>
    public WhenDependencyFails WhenDependencyFails { get; init; }

    /// <summary>Which type of agent is to do it; null, the default: any that takes tasks.</summary>
    public string? AgentType { get; init; }

    /// <summary>Labels that the agent's type must have (<see cref="Agents.AgentType.Labels"/>); none by default.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>A capability, <c>ACTION:SUBJECT</c>, that the agent must have; null, the default: none.</summary>
    public string? Capability { get; init; }

    /// <summary>The one agent that is to do it; empty, the default: any that fits.</summary>
    public AgentId Agent { get; init; }

    /// <summary>Not before this instant; null, the default: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>It fails when it has not ended by then; null, the default: it may take for ever.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>How long one attempt may take; default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that an attempt may be silent (<see cref="TaskAttempt.Progress"/>) before it counts as lost; null, the default: as long as <see cref="Timeout"/>.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>What happens when an attempt fails.</summary>
    public TaskRetry Retry { get; init; } = TaskRetry.Default;

    /// <summary>Of the session's tasks with the same key one runs at a time; null, the default: it does not matter.</summary>
    public string? ConcurrencyKey { get; init; }

    /// <summary>Names the task to its session: of those submitted with one key there is one, while it is known. Null, the default: it has none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Words to find it by.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>What people call it.</summary>
    public string DisplayName => Name ?? Type;

    /// <summary>Every broken rule, in words for the one who wrote it; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (Type is not { Length: > 0 and <= TextLengthMax }) yield return $"Type must have 1 to {TextLengthMax} characters.";
        foreach ((string text, string what) in (ImmutableArray<(string, string)>)[(Name ?? Type, nameof(Name)), (ConcurrencyKey ?? Type, nameof(ConcurrencyKey)), (IdempotencyKey ?? Type, nameof(IdempotencyKey)), (AgentType ?? Type, nameof(AgentType))])
            if (text.Length is 0 or > TextLengthMax) yield return $"{what} must have 1 to {TextLengthMax} characters, or be null.";
        if (Payload.Length > PayloadBytesMax) yield return $"The payload has {Payload.Length} bytes; at most {PayloadBytesMax} are taken.";
        if (!Enum.IsDefined(Priority)) yield return $"Priority {Priority} is none.";
        if (!Enum.IsDefined(WhenDependencyFails)) yield return $"WhenDependencyFails {WhenDependencyFails} is none.";
        if (After.IsDefault || After.Length > DependenciesMax) yield return $"A task waits for at most {DependenciesMax} others.";
        if (Labels.IsDefault || Labels.Length > LabelsMax || Labels.Any(static label => label is not { Length: > 0 and <= TextLengthMax })) yield return $"There are at most {LabelsMax} labels of 1 to {TextLengthMax} characters.";
        if (Tags.IsDefault || Tags.Length > LabelsMax || Tags.Any(static tag => tag is not { Length: > 0 and <= TextLengthMax })) yield return $"There are at most {LabelsMax} tags of 1 to {TextLengthMax} characters.";
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromDays(30)) yield return $"Timeout is {Timeout}; it must be above 0 and at most 30 days.";
        if (Heartbeat is { } silence && (silence <= TimeSpan.Zero || silence > Timeout)) yield return $"Heartbeat is {silence}; it must be above 0 and at most the time-out.";
        if (Capability is not null && !Capabilities.Capability.TryParse(Capability, out _, out string? problem)) yield return problem;
        foreach (string problem2 in Retry.Problems()) yield return "Retry: " + problem2;
    }
}

/// <summary>Something a task waits for.</summary>
public readonly record struct TaskDependency
{
    private TaskDependency(TaskId task, int place) => (Task, Place) = (task, place);

    /// <summary>The task; empty when it is one of the same submission.</summary>
    public TaskId Task { get; }

    /// <summary>The place of the task in the same submission, from 0; -1 when it was submitted before.</summary>
    public int Place { get; }

    /// <summary>Whether its end is enough, however it ended; false: its success.</summary>
    public bool IsOnEnd { get; init; }

    /// <summary>A task submitted before, which must succeed.</summary>
    public static TaskDependency On(TaskId task) => new(task, -1);

    /// <summary>A task of the same submission, which must succeed.</summary>
    public static TaskDependency On(int place) => new(default, place);

    /// <summary>The same task, whose end is enough.</summary>
    public TaskDependency WhateverComesOfIt() => this with { IsOnEnd = true };
}
