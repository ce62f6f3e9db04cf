using System.Diagnostics;
using Sirsi.Clouds.Prices;

namespace Sirsi.Clouds.Tests.Prices;

/// <summary>Measures, and fails only when far off: the machine may be busy. The figures are in docs/prices.md.</summary>
public sealed class PriceSpeedTests
{
    private const int Rounds = 200_000;

    [Fact]
    public void Opening_takes_milliseconds_and_looking_up_well_under_a_microsecond()
    {
        using Stream stream = typeof(PriceCatalogue).Assembly.GetManifestResourceStream("prices.bin")!;
        var book = new byte[stream.Length];
        stream.ReadExactly(book);
        var clock = Stopwatch.StartNew();
        PriceCatalogue prices = PriceCatalogue.Open(book);
        Report("open (first, cold)", clock.Elapsed.TotalMilliseconds, "ms");
        clock.Restart();
        PriceCatalogue.Open(book);
        double open = clock.Elapsed.TotalMilliseconds;
        Report("open", open, "ms");

        prices.TryGetVm(Cloud.Aws, "m5.large", out VmSize? like);
        double vm = Time(() => prices.TryGetVmPrice(Cloud.Azure, "westeurope", "Standard_D4s_v5", VmOs.Linux, out _));
        double service = Time(() => prices.TryGetServicePrice(Cloud.Aws, "ap-south-1", "nat/hour", out _));
        double custom = Time(() => prices.TryGetVmPrice(Cloud.Gcp, "europe-west4", "n2-custom-4-8192", VmOs.Linux, out _));
        double database = Time(() => prices.TryGetDatabasePrice(Cloud.Aws, "eu-west-1", "postgres", "db.m5.large", multiZone: true, out _));
        double cheapest = Time(() => prices.TryFindCheapest(like!, Cloud.Azure, "eastus", VmOs.Linux, out _));
        Report("VM price", vm, "ns");
        Report("service price by fallback", service, "ns");
        Report("custom type", custom, "ns");
        Report("database", database, "ns");
        Report("cheapest that fits", cheapest, "ns");
        Assert.True(open < 100);
        Assert.True(vm < 5_000 && service < 5_000 && custom < 20_000 && database < 10_000 && cheapest < 50_000);
    }

    private static double Time(Func<bool> look)
    {
        for (int i = 0; i < Rounds; i++) look();
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < Rounds; i++) look();
        return clock.Elapsed.TotalNanoseconds / Rounds;
    }

    private static void Report(string what, double value, string unit) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {value:F2} {unit}");
}
