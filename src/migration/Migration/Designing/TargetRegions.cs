using Sirsi.Clouds;
using Sirsi.Clouds.Prices;
using Sirsi.Clouds.Regions;

namespace Sirsi.Migration.Designing;

/// <summary>Where resources go: the region the user asked for, or the nearest to each one's own in the same jurisdiction.</summary>
internal sealed class TargetRegions
{
    private readonly Cloud _target;
    private readonly PriceCatalogue _prices;
    private readonly Region? _asked;
    private readonly Dictionary<(Cloud Cloud, string Place), Region?> _nearest = [];
    private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);

    /// <summary>Regions for a design.</summary>
    /// <exception cref="MigrationException">The target has no region of the name asked for.</exception>
    public TargetRegions(DesignOptions options, PriceCatalogue prices)
    {
        (_target, _prices) = (options.Target, prices);
        if (options.Region is not { } asked) return;
        if (!RegionMap.TryGet(_target, asked, out _asked))
        {
            string some = string.Join(", ", RegionMap.All(_target).Select(static region => region.Id).Take(6));
            throw new MigrationException(MigrationErrors.RegionUnknown,
                $"{_target.Title()} has no region '{asked}'; it has, among others, {some}.");
        }
    }

    /// <summary>The region for a resource of a place; null when the place is not known and none was asked for.</summary>
    public string? For(Cloud from, string? place)
    {
        if ((_asked ?? Nearest(from, place)) is not { } region) return null;
        _uses[region.Id] = _uses.GetValueOrDefault(region.Id) + 1;
        return region.Id;
    }

    /// <summary>The region used most so far; equal ones by name; a usual one when none was used.</summary>
    public string MostUsed() => _asked?.Id
        ?? _uses.OrderByDescending(static use => use.Value).ThenBy(static use => use.Key, StringComparer.Ordinal)
            .Select(static use => use.Key).FirstOrDefault()
        ?? _target switch
        {
            Cloud.Azure => "eastus",
            Cloud.Gcp => "us-central1",
            _ => "us-east-1",
        };

    /// <summary>Whose law data leaves and whose it comes under, when they differ.</summary>
    public (string From, string To)? LawChanges(Cloud from, string? place, string region) =>
        RegionMap.TryGet(from, place, out Region? here) && RegionMap.TryGet(_target, region, out Region? there)
            && here.Jurisdiction != there.Jurisdiction
            ? (here.Jurisdiction, there.Jurisdiction)
            : null;

    private Region? Nearest(Cloud from, string? place)
    {
        if (place is null) return null;
        if (!_nearest.TryGetValue((from, place), out Region? region))
            _nearest[(from, place)] = region = RegionMap.Nearest(from, place, _target, _prices);
        return region;
    }
}
