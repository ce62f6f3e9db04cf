using System.Globalization;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>What a kind of relation says about order (<c>Data/dependencies.tsv</c>).</summary>
/// <param name="TargetFirst">Whether the target must exist before the source; else the source before the target.</param>
/// <param name="Hardness">5: can not be built otherwise; 1: only an order somebody asked for.</param>
/// <param name="Together">Whether both ends move in one wave.</param>
/// <param name="LeftOutBecause">Why it may be left out when it closes a cycle.</param>
internal sealed record DependencyRule(bool TargetFirst, int Hardness, bool Together, string LeftOutBecause)
{
    private static readonly DependencyRule[] ByKind = Load();

    /// <summary>The rule of a kind of relation.</summary>
    public static DependencyRule Of(RelationKind kind) => ByKind[(int)kind];

    private static DependencyRule[] Load()
    {
        var rules = new DependencyRule[Enum.GetValues<RelationKind>().Length];
        foreach (string[] row in DataTable.Read("dependencies.tsv", 5))
        {
            if (!RelationNames.TryParse(row[0], out RelationKind kind)) throw new FormatException($"dependencies.tsv: '{row[0]}'.");
            int hardness = int.Parse(row[2], CultureInfo.InvariantCulture);
            rules[(int)kind] = new DependencyRule(row[1] == "target", hardness, row[3] == "yes", row[4]);
        }

        return rules;
    }
}
