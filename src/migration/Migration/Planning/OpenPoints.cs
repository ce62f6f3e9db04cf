using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Planning;

/// <summary>What the plan leaves to people, gathered so that a large estate gives a list one can read.</summary>
internal static class OpenPoints
{
    private const int PointsMax = 200;
    private const int NamesMax = 3;

    /// <summary>The points, decisions first.</summary>
    public static ImmutableArray<string> Of(
        Estate estate, ImmutableArray<Mapping> mappings, List<int[]> waves, DependencyGraph graph, PlanAssumptions assumptions)
    {
        List<string> points = [];
        points.AddRange(Decisions(estate, mappings));
        points.AddRange(Unmatched(estate, mappings, MappingOutcome.NoEquivalent));
        points.AddRange(Unmatched(estate, mappings, MappingOutcome.Unknown));
        if (UnknownSizes(estate, mappings, assumptions) is { } sizes) points.Add(sizes);
        for (int wave = 0; wave < waves.Count; wave++)
            if (waves[wave].Length > assumptions.WaveResourcesMax)
                points.Add($"Wave {wave + 1} holds {waves[wave].Length} resources, above the {assumptions.WaveResourcesMax} wished for: "
                    + $"they belong together ({Names(waves[wave].Select(node => estate.Resources[graph.Resources[node]].Name))}).");
        if (points.Count > PointsMax)
        {
            int more = points.Count - PointsMax + 1;
            points.RemoveRange(PointsMax - 1, more);
            points.Add($"And {more.ToString("N0", CultureInfo.InvariantCulture)} more; the design lists them by resource.");
        }

        return [.. points];
    }

    private static IEnumerable<string> Decisions(Estate estate, ImmutableArray<Mapping> mappings) =>
        Enumerable.Range(0, mappings.Length)
            .Where(index => mappings[index].Outcome is not (MappingOutcome.NoEquivalent or MappingOutcome.Unknown))
            .SelectMany(index => mappings[index].Decisions, (index, decision) => (Resource: estate.Resources[index], Decision: decision))
            .GroupBy(static point => (point.Resource.Kind, point.Decision))
            .OrderBy(static group => KindTimes.Of(group.Key.Kind).Order)
            .ThenBy(static group => group.Key.Kind.Name, StringComparer.Ordinal)
            .ThenBy(static group => group.Key.Decision, StringComparer.Ordinal)
            .Select(static group =>
            {
                string names = Names(group.Select(static point => point.Resource.Name));
                return $"{Capital(KindTimes.Of(group.Key.Kind).Noun)} {names}: {group.Key.Decision}";
            });

    private static IEnumerable<string> Unmatched(Estate estate, ImmutableArray<Mapping> mappings, MappingOutcome outcome) =>
        Enumerable.Range(0, mappings.Length)
            .Where(index => mappings[index].Outcome == outcome)
            .GroupBy(index => estate.Resources[index].Type, StringComparer.Ordinal)
            .OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key} {Names(group.Select(index => estate.Resources[index].Name))}: "
                + string.Join(' ', mappings[group.First()].Decisions.Prepend(mappings[group.First()].Reason)));

    private static string? UnknownSizes(Estate estate, ImmutableArray<Mapping> mappings, PlanAssumptions assumptions)
    {
        List<string> names = [];
        for (int index = 0; index < mappings.Length; index++)
        {
            if (mappings[index].Outcome is not (MappingOutcome.Equivalent or MappingOutcome.Adapted)) continue;
            Resource resource = estate.Resources[index];
            if (KindTimes.Of(resource.Kind).SizeFacts is { } facts && DataCopy.Of(resource, facts, assumptions).KnownGiB is null)
                names.Add(resource.Name);
        }

        return names.Count == 0 ? null
            : $"Measure the data of {Names(names)}: the estate does not tell its size, "
                + $"and {assumptions.UnknownStoreGiB:0.##} GiB each is assumed.";
    }

    private static string Names(IEnumerable<string> names)
    {
        List<string> first = [];
        int count = 0;
        foreach (string name in names)
        {
            count++;
            if (first.Count < NamesMax && !first.Contains(name, StringComparer.Ordinal)) first.Add(name);
        }

        return count == first.Count ? string.Join(", ", first) : $"{string.Join(", ", first)} and {count - first.Count} more";
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
