using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Designing;

/// <summary>Chooses the size of in-memory caches by the memory of a node. Not thread-safe.</summary>
internal sealed class Caches(PriceCatalogue prices, Cloud target)
{
    // Azure Cache for Redis, memory by size (Microsoft, service tiers).
    private static readonly (string Size, double GiB)[] AzureSizes =
    [
        ("Standard_C0", 0.25), ("Standard_C1", 1), ("Standard_C2", 2.5), ("Standard_C3", 6), ("Standard_C4", 13), ("Standard_C5", 26),
        ("Standard_C6", 53), ("Premium_P5", 120),
    ];

    private static readonly (string Size, double GiB)[] AzureOtherSizes =
        [("Premium_P1", 6), ("Premium_P2", 13), ("Premium_P3", 26), ("Premium_P4", 53)];

    private readonly Dictionary<(Cloud, string?, double?, string, string), (SizeChoice Choice, double? GiB)> _known = [];

    /// <summary>The size of a node, and its memory in GiB; on Google, where memory is ordered as such, the size is null.</summary>
    public (SizeChoice Choice, double? GiB) For(Cloud from, AttributeMap facts, string engine, string region)
    {
        var key = (from, facts["size"].AsText, facts["memoryGiB"].AsNumber, engine, region);
        if (!_known.TryGetValue(key, out (SizeChoice Choice, double? GiB) known)) _known[key] = known = Choose(from, facts, engine, region);
        return known;
    }

    private (SizeChoice Choice, double? GiB) Choose(Cloud from, AttributeMap facts, string engine, string region)
    {
        string? size = facts["size"].AsText;
        double? memory = facts["memoryGiB"].AsNumber ?? MemoryOf(from, size);
        if (memory is not { } need)
            return (Undecided(size is null ? "Choose a size: today's is not stated." : $"Choose a size: {size} is not in our tables."), null);
        // What a node keeps for itself differs by cloud; a size that is short of a tenth is the one meant for the same data.
        double atLeast = need * 0.9;
        (string? Size, double GiB) fit = target switch
        {
            Cloud.Azure => Array.Find(AzureSizes, candidate => candidate.GiB >= atLeast),
            Cloud.Gcp => (null, Math.Max(1, Math.Ceiling(atLeast))),
            _ => CheapestNode(engine, region, atLeast),
        };
        if (fit.GiB <= 0) return (Undecided($"Split the cache: no single size holds {need:0.##} GiB."), need);
        return (new(fit.Size, $"{fit.Size ?? "An instance"} with {fit.GiB:0.##} GiB holds today's {need:0.##} GiB.")
        {
            Differences = Math.Abs(fit.GiB - need) > need * 0.1 ? [$"{fit.GiB:0.##} GiB instead of {need:0.##} GiB."] : [],
        }, fit.GiB);
    }

    private double? MemoryOf(Cloud cloud, string? size)
    {
        if (size is null) return null;
        if (cloud is Cloud.Azure)
        {
            foreach ((string known, double giB) in AzureSizes.Concat(AzureOtherSizes))
                if (size.EndsWith(known[^2..], StringComparison.OrdinalIgnoreCase))
                    return giB;
        }

        return prices.TryGetVm(cloud, size, out VmSize? vm) ? vm.MemoryGiB : null;
    }

    private (string? Size, double GiB) CheapestNode(string engine, string region, double atLeast)
    {
        (string? Size, double GiB, double Usd) best = (null, 0, double.MaxValue);
        foreach (VmSize node in prices.VmsOf(Cloud.Aws))
        {
            if (!node.Name.StartsWith("cache.", StringComparison.Ordinal) || node.MemoryGiB < atLeast || IsOld(node.Family)) continue;
            bool isPriced = prices.TryGetServicePrice(Cloud.Aws, region, $"cache/{engine}/{node.Name}/hour", out Price price);
            // Without any price the smallest node is taken, after all that have one.
            double usd = isPriced ? price.Usd : 1_000 + node.MemoryGiB;
            if (usd < best.Usd) best = (node.Name, node.MemoryGiB, usd);
        }

        return (best.Size, best.GiB);
    }

    private static SizeChoice Undecided(string decision) => new(null, "") { Decisions = [decision] };

    private static bool IsOld(string family) =>
        family is "cache.c1" or "cache.m1" or "cache.m2" or "cache.m3" or "cache.m4"
            or "cache.r3" or "cache.r4" or "cache.t1" or "cache.t2";
}
