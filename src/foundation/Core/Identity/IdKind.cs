namespace Sirsi.Core.Identity;

/// <summary>
/// What an <see cref="Id{TKind}"/> names. A library that needs a new kind declares an empty class of its own; the words are those
/// of the product.
/// </summary>
public interface IIdKind
{
    /// <summary>The word that ids of this kind begin with: 1 to 32 lower-case letters.</summary>
    static abstract string Prefix { get; }
}

/// <summary>Ids of tenants: <c>tenant_…</c>.</summary>
public sealed class TenantKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "tenant";
}

/// <summary>Ids of users: <c>user_…</c>.</summary>
public sealed class UserKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "user";
}

/// <summary>Ids of projects: <c>project_…</c>.</summary>
public sealed class ProjectKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "project";
}

/// <summary>Ids of sessions: <c>session_…</c>.</summary>
public sealed class SessionKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "session";
}

/// <summary>Ids of agents: <c>agent_…</c>.</summary>
public sealed class AgentKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "agent";
}

/// <summary>Ids of tasks: <c>task_…</c>.</summary>
public sealed class TaskKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "task";
}

/// <summary>Ids of events: <c>event_…</c>.</summary>
public sealed class EventKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "event";
}

/// <summary>Ids of modules: <c>module_…</c>.</summary>
public sealed class ModuleKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "module";
}

/// <summary>Ids of plans: <c>plan_…</c>.</summary>
public sealed class PlanKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "plan";
}
