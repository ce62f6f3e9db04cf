using System.Collections.Frozen;
using System.Globalization;
using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>When in a plan the resources of a kind come.</summary>
internal enum Stage
{
    /// <summary>What others stand on: networks, identities, keys. It is built first and moves nothing that runs.</summary>
    Foundation,

    /// <summary>Data and applications: what belongs together moves together.</summary>
    Work,

    /// <summary>What watches and rules the rest.</summary>
    Watch,
}

/// <summary>How long the steps of a kind take, and where in the plan they come (<c>Data/times.tsv</c>).</summary>
internal sealed record KindTimes
{
    private static readonly FrozenDictionary<string, KindTimes> ByKind = Load();

    /// <summary>Several of the kind, for people: <c>virtual machines</c>.</summary>
    public required string Noun { get; init; }

    /// <summary>When in the plan it comes.</summary>
    public required Stage Stage { get; init; }

    /// <summary>What comes first within the stage, ascending.</summary>
    public required int Order { get; init; }

    /// <summary>Building it on the target.</summary>
    public required TimeSpan Provision { get; init; }

    /// <summary>The facts that hold the size of its data in GiB; null when it holds no data that moves.</summary>
    public required string[]? SizeFacts { get; init; }

    /// <summary>The share of its data that changes in a day.</summary>
    public required double DailyChange { get; init; }

    /// <summary>Leading traffic to the target, without copying the last changes; zero when nothing is cut over.</summary>
    public required TimeSpan CutOver { get; init; }

    /// <summary>How long it does not serve within the cut-over, without copying the last changes.</summary>
    public required TimeSpan Downtime { get; init; }

    /// <summary>Checking that the target does what the source did.</summary>
    public required TimeSpan Verify { get; init; }

    /// <summary>Undoing a step.</summary>
    public required TimeSpan Rollback { get; init; }

    /// <summary>The times of a kind; those of <c>unknown</c> when the table lacks it.</summary>
    public static KindTimes Of(ResourceKind kind) =>
        ByKind.TryGetValue(kind.Name ?? "", out KindTimes? times) ? times : ByKind[ResourceKind.Unknown.Name];

    /// <summary>The kinds the table has, for the test that compares it with the vocabulary.</summary>
    internal static IEnumerable<string> Kinds => ByKind.Keys;

    private static FrozenDictionary<string, KindTimes> Load() =>
        DataTable.Read("times.tsv", 11).ToFrozenDictionary(
            static row => row[0],
            static row => new KindTimes
            {
                Noun = row[1],
                Stage = Enum.Parse<Stage>(row[2], ignoreCase: true),
                Order = int.Parse(row[3], CultureInfo.InvariantCulture),
                Provision = Minutes(row[4]),
                SizeFacts = row[5] switch { "" => null, "?" => [], _ => row[5].Split(' ') },
                DailyChange = double.Parse(row[6], CultureInfo.InvariantCulture),
                CutOver = Minutes(row[7]),
                Downtime = Minutes(row[8]),
                Verify = Minutes(row[9]),
                Rollback = Minutes(row[10]),
            },
            StringComparer.Ordinal);

    private static TimeSpan Minutes(string cell) => TimeSpan.FromMinutes(int.Parse(cell, CultureInfo.InvariantCulture));
}
