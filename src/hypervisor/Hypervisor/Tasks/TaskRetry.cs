using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>What happens when an attempt of a task fails: tried again after a pause that doubles, with jitter, until it has been tried so often. The count goes on whatever the errors are.</summary>
public sealed record TaskRetry
{
    /// <summary>Three attempts, a second between the first and the second.</summary>
    public static TaskRetry Default { get; } = new();

    /// <summary>Attempts in all; default 3.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>The pause after the first; it doubles; default 1 s.</summary>
    public TimeSpan PauseMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause; default 5 min.</summary>
    public TimeSpan PauseMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>By what part a pause is shortened or lengthened by chance, 0 to 1; default 0.2.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>Kinds of errors (<see cref="TaskError.Kind"/>) that are tried again; empty, the default: all.</summary>
    public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>How often an attempt may be lost, with its process or its agent, before the task fails; such attempts do not count among those that failed. Default 10.</summary>
    public int LossesMax { get; init; } = 10;

    /// <summary>Every broken rule, in words; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (AttemptsMax is < 1 or > 10_000) yield return $"AttemptsMax is {AttemptsMax}; it must be 1 to 10,000.";
        if (LossesMax is < 1 or > 10_000) yield return $"LossesMax is {LossesMax}; it must be 1 to 10,000.";
        if (PauseMin < TimeSpan.Zero || PauseMin > PauseMax) yield return $"PauseMin is {PauseMin}; it must be 0 to PauseMax.";
        if (PauseMax > TimeSpan.FromDays(30)) yield return $"PauseMax is {PauseMax}; it must be at most 30 days.";
        if (!(Jitter is >= 0 and <= 1)) yield return $"Jitter is {Jitter}; it must be 0 to 1.";
        if (Kinds.IsDefault || Kinds.Length > 100) yield return "There are at most 100 kinds.";
    }

    internal bool Repeats(string kind) => Kinds.IsEmpty || Kinds.Contains(kind, StringComparer.Ordinal);

    /// <summary>The pause before the next attempt.</summary>
    /// <param name="failed">How many have failed, from 1.</param>
    /// <param name="chance">0 to below 1.</param>
    internal TimeSpan PauseAfter(int failed, double chance)
    {
        double seconds = Math.Min(PauseMin.TotalSeconds * Math.Pow(2, Math.Min(failed - 1, 60)), PauseMax.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (1 + Jitter * (2 * chance - 1)));
    }
}

/// <summary>Why an attempt failed.</summary>
/// <param name="Attempt">Which, from 1.</param>
/// <param name="At">When.</param>
/// <param name="Kind">What kind of error: the name of the exception's type, what a <see cref="TaskFailedException"/> says, or <c>timeout</c>, <c>lost</c>, <c>deadline</c>, <c>dependency</c>.</param>
/// <param name="Text">What happened, in words.</param>
public sealed record TaskError(int Attempt, DateTimeOffset At, string Kind, string Text);

/// <summary>Thrown by a behaviour: the attempt has failed, in a way that the task's <see cref="TaskRetry"/> may name.</summary>
public sealed class TaskFailedException : Exception
{
    /// <summary>An attempt that failed.</summary>
    /// <param name="kind">The kind of error, at most 128 characters.</param>
    /// <param name="message">What happened, in words.</param>
    /// <param name="isFinal">Whether no other attempt can come to another end.</param>
    public TaskFailedException(string kind, string message, bool isFinal = false)
        : base(message)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(kind.Length, TaskSpec.TextLengthMax, nameof(kind));
        (Kind, IsFinal) = (kind, isFinal);
    }

    /// <summary>The kind of error.</summary>
    public string Kind { get; }

    /// <summary>Whether no other attempt can come to another end.</summary>
    public bool IsFinal { get; }
}
