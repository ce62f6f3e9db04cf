using System.Globalization;
using System.Runtime.CompilerServices;

namespace Sirsi.Clouds.Prices;

// Prices made of several rates: Google's custom machine types, and managed databases and caches by what they are asked for.
public sealed partial class PriceCatalogue
{
    /// <summary>Room for any key; a longer one is in no book.</summary>
    private const int KeyLengthMax = 128;

    private const string WindowsLicence = "vm/licence/windows/vcpu-hour";

    /// <summary>
    /// What an hour of a managed relational database costs, without its storage.
    /// </summary>
    /// <param name="cloud">Where it runs.</param>
    /// <param name="region">
    /// The region; when it has no price, <see cref="TryGetServicePrice(Cloud, string, string, out Price)"/> tells what happens.
    /// </param>
    /// <param name="engine">
    /// <c>mysql</c>, <c>postgres</c>, <c>mariadb</c>, <c>aurora-mysql</c>, <c>aurora-postgres</c>, <c>sqlserver-ex</c>,
    /// <c>sqlserver-web</c>, <c>sqlserver-se</c>, <c>sqlserver-ee</c>, <c>oracle-se2</c>, <c>oracle-se2-byol</c> or <c>oracle-ee-byol</c>.
    /// </param>
    /// <param name="size">
    /// The cloud's own word: <c>db.m5.large</c>, <c>GP_Gen5_4</c>, <c>GP_Standard_D4s_v3</c>, <c>db-n1-standard-2</c>,
    /// <c>db-custom-4-16384</c>.
    /// </param>
    /// <param name="multiZone">Whether a standby in a second zone is paid for.</param>
    /// <param name="price">
    /// The price, unit <see cref="PriceUnit.Hour"/>; <see cref="PriceQuality.Derived"/> or worse when made of rates per vCPU and GiB.
    /// </param>
    public bool TryGetDatabasePrice(Cloud cloud, string region, string engine, string size, bool multiZone, out Price price)
    {
        ArgumentNullException.ThrowIfNull(region);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(size);
        string zones = multiZone ? "multi" : "single";
        Span<char> key = stackalloc char[KeyLengthMax];
        if (TryGetByParts(cloud, region, key, $"database/{engine}/{size}/{zones}/hour", out price)) return true;
        return cloud switch
        {
            Cloud.Gcp => GcpDatabase(region, engine, size, zones, out price),
            Cloud.Azure => AzureDatabase(region, engine, size, multiZone, out price),
            _ => false,
        };
    }

    private bool GcpDatabase(string region, string engine, string size, string zones, out Price price)
    {
        price = default;
        Span<char> key = stackalloc char[KeyLengthMax];
        if (engine.StartsWith("sqlserver", StringComparison.Ordinal)) return false; // its licence has no price in the book
        if (TryGetByParts(Cloud.Gcp, region, key, $"database/shared/{size}/{zones}/hour", out price)) return true;
        if (!size.StartsWith("db-", StringComparison.Ordinal) || Of(Cloud.Gcp) is not { } prices) return false;
        ReadOnlySpan<char> machine = size.AsSpan(3);
        double vcpus;
        double memory;
        if (GcpCustomSize.TryParse(machine, out GcpCustomSize custom)) (vcpus, memory) = (custom.VCpus, custom.MemoryGib);
        else if (prices.TryFindSize(machine, out int index) && prices.Sizes[index] is { } vm) (vcpus, memory) = (vm.VCpus, vm.MemoryGiB);
        else if (TierOf(size, "db-perf-optimized-N-", out int tierVcpus)) (vcpus, memory) = (tierVcpus, tierVcpus * 8);
        else return false;
        return TryGetByParts(Cloud.Gcp, region, key, $"database/vcpu/{zones}/vcpu-hour", out Price perVcpu)
            & TryGetByParts(Cloud.Gcp, region, key, $"database/memory/{zones}/gib-hour", out Price perGib)
            && Sum(perVcpu, vcpus, perGib, memory, out price);
    }

    private bool AzureDatabase(string region, string engine, string size, bool multiZone, out Price price)
    {
        price = default;
        int firstBar = size.IndexOf('_', StringComparison.Ordinal);
        int lastBar = size.LastIndexOf('_');
        if (firstBar < 1 || Of(Cloud.Azure) is not { } prices) return false;
        Span<char> key = stackalloc char[KeyLengthMax];
        // GP_S_Gen5_2 is serverless: a tier of its own, which provisioned prices say nothing about.
        int tierEnd = size.AsSpan(firstBar).StartsWith("_S_", StringComparison.Ordinal) ? firstBar + "_S".Length : firstBar;
        ReadOnlySpan<char> tier = size.AsSpan(0, tierEnd);
        int vcpus;
        if (prices.TryFindSize(size.AsSpan(firstBar + 1), out int index) && prices.Sizes[index] is { } vm) vcpus = vm.VCpus;
        else if (!int.TryParse(size.AsSpan(lastBar + 1), CultureInfo.InvariantCulture, out vcpus)) return false;
        if (vcpus is < 1 or > 256) return false;
        bool isSqlServer = engine.StartsWith("sqlserver", StringComparison.Ordinal);
        string family = isSqlServer ? "sqlserver" : "open-source";
        if (!TryGetByParts(Cloud.Azure, region, key, $"database/{family}/{tier}/vcpu-hour", out Price rate)) return false;
        double usd = rate.Usd;
        if (isSqlServer)
        {
            if (!TryGetByParts(Cloud.Azure, region, key, $"database/sqlserver-licence/{tier}/vcpu-hour", out Price licence)) return false;
            usd += licence.Usd;
            if (multiZone
                && TryGetByParts(Cloud.Azure, region, key, $"database/sqlserver-zone-redundancy/{tier}/vcpu-hour", out Price zone))
                usd += zone.Usd;
        }
        else if (multiZone) usd *= 2; // a standby costs what the server costs
        price = rate with
        {
            Usd = usd * vcpus,
            Unit = PriceUnit.Hour,
            Quality = Worst(rate.Quality, PriceQuality.Derived),
        };
        return true;
    }

    private bool TryGetCustomPrice(RegionPrices place, GcpCustomSize custom, VmOs os, out Price price)
    {
        price = default;
        Span<char> key = stackalloc char[KeyLengthMax];
        if (!TryGetByParts(Cloud.Gcp, place.Name, key, $"vm/{custom.Series}-custom/vcpu-hour", out Price perVcpu)
            || !TryGetByParts(Cloud.Gcp, place.Name, key, $"vm/{custom.Series}-custom/gib-hour", out Price perGib)
            || perVcpu.Quality is PriceQuality.OtherRegion || perGib.Quality is PriceQuality.OtherRegion
            || !Sum(perVcpu, custom.VCpus, perGib, custom.MemoryGib, out price))
            return false;
        if (os is VmOs.Linux) return true;
        if (!TryGetServicePrice(Cloud.Gcp, place.Name, WindowsLicence, out Price licence)) return false;
        price = price with { Usd = price.Usd + (licence.Usd * custom.VCpus) };
        return true;
    }

    /// <summary>Looks up a key given in parts without making a string of it.</summary>
    private bool TryGetByParts(Cloud cloud, string region, Span<char> text,
        [InterpolatedStringHandlerArgument(nameof(text))] ref MemoryExtensions.TryWriteInterpolatedStringHandler key, out Price price)
    {
        price = default;
        return text.TryWrite(ref key, out int length)
            && _keyIndex.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out int index)
            && TryGetServicePrice(cloud, region, index, out price);
    }

    private static VmSize SpecOf(GcpCustomSize custom, string name) => new()
    {
        Cloud = Cloud.Gcp,
        Name = name,
        Family = custom.Series + "-custom",
        VCpus = custom.VCpus,
        MemoryGiB = custom.MemoryGib,
        LocalDiskGiB = 0,
        HasLocalDisk = false,
    };

    private static bool Sum(Price perVcpu, double vcpus, Price perGib, double memory, out Price price)
    {
        price = perVcpu with
        {
            Usd = (perVcpu.Usd * vcpus) + (perGib.Usd * memory),
            Unit = PriceUnit.Hour,
            Quality = Worst(Worst(perVcpu.Quality, perGib.Quality), PriceQuality.Derived),
        };
        return true;
    }

    private static bool TierOf(string size, string prefix, out int vcpus)
    {
        vcpus = 0;
        return size.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(size.AsSpan(prefix.Length), CultureInfo.InvariantCulture, out vcpus) && vcpus is > 0 and <= 256;
    }

    private static PriceQuality Worst(PriceQuality one, PriceQuality other) => one > other ? one : other;
}
