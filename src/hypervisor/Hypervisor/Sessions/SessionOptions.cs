using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Sessions;

/// <summary>The quotas of a session and how long it lasts.</summary>
public sealed record SessionOptions
{
    /// <summary>What people call it; default empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>How long it lasts unless it is extended; default a day.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Agents at most; default 10,000.</summary>
    public int AgentsMax { get; init; } = 10_000;

    /// <summary>What all its mailboxes together may hold, in bytes; default 256 MiB.</summary>
    public long MailboxBytesMax { get; init; } = 256L << 20;

    /// <summary>What its agents may be given to do; default nothing.</summary>
    public CapabilitySet Capabilities { get; init; } = CapabilitySet.Empty;

    /// <summary>What its agents may spend together, within what its tenant may; default what the tenant may. Without <see cref="AgentHostOptions.Budgets"/> nothing is counted.</summary>
    public BudgetLimits Budget { get; init; } = BudgetLimits.None;

    /// <summary>How deep children may have children; default 16.</summary>
    public int DepthMax { get; init; } = 16;

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (Name.Length > 128) yield return "Name is longer than 128 characters.";
        if (Lifetime <= TimeSpan.Zero || Lifetime > LifetimeMax) yield return $"Lifetime is {Lifetime}; it must be above 0 and at most 366 days.";
        if (AgentsMax is < 1 or > 100_000_000) yield return $"AgentsMax is {AgentsMax}; it must be 1 to 100,000,000.";
        if (MailboxBytesMax < 1_024) yield return $"MailboxBytesMax is {MailboxBytesMax}; it must be at least 1,024.";
        if (DepthMax is < 1 or > 1_000) yield return $"DepthMax is {DepthMax}; it must be 1 to 1,000.";
    }

    internal static TimeSpan LifetimeMax { get; } = TimeSpan.FromDays(366);
}
