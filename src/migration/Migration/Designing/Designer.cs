using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Designing;

/// <summary>Decides what becomes of each resource of an estate on a target cloud.</summary>
public static class Designer
{
    /// <summary>
    /// Designs the target of a migration. A pure function: the same estate, assessment, prices and options give the same design, whatever
    /// order the estate was read in. Time and memory are linear in resources and relations; sizes are matched once for each distinct one.
    /// </summary>
    /// <param name="estate">What is there today.</param>
    /// <param name="assessment">Its assessment; what stays where it is keeps its cost.</param>
    /// <param name="prices">Where sizes and prices are looked up.</param>
    /// <param name="options">The target cloud and, if wished, its region.</param>
    /// <exception cref="ArgumentException">The target is none of the three clouds, or the assessment is of another estate.</exception>
    /// <exception cref="MigrationException">The target has no region of the name asked for.</exception>
    public static Design Design(Estate estate, Assessment assessment, PriceCatalogue prices, DesignOptions options)
    {
        ArgumentNullException.ThrowIfNull(estate);
        ArgumentNullException.ThrowIfNull(assessment);
        ArgumentNullException.ThrowIfNull(prices);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Target is Cloud.Other) throw new ArgumentException("The target is AWS, Azure or Google Cloud.", nameof(options));
        if (assessment.Resources.Length != estate.Resources.Length)
            throw new ArgumentException("The assessment is of another estate.", nameof(assessment));

        Resource[] effective = Borrowing.Apply(estate);
        (ServiceChoice?[] choices, int[] owners) = Choose(estate, effective, options.Target);
        var regions = new TargetRegions(options, prices);
        string?[] places = Places(estate, choices, regions);
        string mostUsed = regions.MostUsed();
        var builder = new TargetBuilder(prices, options.Target, regions);
        var mappings = ImmutableArray.CreateBuilder<Mapping>(estate.Resources.Length);
        for (int index = 0; index < effective.Length; index++)
        {
            mappings.Add(choices[index] switch
            {
                null => Untouched(effective[index], assessment.Resources[index]),
                { Outcome: MappingOutcome.Equivalent or MappingOutcome.Adapted } choice =>
                    builder.Build(effective[index], choice, places[index] ?? mostUsed),
                { Outcome: MappingOutcome.Folded } choice => Folded(estate, effective[index], choice, owners[index], choices),
                { } choice => new Mapping
                {
                    ResourceId = effective[index].Id,
                    Outcome = choice.Outcome,
                    Reason = choice.Reason,
                    Alternatives = choice.Alternatives,
                    Differences = choice.Differences,
                    Decisions = choice.Decisions,
                },
            });
        }

        return new Design(options.Target, mappings.MoveToImmutable()) { Region = mostUsed };
    }

    /// <summary>
    /// The choice for each resource (null for what is not ours to move) and, for the folded ones, the position of the owner or -1.
    /// </summary>
    private static (ServiceChoice?[] Choices, int[] Owners) Choose(Estate estate, Resource[] effective, Cloud target)
    {
        var choices = new ServiceChoice?[effective.Length];
        bool[] hasStores = StoresInside(estate);
        for (int index = 0; index < effective.Length; index++)
            if (effective[index].Cloud is not Cloud.Other && effective[index].Cloud != target)
                choices[index] = ServiceTable.Embedded.For(effective[index], target, hasStores[index]);
        ShareOneForAll(effective, choices);

        var folded = new ServiceChoice?[choices.Length];
        for (int index = 0; index < choices.Length; index++)
            if (choices[index] is { Outcome: MappingOutcome.Folded })
                folded[index] = choices[index];
        var finder = new Owners(estate, folded);
        var owners = new int[choices.Length];
        var firstOfRegion = new Dictionary<(string, string?), int>();
        for (int index = 0; index < choices.Length; index++)
        {
            owners[index] = folded[index] is null ? -1 : finder.Of(index);
            if (choices[index] is not { OnePerRegion: true } choice) continue;
            (string, string?) key = (choice.Type, effective[index].Region);
            if (choice.Outcome is MappingOutcome.Folded) owners[index] = firstOfRegion[key];
            else firstOfRegion[key] = index;
        }

        return (choices, owners);
    }

    /// <summary>Where one target serves all of a kind in a region (a log workspace), the others become part of the first.</summary>
    private static void ShareOneForAll(Resource[] resources, ServiceChoice?[] choices)
    {
        var seen = new HashSet<(string, string?)>();
        for (int index = 0; index < choices.Length; index++)
            if (choices[index] is { OnePerRegion: true, Outcome: MappingOutcome.Equivalent or MappingOutcome.Adapted } choice
                && !seen.Add((choice.Type, resources[index].Region)))
                choices[index] = choice with { Outcome = MappingOutcome.Folded, Decisions = [] };
    }

    private static bool[] StoresInside(Estate estate)
    {
        var inside = new bool[estate.Resources.Length];
        foreach (Resource resource in estate.Resources)
            if (resource.Kind.Name is "storage.bucket" or "storage.file")
                foreach (Relation relation in resource.Relations)
                    inside[estate.IndexOf(relation.Target)] = true;
        return inside;
    }

    private static string?[] Places(Estate estate, ServiceChoice?[] choices, TargetRegions regions)
    {
        var places = new string?[choices.Length];
        for (int index = 0; index < choices.Length; index++)
            if (choices[index] is { Outcome: MappingOutcome.Equivalent or MappingOutcome.Adapted })
                places[index] = regions.For(estate.Resources[index].Cloud, estate.Resources[index].Region);
        return places;
    }

    private static Mapping Untouched(Resource resource, ResourceAssessment assessed) => resource.Cloud is Cloud.Other
        ? new Mapping
        {
            ResourceId = resource.Id,
            Outcome = MappingOutcome.NotNeeded,
            Reason = "It belongs to none of the three clouds: a helper of the code, or a service that stays as it is.",
        }
        : new Mapping
        {
            ResourceId = resource.Id,
            Outcome = MappingOutcome.Stays,
            Reason = $"It is on {resource.Cloud.Title()} already.",
            Cost = assessed.Cost,
        };

    private static Mapping Folded(Estate estate, Resource resource, ServiceChoice choice, int owner, ServiceChoice?[] choices)
    {
        if (owner < 0)
        {
            bool isSetting = resource.Kind == ResourceKind.Setting;
            return new Mapping
            {
                ResourceId = resource.Id,
                Outcome = MappingOutcome.Folded,
                Reason = isSetting ? $"{choice.Reason} The estate does not hold what that is." : choice.Reason,
                Decisions = isSetting ? []
                    : [.. choice.Decisions, "The estate does not hold what it belongs to; decide whether it is still needed."],
            };
        }

        bool ownerIsNotNeeded = choices[owner] is { Outcome: MappingOutcome.NotNeeded };
        return new Mapping
        {
            ResourceId = resource.Id,
            Outcome = ownerIsNotNeeded ? MappingOutcome.NotNeeded : MappingOutcome.Folded,
            OwnerId = ownerIsNotNeeded ? null : estate.Resources[owner].Id,
            Reason = ownerIsNotNeeded ? $"{estate.Resources[owner].Name}, which it belongs to, is not needed on the target."
                : choice.Reason,
            Differences = ownerIsNotNeeded ? [] : choice.Differences,
            Decisions = ownerIsNotNeeded ? [] : choice.Decisions,
        };
    }
}
