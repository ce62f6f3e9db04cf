using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Durability;

/// <summary>What the journal says of a session.</summary>
internal sealed record SessionImage(SessionId Id, ProjectScope Scope, string Name, TimeSpan Lifetime, DateTimeOffset ExpiresAt, int AgentsMax, long MailboxBytesMax, int DepthMax)
{
    /// <summary>What its agents may be given to do.</summary>
    public List<string> Capabilities { get; init; } = [];

    /// <summary>Its schedules, by name.</summary>
    public SortedDictionary<string, SessionScheduleImage> Schedules { get; } = new(StringComparer.Ordinal);

    /// <summary>What it may spend.</summary>
    public BudgetLimits Budget { get; init; } = BudgetLimits.None;

    public void Write(FactWriter facts)
    {
        facts.Fact(FactKind.SessionOpened, Id).Put(Scope.Tenant.Value).Put(Scope.Project.Value).Put(Name).Put(Lifetime).Put(ExpiresAt)
            .Put((long)AgentsMax).Put(MailboxBytesMax).Put((long)DepthMax);
        foreach (string capability in Capabilities) facts.Fact(FactKind.SessionCapability, Id).Put(capability);
        if (Budget != BudgetLimits.None) facts.Fact(FactKind.SessionBudget, Id).Put(Budget);
    }

    public static SessionImage Read(ref FactReader facts) => new(facts.Id<SessionKind>(), new ProjectScope(facts.Id<TenantKind>(), facts.Id<ProjectKind>()),
        facts.Text(), facts.Span(), facts.Instant(), (int)facts.Number(), facts.Number(), (int)facts.Number());
}
