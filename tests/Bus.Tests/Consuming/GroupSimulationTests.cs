using Sirsi.Bus.Local;

namespace Sirsi.Bus.Tests.Consuming;

public sealed class GroupSimulationTests
{
    private const int Seed = 20_261_126;

    [Fact]
    public void A_group_keeps_its_promises_whatever_its_members_do() => Run(Seed, 150);

    [Fact, Trait("Suite", "full")]
    public void A_group_keeps_its_promises_in_many_runs() => Run(Seed + 1_000_000, 20_000);

    private static void Run(int seed, int runs)
    {
        int redeliveries = 0;
        for (int i = 0; i < runs; i++)
        {
            var simulation = new GroupSimulation(seed + i, static environment => new MemoryBusDriver(environment));
            simulation.Run();
            redeliveries += simulation.Redeliveries;
        }

        Assert.True(redeliveries > runs, "Nothing was delivered again: the simulation tries too little.");
    }
}
