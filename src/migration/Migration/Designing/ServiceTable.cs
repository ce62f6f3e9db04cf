using System.Collections.Frozen;
using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Expressions;

namespace Sirsi.Migration.Designing;

/// <summary>What becomes of a kind on a target cloud, before sizes and names. Immutable.</summary>
internal sealed record ServiceChoice
{
    /// <summary>What becomes of it.</summary>
    public required MappingOutcome Outcome { get; init; }

    /// <summary>The service in the target's words; empty where there is none.</summary>
    public required string Service { get; init; }

    /// <summary>The main Terraform type; empty where nothing is built.</summary>
    public required string Type { get; init; }

    /// <summary>The kind that is built.</summary>
    public required ResourceKind Becomes { get; init; }

    /// <summary>The kinds it may become part of when it is folded.</summary>
    public required FrozenSet<string> Into { get; init; }

    /// <summary>Whether one target serves all of a region: the first becomes it and the others part of it.</summary>
    public required bool OnePerRegion { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What is different.</summary>
    public ImmutableArray<string> Differences { get; init; } = [];

    /// <summary>What a person must decide.</summary>
    public ImmutableArray<string> Decisions { get; init; } = [];

    /// <summary>Other services that were considered.</summary>
    public ImmutableArray<Alternative> Alternatives { get; init; } = [];

    /// <summary>Facts that are otherwise on the target.</summary>
    public ImmutableArray<(string Name, AttributeValue Value)> Set { get; init; } = [];
}

/// <summary>What becomes of each kind on each cloud: <c>Data/services.tsv</c>, refined by facts with <c>Data/refinements.tsv</c>.</summary>
internal sealed class ServiceTable
{
    private static readonly Lazy<ServiceTable> Loaded = new(static () => new ServiceTable());

    private readonly FrozenDictionary<(string Kind, Cloud Cloud), ServiceChoice> _choices;
    private readonly FrozenDictionary<(string Kind, Cloud Cloud), ImmutableArray<Refinement>> _refinements;

    private ServiceTable()
    {
        _choices = DataTable.Read("services.tsv", 11).ToFrozenDictionary(static row => (row[0], CloudOf(row[1])), ReadChoice);
        _refinements = DataTable.Read("refinements.tsv", 12)
            .SelectMany(
                static row => row[1] == "*" ? [Cloud.Aws, Cloud.Azure, Cloud.Gcp] : new[] { CloudOf(row[1]) },
                static (row, to) => (Row: row, To: to))
            .GroupBy(static entry => (entry.Row[0], entry.To))
            .ToFrozenDictionary(
                static group => group.Key,
                static group => group.Select(static entry => new Refinement(entry.Row)).ToImmutableArray());
    }

    /// <summary>The tables that come with the library.</summary>
    public static ServiceTable Embedded => Loaded.Value;

    /// <summary>The kinds and clouds that have a row.</summary>
    public IEnumerable<(string Kind, Cloud Cloud)> Rows => _choices.Keys;

    /// <summary>The kinds and clouds that have refinements.</summary>
    public IEnumerable<(string Kind, Cloud Cloud)> RefinedRows => _refinements.Keys;

    /// <summary>The row of a kind, without refinements; that of <c>unknown</c> for a kind out of the vocabulary.</summary>
    public ServiceChoice Plain(ResourceKind kind, Cloud target) =>
        _choices.TryGetValue((kind.Name ?? "", target), out ServiceChoice? choice) ? choice : _choices[(ResourceKind.Unknown.Name, target)];

    /// <summary>What becomes of a resource by its kind and facts.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="target">Another cloud than its own.</param>
    /// <param name="hasStores">Whether containers or shares of the estate lie in it.</param>
    public ServiceChoice For(Resource resource, Cloud target, bool hasStores)
    {
        ServiceChoice choice = Plain(resource.Kind, target);
        if (!_refinements.TryGetValue((resource.Kind.Name ?? "", target), out ImmutableArray<Refinement> refinements)) return choice;
        AttributeMap about = AttributeMap.Of(
            ("from", AttributeValue.Of(resource.Cloud.Word())),
            ("terraformType", AttributeValue.Of(resource.Type)),
            ("hasStores", AttributeValue.Of(hasStores)));
        foreach (Refinement refinement in refinements)
            if (refinement.When.IsTrue(resource.Facts, about))
                choice = refinement.Apply(choice);
        return choice;
    }

    private static Cloud CloudOf(string word) =>
        CloudNames.TryParse(word, out Cloud cloud) ? cloud : throw new FormatException($"services.tsv: '{word}' is no cloud.");

    private static ServiceChoice ReadChoice(string[] row) => new()
    {
        Outcome = Enum.Parse<MappingOutcome>(row[2]),
        Service = row[3],
        Type = row[4],
        Becomes = new ResourceKind(row[5].Length == 0 ? row[0] : row[5]),
        OnePerRegion = row[6] == "*",
        Into = row[6].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal),
        Reason = row[7],
        Differences = [.. DataTable.Items(row[8])],
        Decisions = [.. DataTable.Items(row[9])],
        Alternatives = ReadAlternatives(row[10]),
    };

    private static ImmutableArray<Alternative> ReadAlternatives(string cell) =>
        [.. DataTable.Items(cell).Select(static item => item.Split(": ", 2) is [string choice, string difference]
            ? new Alternative(choice, null, difference)
            : throw new FormatException($"'{item}' is no alternative: 'choice: difference'."))];

    /// <summary>A row of <c>Data/refinements.tsv</c>.</summary>
    private sealed class Refinement(string[] row)
    {
        private const string Emptied = "!";

        private readonly ImmutableArray<(string, AttributeValue)> _set = [.. row[7].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => (pair[..pair.IndexOf('=', StringComparison.Ordinal)],
                AttributeValue.Of(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..])))];

        private readonly ImmutableArray<Alternative> _alternatives = ReadAlternatives(row[11]);

        public Expression When { get; } = Expression.Require(row[2]);

        public ServiceChoice Apply(ServiceChoice choice) => choice with
        {
            Outcome = row[3].Length == 0 ? choice.Outcome : Enum.Parse<MappingOutcome>(row[3]),
            Service = row[4].Length == 0 ? choice.Service : row[4],
            Type = row[5].Length == 0 ? choice.Type : row[5],
            Becomes = row[6].Length == 0 ? choice.Becomes : new ResourceKind(row[6]),
            Set = choice.Set.AddRange(_set),
            Reason = row[8].Length == 0 ? choice.Reason : row[8],
            Differences = Added(choice.Differences, row[9]),
            Decisions = Added(choice.Decisions, row[10]),
            Alternatives = _alternatives.IsEmpty ? choice.Alternatives : _alternatives,
        };

        private static ImmutableArray<string> Added(ImmutableArray<string> items, string cell) =>
            cell == Emptied ? [] : cell.Length == 0 ? items : items.AddRange(DataTable.Items(cell));
    }
}
