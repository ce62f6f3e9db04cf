using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Migration.Assessing;

/// <summary>How a part of a resource is charged.</summary>
internal enum Charge
{
    Time,
    Usage,
    Free,
    Unknown,
}

/// <summary>One row of <c>Data/costs.tsv</c>.</summary>
internal sealed record CostRow(Expression? When, Charge Charge, string What, Expression? Quantity, string Key);

/// <summary>What each kind of resource is charged for in each cloud: the table <c>Data/costs.tsv</c>.</summary>
internal sealed class CostTable
{
    private const string Any = "*";

    private readonly FrozenDictionary<(Cloud Cloud, string Kind), ImmutableArray<CostRow>> _rows;

    private CostTable(FrozenDictionary<(Cloud Cloud, string Kind), ImmutableArray<CostRow>> rows) => _rows = rows;

    /// <summary>The table that comes with the program.</summary>
    public static CostTable Embedded { get; } = Read();

    /// <summary>The rows of a kind in a cloud, in the order of the table; empty for what the table does not know.</summary>
    public ImmutableArray<CostRow> Of(Cloud cloud, ResourceKind kind) => _rows.GetValueOrDefault((cloud, kind.Name), []);

    private static CostTable Read()
    {
        var rows = new Dictionary<(Cloud, string), ImmutableArray<CostRow>.Builder>();
        foreach (string[] cells in DataTable.Read("costs.tsv", columns: 7))
        {
            var row = new CostRow(ExpressionOf(cells[2]), ChargeOf(cells[3]), cells[4], ExpressionOf(cells[5]), cells[6]);
            foreach (string kind in cells[1].Split(", "))
                foreach (Cloud cloud in CloudsOf(cells[0]))
                {
                    if (!rows.TryGetValue((cloud, kind), out ImmutableArray<CostRow>.Builder? list))
                        rows.Add((cloud, kind), list = ImmutableArray.CreateBuilder<CostRow>());
                    list.Add(row);
                }
        }

        return new CostTable(rows.ToFrozenDictionary(static pair => pair.Key, static pair => pair.Value.ToImmutable()));
    }

    private static Expression? ExpressionOf(string cell) => cell.Length == 0 ? null : Expression.Require(cell);

    private static Charge ChargeOf(string cell) => Enum.TryParse(cell, ignoreCase: true, out Charge charge)
        ? charge
        : throw new UnreachableException($"costs.tsv: '{cell}' is no charge.");

    private static IEnumerable<Cloud> CloudsOf(string cell) => cell == Any
        ? [Cloud.Aws, Cloud.Azure, Cloud.Gcp]
        : cell.Split(", ").Select(static word => CloudNames.TryParse(word, out Cloud cloud)
            ? cloud
            : throw new UnreachableException($"costs.tsv: '{word}' is no cloud."));
}
