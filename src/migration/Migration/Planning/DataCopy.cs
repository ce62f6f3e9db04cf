using Sirsi.Clouds.Estates;

namespace Sirsi.Migration.Planning;

/// <summary>How much data of a resource is copied, and how long that takes under the assumptions.</summary>
/// <param name="KnownGiB">The size, or null when no fact tells it.</param>
/// <param name="AssumedGiB">The size the times rest on.</param>
internal sealed record DataCopy(double? KnownGiB, double AssumedGiB)
{
    private const double BitsPerGiB = 8d * 1024 * 1024 * 1024;

    /// <summary>The data of a resource whose kind has data.</summary>
    public static DataCopy Of(Resource resource, string[] sizeFacts, PlanAssumptions assumptions)
    {
        double? known = null;
        foreach (string name in sizeFacts)
        {
            AttributeValue fact = resource.Facts[name];
            if (fact.AsNumber is { } size and >= 0) known = (known ?? 0) + size;
            foreach (AttributeValue disk in fact.AsList)
                if (disk.AsMap?["sizeGiB"].AsNumber is { } diskSize and >= 0)
                    known = (known ?? 0) + diskSize;
        }

        return new(known, known ?? assumptions.UnknownStoreGiB);
    }

    /// <summary>The time to copy that much on the line, alone.</summary>
    public static TimeSpan TimeFor(double giB, PlanAssumptions assumptions)
    {
        double seconds = giB * BitsPerGiB / (assumptions.BandwidthMbps * assumptions.BandwidthShare * 1_000_000);
        return seconds >= TimeSpan.FromDays(36_500).TotalSeconds ? TimeSpan.FromDays(36_500) : TimeSpan.FromSeconds(Math.Ceiling(seconds));
    }

    /// <summary>What changes while a copy of this length runs, at least within an hour, in GiB.</summary>
    public double ChangedDuring(TimeSpan copy, double dailyChange) =>
        AssumedGiB * Math.Min(1, dailyChange * Math.Max(copy.TotalDays, 1d / 24));
}
