namespace Sirsi.Bus.Events;

/// <summary>
/// Whose events they are: a tenant and one of its projects. Part of every topic, log, group and lookup, so that nobody can name what
/// belongs to somebody else.
/// </summary>
public readonly record struct TopicScope
{
    /// <summary>The scope of a tenant's project.</summary>
    /// <exception cref="ArgumentException">A name is not 1 to 64 lower-case letters, digits, <c>-</c> or <c>_</c>.</exception>
    public TopicScope(string tenant, string project)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        ArgumentNullException.ThrowIfNull(project);
        if (!TopicParts.IsPart(tenant)) throw NotAName(nameof(tenant));
        if (!TopicParts.IsPart(project)) throw NotAName(nameof(project));
        Tenant = tenant;
        Project = project;
    }

    /// <summary>The tenant's name.</summary>
    public string Tenant { get; }

    /// <summary>The project's name within the tenant.</summary>
    public string Project { get; }

    /// <summary><c>TENANT.PROJECT</c>.</summary>
    public override string ToString() => $"{Tenant}.{Project}";

    private static ArgumentException NotAName(string parameter) =>
        new($"A {parameter}'s name is 1 to {TopicParts.PartLengthMax} lower-case letters, digits, '-' or '_'.", parameter);
}

/// <summary>
/// One log of events: all topics of a scope whose subjects begin with the same part, their <em>area</em>, share it, and with it the
/// order of events with one key.
/// </summary>
/// <param name="Scope">Whose it is.</param>
/// <param name="Area">The first part of its subjects: <c>agent</c> for <c>agent.lifecycle.started</c>.</param>
public readonly record struct LogName(TopicScope Scope, string Area)
{
    /// <summary>The log that events of a subject or filter are in.</summary>
    public static LogName Of(TopicScope scope, string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        int dot = subject.IndexOf('.', StringComparison.Ordinal);
        return new LogName(scope, dot < 0 ? subject : subject[..dot]);
    }

    /// <summary>Reads <c>TENANT.PROJECT.AREA</c>; false when the text is no such name.</summary>
    public static bool TryParse(string text, out LogName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('.');
        bool isName = parts.Length == 3 && parts.All(static part => TopicParts.IsPart(part));
        name = isName ? new LogName(new TopicScope(parts[0], parts[1]), parts[2]) : default;
        return isName;
    }

    /// <summary>The log that holds what a group of this log could not process.</summary>
    public LogName DeadLetters => new(Scope, DeadLetterArea);

    /// <summary>The area of dead letters: their subjects are <c>dead.GROUP.SUBJECT</c>.</summary>
    public const string DeadLetterArea = "dead";

    /// <summary><c>TENANT.PROJECT.AREA</c>.</summary>
    public override string ToString() => $"{Scope}.{Area}";
}
