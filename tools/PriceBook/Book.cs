using System.Globalization;
using Sirsi.Clouds;
using Sirsi.Clouds.Prices;

namespace Sirsi.PriceBook;

/// <summary>A price as it will stand in the book.</summary>
internal readonly record struct Amount(double Usd, PriceQuality Quality, PriceSource Source);

/// <summary>What is known of a size, besides its name.</summary>
internal sealed record Spec(string Family, int VCpus, double MemoryGiB)
{
    internal SizeFlags Flags { get; init; }

    internal int Gpus { get; init; }

    internal string GpuModel { get; init; } = "";

    internal double LocalDiskGiB { get; init; }

    internal double NetworkGbps { get; init; } = PriceBookLayout.Unknown;

    internal NetworkClass Network { get; init; }
}

/// <summary>Everything the book will say about one cloud.</summary>
internal sealed class CloudBook(Cloud cloud, params string[] references)
{
    internal Cloud Cloud => cloud;

    internal string[] References => references;

    internal Dictionary<string, Spec> Specs { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal Dictionary<(string Region, VmOs Os, string Size), Amount> Vms { get; } = [];

    /// <summary>Sizes that have a price in a region but cannot be ordered there.</summary>
    internal HashSet<(string Region, string Size)> NotOffered { get; } = [];

    internal Dictionary<(string Region, string Key), Amount> Services { get; } = [];

    /// <summary>
    /// Keeps a price; a source's zero means that it does not know. The first to set a price wins: sources come newest first.
    /// </summary>
    internal void AddVm(string region, VmOs os, string size, double usd, PriceQuality quality, PriceSource source)
    {
        if (usd > 0) Vms.TryAdd((region, os, size), new Amount(Tidy(usd), quality, source));
    }

    /// <inheritdoc cref="AddVm"/>
    internal void AddService(string region, string key, double usd, PriceQuality quality, PriceSource source)
    {
        if (usd > 0) Services.TryAdd((region, key), new Amount(Tidy(usd), quality, source));
    }

    internal double? Linux(string region, string size) =>
        Vms.TryGetValue((region, VmOs.Linux, size), out Amount amount) ? amount.Usd : null;

    /// <summary>Takes the noise of binary arithmetic off: sources state at most 15 significant digits.</summary>
    internal static double Tidy(double usd) =>
        double.Parse(usd.ToString("G15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
