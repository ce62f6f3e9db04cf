namespace Sirsi.Hypervisor.Tasks;

/// <summary>How a host runs tasks.</summary>
public sealed record TaskOptions
{
    /// <summary>Tasks that run at once on the host; default 1,024. It is what tenants share.</summary>
    public int RunningMax { get; init; } = 1_024;

    /// <summary>Tasks of one session that have not ended, at most; default 1,000,000.</summary>
    public int WaitingMax { get; init; } = 1_000_000;

    /// <summary>What the payloads of a session's tasks may take, in bytes; default 1 GiB.</summary>
    public long PayloadBytesMax { get; init; } = 1 << 30;

    /// <summary>How long a task waits to count as one step more urgent; default 1 min.</summary>
    public TimeSpan AgeingTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long what came of a task is kept; default 1 day.</summary>
    public TimeSpan ResultsKept { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Of how many ended tasks of a session it is kept; the oldest go; those that failed go last. Default 100,000.</summary>
    public int ResultsMax { get; init; } = 100_000;

    /// <summary>Schedules of one session, at most; default 1,000.</summary>
    public int SchedulesMax { get; init; } = 1_000;

    /// <summary>How late an occurrence may be to count as not missed (<see cref="Schedules.MissedOccurrences.Skip"/>); default 1 min.</summary>
    public TimeSpan ScheduleLatenessMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many times the share of others a tenant has; null, the default: all have the same. At least 1 and at most 1,000; asked once for each tenant.</summary>
    public Func<TenantId, int>? TenantWeight { get; init; }

    /// <summary>
    /// Whether the host publishes what becomes of tasks, as <c>task.run.submitted</c>, <c>started</c>, <c>failed</c> (and tried again), <c>succeeded</c>, <c>dead</c>, <c>cancelled</c> and <c>skipped</c> (<c>sirsi.v1.TaskEvent</c>), where
    /// there is a bus; default false, as tasks may be very many. Events that the bus does not take in time are let go.
    /// </summary>
    public bool PublishesEvents { get; init; }

    /// <summary>Every broken rule, in words; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (RunningMax is < 1 or > 1_000_000) yield return $"RunningMax is {RunningMax}; it must be 1 to 1,000,000.";
        if (WaitingMax is < 1 or > 100_000_000) yield return $"WaitingMax is {WaitingMax}; it must be 1 to 100,000,000.";
        if (PayloadBytesMax < 1) yield return $"PayloadBytesMax is {PayloadBytesMax}; it must be at least 1.";
        if (AgeingTime < TimeSpan.FromMilliseconds(1) || AgeingTime > TimeSpan.FromDays(30)) yield return $"AgeingTime is {AgeingTime}; it must be 1 ms to 30 days.";
        if (ResultsKept < TimeSpan.Zero || ResultsKept > TimeSpan.FromDays(3_660)) yield return $"ResultsKept is {ResultsKept}; it must be 0 to 3,660 days.";
        if (SchedulesMax is < 0 or > 100_000) yield return $"SchedulesMax is {SchedulesMax}; it must be 0 to 100,000.";
        if (ScheduleLatenessMax < TimeSpan.FromSeconds(1) || ScheduleLatenessMax > TimeSpan.FromDays(30)) yield return $"ScheduleLatenessMax is {ScheduleLatenessMax}; it must be 1 s to 30 days.";
        if (ResultsMax is < 0 or > 100_000_000) yield return $"ResultsMax is {ResultsMax}; it must be 0 to 100,000,000.";
    }
}
