using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Schedules;

/// <summary>What becomes of occurrences whose time passed while nobody could submit their tasks.</summary>
public enum MissedOccurrences
{
    /// <summary>All of them together are made up for by one task, as soon as it is possible.</summary>
    Coalesce,

    /// <summary>They are let pass. Missed is what is later than <see cref="TaskOptions.ScheduleLatenessMax"/>.</summary>
    Skip,
}

/// <summary>When a session submits a task again and again. Immutable.</summary>
/// <param name="Name">Names it to its session; 1 to 64 characters.</param>
/// <param name="Task">What is submitted at each occurrence; its <see cref="TaskSpec.NotBefore"/> is then the occurrence, and its <see cref="TaskSpec.IdempotencyKey"/> names both.</param>
public sealed record ScheduleSpec(string Name, TaskSpec Task)
{
    /// <summary>The longest name, in characters.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The longest cron expression, in characters.</summary>
    public const int CronLengthMax = 256;

    private const string Utc = "Etc/UTC";

    /// <summary>
    /// A cron expression: minute, hour, day of the month, month, day of the week; with six fields the first is the second. Null, the default: <see cref="Every"/> says when.
    /// </summary>
    public string? Cron { get; init; }

    /// <summary>An interval, 1 s to 366 days: elapsed time, which no clock change makes longer or shorter. Counted from <see cref="Start"/>, or from when the schedule was set. Null, the default: <see cref="Cron"/> says when.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>The time zone whose clocks the cron expression means, an id of IANA; default <c>Etc/UTC</c>.</summary>
    public string Zone { get; init; } = Utc;

    /// <summary>No occurrence before this instant; null, the default: from when it is set.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>No occurrence after this instant; null, the default: for ever.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>What becomes of occurrences that were missed; default <see cref="MissedOccurrences.Coalesce"/>.</summary>
    public MissedOccurrences Missed { get; init; }

    /// <summary>Every broken rule, in words for the one who wrote it; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (Name is not { Length: > 0 and <= NameLengthMax } || Name.Any(char.IsControl)) yield return $"Name must have 1 to {NameLengthMax} characters, none of them a control character.";
        if (Cron is null == Every is null) yield return "Either Cron or Every must say when.";
        if (Every is { } every && (every < TimeSpan.FromSeconds(1) || every > TimeSpan.FromDays(366))) yield return $"Every is {every}; it must be 1 s to 366 days.";
        if (Occurrences.FindZone(Zone) is null) yield return $"Zone is '{Zone}', which is no time zone id of IANA that this machine knows, such as Europe/Berlin.";
        if (Cron is not null && Occurrences.ProblemOf(Cron) is { } problem) yield return problem;
        if (End is { } end && Start is { } start && end < start) yield return $"End is {end:u}, which is before Start, {start:u}.";
        if (!Enum.IsDefined(Missed)) yield return $"Missed {Missed} is none.";
        if (Task is null)
        {
            yield return "Task must be there.";
            yield break;
        }

        foreach (string inner in Task.Problems()) yield return "Task: " + inner;
        if (Task is not { NotBefore: null, Deadline: null, IdempotencyKey: null, After.Length: 0 }) yield return "Task: NotBefore, Deadline, IdempotencyKey and After are of one task, and a schedule submits many.";
    }

    /// <summary>The first occurrences after an instant, as a schedule that is set at that instant has them.</summary>
    /// <param name="after">The instant.</param>
    /// <param name="count">How many, 1 to 1,000; there may be fewer.</param>
    /// <exception cref="ArgumentException">It breaks rules; the message names every one.</exception>
    public IEnumerable<DateTimeOffset> Preview(DateTimeOffset after, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1_000);
        ThrowIfInvalid();
        return new Occurrences(this, after).After(after, count);
    }

    /// <summary>Whether the other means the same times.</summary>
    internal bool HasTimesOf(ScheduleSpec other) => (Cron, Every, Zone, Start, End) == (other.Cron, other.Every, other.Zone, other.Start, other.End);

    internal void ThrowIfInvalid()
    {
        string problems = string.Join(' ', Problems());
        if (problems.Length > 0) throw new ArgumentException($"Schedule '{Name}': {problems}");
    }
}
