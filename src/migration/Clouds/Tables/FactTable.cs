using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Tables;

/// <summary>How one fact of a type is computed.</summary>
/// <param name="Fact">The fact's name.</param>
/// <param name="OnOwner">Whether the fact belongs to the resource that this one configures.</param>
/// <param name="Expression">What computes it from the attributes.</param>
public sealed record FactRule(string Fact, bool OnOwner, Expression Expression);

/// <summary>
/// How facts are computed from attributes, from <c>Data/facts-aws.tsv</c> and its kin for the other clouds. The rules of a type are read when they are first asked for.
/// Immutable to its users and thread-safe.
/// </summary>
public sealed class FactTable
{
    private const string OwnerPrefix = "owner.";

    private readonly Dictionary<string, RuleSet> _byType = new(StringComparer.Ordinal);

    internal FactTable(TypeTable types, params ReadOnlySpan<TableText> tables)
    {
        foreach (TableText table in tables) Add(table, types);
    }

    /// <summary>The table that comes with the program.</summary>
    public static FactTable BuiltIn => field ??= new FactTable(
        TypeTable.BuiltIn, TableText.BuiltIn("facts-aws.tsv"), TableText.BuiltIn("facts-azure.tsv"), TableText.BuiltIn("facts-gcp.tsv"));

    /// <summary>The types that have facts, sorted (ordinal).</summary>
    public IEnumerable<string> Types => _byType.Keys.Order(StringComparer.Ordinal);

    /// <summary>The rules of a type, in the table's order; none when it has no facts.</summary>
    /// <exception cref="CloudsException">An expression of the table is wrong.</exception>
    public ImmutableArray<FactRule> For(string type) => _byType.TryGetValue(type, out RuleSet? rules) ? rules.Parsed : [];

    /// <summary>
    /// The facts of one resource: the first rule of a name that gives a value wins. What <see cref="FactRule.OnOwner"/> says
    /// belongs to the owner comes back apart.
    /// </summary>
    public (AttributeMap Own, AttributeMap Owner) Compute(string type, AttributeMap attributes)
    {
        ArgumentNullException.ThrowIfNull(attributes);
        ImmutableArray<FactRule> rules = For(type);
        if (rules.IsEmpty) return (AttributeMap.Empty, AttributeMap.Empty);
        var own = new AttributeMap.Builder();
        var owner = new AttributeMap.Builder();
        // Later pairs replace earlier ones in a builder, so the rules are taken from the last.
        for (int index = rules.Length - 1; index >= 0; index--)
        {
            FactRule rule = rules[index];
            AttributeValue value = rule.Expression.Evaluate(attributes);
            // What a plan sets to something not yet known stays as that: it is neither absent nor a secret.
            if (value.IsNull || (value.Type is AttributeType.Masked && value != AttributeValue.KnownAfterApply)) continue;
            (rule.OnOwner ? owner : own).Add(rule.Fact, value);
        }

        return (own.Build(), owner.Build());
    }

    private void Add(TableText table, TypeTable types)
    {
        foreach (TableRow row in table)
        {
            var raw = new RawRule(row[1].ToString(), row[2].ToString(), row.Position);
            foreach (string type in TypeTable.WordsOf(row[0]))
            {
                if (!_byType.TryGetValue(type, out RuleSet? rules))
                {
                    TypeInfo known = types.Find(type) ?? throw row.Broken($"types.tsv has no type '{type}'");
                    _byType.Add(type, rules = new RuleSet(known.Kind == ResourceKind.Setting));
                }

                rules.Add(raw);
            }
        }
    }

    private readonly record struct RawRule(string Fact, string Expression, SourcePosition Position);

    private sealed class RuleSet(bool isSetting)
    {
        private readonly List<RawRule> _raw = [];
        private FactRule[]? _parsed;

        public ImmutableArray<FactRule> Parsed =>
            System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(_parsed ??= [.. _raw.Select(Parse)]);

        public void Add(RawRule rule) => _raw.Add(rule);

        private FactRule Parse(RawRule rule)
        {
            bool onOwner = rule.Fact.StartsWith(OwnerPrefix, StringComparison.Ordinal);
            return new FactRule(
                onOwner ? rule.Fact[OwnerPrefix.Length..] : rule.Fact,
                onOwner || isSetting,
                Expression.Require(rule.Expression, rule.Position));
        }
    }
}
