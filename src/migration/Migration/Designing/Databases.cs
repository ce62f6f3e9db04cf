using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;

namespace Sirsi.Migration.Designing;

/// <summary>
/// Chooses the size of managed relational databases: the cheapest class of the target that has at least today's processors and memory (less
/// 2 %), among those whose price is known; where none is known, the smallest that fits. Not thread-safe.
/// </summary>
internal sealed class Databases(PriceCatalogue prices, Cloud target)
{
    private const double MemoryTolerance = 0.98;
    private const int RunnersUpMax = 2;

    // Azure's flexible servers run on these series; Azure SQL sells processors by itself, with 5.1 GiB each.
    private static readonly int[] AzureProcessors = [2, 4, 8, 16, 32, 48, 64, 96];
    private static readonly int[] AzureSqlProcessors = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 32, 40, 80];
    private static readonly (string Name, int VCpus, double GiB)[] AzureBurstable =
        [("B1ms", 1, 2), ("B2s", 2, 4), ("B2ms", 2, 8), ("B4ms", 4, 16), ("B8ms", 8, 32), ("B12ms", 12, 48), ("B16ms", 16, 64),
            ("B20ms", 20, 80)];

    private readonly Dictionary<(Cloud, string?, double?, double?, string, bool, string), SizeChoice> _known = [];

    /// <summary>The class for a database of these facts.</summary>
    /// <param name="from">Where it is today.</param>
    /// <param name="facts">Its facts; <c>vcpus</c> and <c>memoryGiB</c> count before what the name of <c>size</c> tells.</param>
    /// <param name="engine">The engine on the target.</param>
    /// <param name="region">The target region.</param>
    public SizeChoice For(Cloud from, AttributeMap facts, string engine, string region)
    {
        string? size = facts["size"].AsText;
        bool multiZone = facts["multiZone"].AsBoolean ?? false;
        var key = (from, size, facts["vcpus"].AsNumber, facts["memoryGiB"].AsNumber, engine, multiZone, region);
        if (!_known.TryGetValue(key, out SizeChoice? choice)) _known[key] = choice = Choose(from, facts, engine, multiZone, region);
        return choice;
    }

    private SizeChoice Choose(Cloud from, AttributeMap facts, string engine, bool multiZone, string region)
    {
        string? size = facts["size"].AsText;
        if (NeedOf(from, facts, size) is not { } need)
            return Undecided(size is null ? "today's is not stated" : $"{size} is not in our tables");
        List<Offer> fitting = [.. Offers(need, engine).Where(offer =>
            offer.Class.VCpus >= need.VCpus && offer.Class.GiB >= need.GiB * MemoryTolerance
                && (need.Burstable || !offer.Class.Burstable))];
        for (int at = 0; at < fitting.Count; at++)
            if (prices.TryGetDatabasePrice(target, region, PriceWord(engine), fitting[at].Name, multiZone, out Price price))
                fitting[at] = fitting[at] with { MonthlyUsd = price.UsdPerMonth() };
        if (fitting.Count == 0)
            return Undecided($"none holds {need}");
        Offer[] ranked = [.. fitting.OrderBy(static offer => offer.Old)
            .ThenBy(static offer => offer.MonthlyUsd ?? double.MaxValue)
            .ThenBy(static offer => offer.Class.VCpus).ThenBy(static offer => offer.Class.GiB)
            .ThenBy(static offer => offer.Name, StringComparer.Ordinal)];
        Offer best = ranked[0];
        string rank = best.MonthlyUsd is null ? "smallest" : "cheapest with a known price";
        return new(best.Name, $"{best.Name} ({best.Class}) is the {rank} that holds {size ?? "today's"} ({need}).")
        {
            Alternatives = [.. ranked.Skip(1).DistinctBy(static offer => offer.Family, StringComparer.Ordinal)
                .Where(offer => offer.Family != best.Family)
                .Take(RunnersUpMax).Select(offer => new Alternative(offer.Name, (decimal?)offer.MonthlyUsd, Compare(offer, best)))],
            Differences = best.Class.VCpus == need.VCpus && Math.Abs(best.Class.GiB - need.GiB) <= need.GiB * (1 - MemoryTolerance) ? []
                : [$"{best.Class} instead of {need}."],
        };
    }

    private static SizeChoice Undecided(string why) => new(null, "") { Decisions = [$"Choose the size of the database: {why}."] };

    private DatabaseClass? NeedOf(Cloud from, AttributeMap facts, string? size)
    {
        DatabaseClass? named = size is null ? null : ClassOf(from, size);
        double? vcpus = facts["vcpus"].AsNumber ?? named?.VCpus, giB = facts["memoryGiB"].AsNumber ?? named?.GiB;
        return vcpus is { } processors && giB is { } memory ? new DatabaseClass(processors, memory, named?.Burstable ?? false) : null;
    }

    /// <summary>What a cloud's word for a class means.</summary>
    private DatabaseClass? ClassOf(Cloud cloud, string size)
    {
        switch (cloud)
        {
            case Cloud.Gcp when size is "db-f1-micro":
                return new(1, 0.6, Burstable: true);
            case Cloud.Gcp when size is "db-g1-small":
                return new(1, 1.7, Burstable: true);
            case Cloud.Gcp:
                return Specified(cloud, size.StartsWith("db-", StringComparison.Ordinal) ? size[3..] : size);
            case Cloud.Azure when size.IndexOf("_Gen", StringComparison.Ordinal) > 0:
                bool counted = int.TryParse(size.AsSpan(size.LastIndexOf('_') + 1), out int processors) && processors is > 0 and <= 256;
                double each = size[0] switch
                {
                    'M' => 10,
                    'B' => 2,
                    _ => 5.1,
                };
                return counted ? new(processors, processors * each, size[0] == 'B') : null;
            case Cloud.Azure when size.IndexOf("Standard_", StringComparison.Ordinal) is var at and >= 0:
                return Specified(cloud, size[at..]);
            default:
                return Specified(cloud, size);
        }
    }

    private DatabaseClass? Specified(Cloud cloud, string size) =>
        prices.TryGetVm(cloud, size, out VmSize? vm) ? new(vm.VCpus, vm.MemoryGiB, vm.Burstable) : null;

    private IEnumerable<Offer> Offers(DatabaseClass need, string engine) => target switch
    {
        Cloud.Aws => prices.VmsOf(Cloud.Aws).Where(static vm => vm.Name.StartsWith("db.", StringComparison.Ordinal))
            .Where(vm => engine is not ("sqlserver" or "oracle") || vm.Architecture is VmArchitecture.X64)
            .Select(static vm => new Offer(vm.Name, vm.Family, new(vm.VCpus, vm.MemoryGiB, vm.Burstable), IsOldAws(vm.Family))),
        Cloud.Azure when engine is "sqlserver" => AzureSqlProcessors.SelectMany(static count => new[]
        {
            new Offer($"GP_Gen5_{count}", "GP_Gen5", new(count, count * 5.1, false), Old: false),
            new Offer($"BC_Gen5_{count}", "BC_Gen5", new(count, count * 5.1, false), Old: false),
        }),
        Cloud.Azure => AzureBurstable.Select(static size =>
            new Offer($"B_Standard_{size.Name}", "B", new(size.VCpus, size.GiB, true), Old: false))
            .Concat(AzureProcessors.SelectMany(static count => new[]
            {
                new Offer($"GP_Standard_D{count}ds_v4", "GP_Ddsv4", new(count, count * 4, false), Old: false),
                new Offer($"MO_Standard_E{count}ds_v4", "MO_Edsv4", new(count, count * 8, false), Old: false),
            })),
        _ => GoogleOffers(need, engine),
    };

    /// <summary>
    /// Google makes a class to measure: processors one or even, memory 0.9 to 6.5 GiB each, at least 3.75 GiB, in steps of 256 MiB.
    /// </summary>
    private static IEnumerable<Offer> GoogleOffers(DatabaseClass need, string engine)
    {
        if (engine is not "sqlserver")
        {
            yield return new("db-f1-micro", "shared", new(1, 0.6, true), Old: false);
            yield return new("db-g1-small", "shared", new(1, 1.7, true), Old: false);
        }

        int asked = need.VCpus <= 1 ? 1 : (int)Math.Ceiling(need.VCpus / 2) * 2;
        int forMemory = need.GiB > 6.5 ? (int)Math.Ceiling(need.GiB / 13) * 2 : 1;
        int processors = Math.Max(asked, forMemory);
        double memory = Math.Ceiling(Math.Max(Math.Max(need.GiB * MemoryTolerance, 3.75), processors * 0.9) * 4) / 4;
        if (processors > 96) yield break;
        yield return new($"db-custom-{processors}-{(int)(memory * 1024)}", "custom", new(processors, memory, false), Old: false);
    }

    /// <summary>Generations that Amazon no longer offers for new databases of current engine versions.</summary>
    private static bool IsOldAws(string family) =>
        family is "db.m1" or "db.m2" or "db.m3" or "db.m4" or "db.r3" or "db.r4" or "db.t1" or "db.t2" or "db.x1" or "db.x1e";

    private static string PriceWord(string engine) => engine switch
    {
        "aurora-postgresql" => "aurora-postgres",
        "sqlserver" => "sqlserver-se",
        "oracle" => "oracle-se2",
        _ => engine,
    };

    private static string Compare(Offer offer, Offer best)
    {
        if (offer.MonthlyUsd is not { } usd) return $"{offer.Class}, price not known";
        if (best.MonthlyUsd is not { } bestUsd) return offer.Class.ToString();
        double change = (usd / bestUsd) - 1;
        string price = Math.Abs(change) < 0.005 ? "same price" : $"{Math.Abs(change) * 100:0} % {(change > 0 ? "dearer" : "cheaper")}";
        return $"{offer.Class}, {price}{(offer.Class.Burstable && !best.Class.Burstable ? ", on credits" : "")}";
    }

    private sealed record DatabaseClass(double VCpus, double GiB, bool Burstable)
    {
        public override string ToString() => $"{VCpus:0.##} vCPU, {GiB:0.##} GiB";
    }

    private sealed record Offer(string Name, string Family, DatabaseClass Class, bool Old)
    {
        public double? MonthlyUsd { get; init; }
    }
}
