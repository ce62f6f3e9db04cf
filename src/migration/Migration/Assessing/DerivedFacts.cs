using System.Collections.Frozen;

namespace Sirsi.Migration.Assessing;

/// <summary>What a condition may read beside the facts: what follows from the resource's relations, its rules and the time.</summary>
[Flags]
internal enum DerivedFactSet
{
    None = 0,
    Inbound = 1,
    Outbound = 2,
    Attached = 4,
    UsedBy = 8,
    OpenToWorld = 16,
    ExpiresInDays = 32,
    Machine = 64,
    Watched = 128,
}

/// <summary>The names of derived facts; <c>docs/checks.md</c> tells what they mean.</summary>
internal static class DerivedFacts
{
    public const string Inbound = "inbound";
    public const string Outbound = "outbound";
    public const string Attached = "attached";
    public const string UsedBy = "usedBy";
    public const string OpenToWorld = "openToWorld";
    public const string ExpiresInDays = "expiresInDays";
    public const string Machine = "machine";
    public const string Watched = "watched";

    private static readonly StringComparer NameOrder = StringComparer.Ordinal;

    private static readonly FrozenDictionary<string, DerivedFactSet> Computed = new Dictionary<string, DerivedFactSet>(NameOrder)
    {
        [Inbound] = DerivedFactSet.Inbound,
        [Outbound] = DerivedFactSet.Outbound,
        [Attached] = DerivedFactSet.Attached,
        [UsedBy] = DerivedFactSet.UsedBy,
        [OpenToWorld] = DerivedFactSet.OpenToWorld,
        [ExpiresInDays] = DerivedFactSet.ExpiresInDays,
        [Machine] = DerivedFactSet.Machine,
        [Watched] = DerivedFactSet.Watched,
    }.ToFrozenDictionary(NameOrder);

    /// <summary>All names, also of those that are always there.</summary>
    public static FrozenSet<string> Names { get; } =
        Computed.Keys.Concat(["cloud", "kind", "terraformType", "region", "tags", "name"]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The fields of an item of <c>inbound</c> and <c>outbound</c>.</summary>
    public static FrozenSet<string> RelationFields { get; } =
        new[] { "relation", "kind", "terraformType", "name", "facts" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Which of <paramref name="names"/> have to be computed.</summary>
    public static DerivedFactSet NeededBy(IEnumerable<string> names)
    {
        DerivedFactSet needed = DerivedFactSet.None;
        foreach (string name in names) needed |= Computed.GetValueOrDefault(name);
        return needed;
    }
}
