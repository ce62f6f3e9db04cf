using Sirsi.Bus.Drivers;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Local;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Consuming;

public sealed class GroupSimulationTests
{
    private const int Seed = 20_261_126;

    [Fact]
    public void A_group_keeps_its_promises_whatever_its_members_do() => Run(Seed, 150);

    [Fact, Trait("Suite", "full")]
    public void A_group_keeps_its_promises_in_many_runs() => Run(Seed + 1_000_000, 20_000);

    [Fact]
    public void A_group_over_journals_keeps_its_promises() =>
        Run(Seed + 2_000_000, 40, static environment => new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = "bus" }, environment));

    private static void Run(int seed, int runs, Func<HostEnvironment, BusDriver>? createDriver = null)
    {
        int redeliveries = 0;
        for (int i = 0; i < runs; i++)
        {
            var simulation = new GroupSimulation(seed + i, createDriver ?? (static environment => new MemoryBusDriver(environment)));
            simulation.Run();
            redeliveries += simulation.Redeliveries;
        }

        Assert.True(redeliveries > runs, "Nothing was delivered again: the simulation tries too little.");
    }
}
