namespace Sirsi.Hypervisor.Agents;

/// <summary>What happens when an agent's turn fails.</summary>
public sealed record SupervisionOptions
{
    /// <summary>How often one message is tried before it is set aside as a dead letter; default 3.</summary>
    public int AttemptsMax { get; init; } = 3;

    /// <summary>How many failed turns within <see cref="Window"/> bring the agent into quarantine; default 10.</summary>
    public int FailuresMax { get; init; } = 10;

    /// <summary>
    /// How often the process may end while a durable agent is at one message before the agent comes into quarantine, so that a message which ends the process (a stack that overflows, memory that runs out) does not end it for ever; default 5. Counted
    /// from the first restart on; that the host was stopped in order does not count. Agents that were at work at two such ends begin again one
    /// after the other, so that those which only were at work beside the one are not counted as often.
    /// </summary>
    public int ProcessEndsMax { get; init; } = 5;

    /// <summary>The time failures are counted in; default a minute.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The pause after a first failure; it doubles with each that follows within the window; default 100 ms.</summary>
    public TimeSpan PauseMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause; default 10 s.</summary>
    public TimeSpan PauseMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (AttemptsMax is < 1 or > 1_000) yield return $"AttemptsMax is {AttemptsMax}; it must be 1 to 1,000.";
        if (FailuresMax is < 1 or > 1_000_000) yield return $"FailuresMax is {FailuresMax}; it must be 1 to 1,000,000.";
        if (ProcessEndsMax is < 1 or > 1_000) yield return $"ProcessEndsMax is {ProcessEndsMax}; it must be 1 to 1,000.";
        if (Window <= TimeSpan.Zero || Window > TimeSpan.FromDays(1)) yield return $"Window is {Window}; it must be above 0 and at most a day.";
        if (PauseMin < TimeSpan.Zero || PauseMin > PauseMax) yield return $"PauseMin is {PauseMin}; it must be 0 to PauseMax.";
        if (PauseMax > TimeSpan.FromDays(1)) yield return $"PauseMax is {PauseMax}; it must be at most a day.";
    }
}
