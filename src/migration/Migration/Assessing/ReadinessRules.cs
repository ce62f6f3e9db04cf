using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Migration.Assessing;

/// <summary>Judges how ready resources are to move, by the table <c>Data/readiness.tsv</c>. Immutable and thread-safe.</summary>
internal sealed class ReadinessRules
{
    private const string EveryCloud = "*";

    private static readonly Readiness Ready = new(ReadinessLevel.Ready, []);

    /// <summary>From the strongest to the weakest.</summary>
    private static readonly ImmutableArray<ReadinessLevel> ByStrength =
        [ReadinessLevel.NotNeeded, ReadinessLevel.NotReady, ReadinessLevel.Unknown, ReadinessLevel.Conditional];

    private readonly FrozenDictionary<string, ImmutableArray<Rule>> _rulesByKind;

    private ReadinessRules(FrozenDictionary<string, ImmutableArray<Rule>> rulesByKind) => _rulesByKind = rulesByKind;

    /// <summary>The rules that come with the program.</summary>
    public static ReadinessRules Embedded { get; } = Read();

    /// <summary>The derived facts the rules of a kind read.</summary>
    public DerivedFactSet NeedsOf(ResourceKind kind)
    {
        DerivedFactSet needs = DerivedFactSet.None;
        foreach (Rule rule in _rulesByKind.GetValueOrDefault(kind.Name, [])) needs |= rule.Needs;
        return needs;
    }

    /// <summary>How ready a resource is; the reasons are those of the strongest level that holds, in the order of the table.</summary>
    public Readiness Judge(Resource resource, AttributeMap derived)
    {
        if (!_rulesByKind.TryGetValue(resource.Kind.Name, out ImmutableArray<Rule> rules)) return Ready;
        int strongest = ByStrength.Length;
        var reasons = ImmutableArray.CreateBuilder<string>();
        foreach (Rule rule in rules)
        {
            int strength = ByStrength.IndexOf(rule.Level);
            if (strength > strongest || !rule.Holds(resource, derived)) continue;
            if (strength < strongest) reasons.Clear();
            strongest = strength;
            reasons.Add(rule.Reason);
        }

        return strongest == ByStrength.Length ? Ready : new Readiness(ByStrength[strongest], reasons.ToImmutable());
    }

    private static ReadinessRules Read()
    {
        var rules = new Dictionary<string, ImmutableArray<Rule>.Builder>(StringComparer.Ordinal);
        foreach (string[] cells in DataTable.Read("readiness.tsv", columns: 5))
        {
            if (!Enum.TryParse(cells[3], ignoreCase: true, out ReadinessLevel level) || !ByStrength.Contains(level))
                throw new UnreachableException($"readiness.tsv: '{cells[3]}' is no level of a rule.");
            Cloud? cloud = cells[0] == EveryCloud ? null : CloudNames.TryParse(cells[0], out Cloud only) ? only : Cloud.Other;
            var rule = new Rule(cloud, cells[2].Length == 0 ? null : Expression.Require(cells[2]), level, cells[4]);
            foreach (string kind in cells[1].Split(", "))
            {
                if (!rules.TryGetValue(kind, out ImmutableArray<Rule>.Builder? list))
                    rules.Add(kind, list = ImmutableArray.CreateBuilder<Rule>());
                list.Add(rule);
            }
        }

        return new ReadinessRules(
            rules.ToFrozenDictionary(static pair => pair.Key, static pair => pair.Value.ToImmutable(), StringComparer.Ordinal));
    }

    private sealed record Rule(Cloud? Cloud, Expression? When, ReadinessLevel Level, string Reason)
    {
        public DerivedFactSet Needs { get; } = When is null ? DerivedFactSet.None : DerivedFacts.NeededBy(When.References);

        public bool Holds(Resource resource, AttributeMap derived) =>
            (Cloud is null || Cloud == resource.Cloud) && (When is null || When.IsTrue(resource.Facts, derived));
    }
}
