using Sirsi.Hypervisor;
using Sirsi.Simulation.Running;
using Sirsi.Simulation.Scenarios;

namespace Sirsi.Simulation.Tests;

/// <summary>Mistakes that are made on purpose are found: what the simulation does not say means something.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("LostOutboxRow", "reports")]
    [InlineData("LostHandled", "transfers")]
    [InlineData("SeenBeforeStored", "reports")]
    [InlineData("LateSend", "transfers")]
    [InlineData("LostMessageKey", "transfers")]
    [InlineData("MissingFence", "graphs")]
    [InlineData("ShortLease", "graphs")]
    [InlineData("FreeTurns", "shares")]
    [InlineData("LostDependency", "graphs")]
    [InlineData("LostIntent", "purchases")]
    [InlineData("UnsteadyKey", "purchases")]
    [InlineData("UnsteadyKey", "journeys")]
    [InlineData("SeenBeforeStored", "guests")]
    [InlineData("LostSpending", "spenders")]
    [InlineData("LostRevocation", "permits")]
    [InlineData("BlindWrite", "counters")]
    [InlineData("TornOccurrence", "calendars")]
    public void A_mistake_made_on_purpose_is_found(string bug, string scenario)
    {
        PlantedBug planted = Enum.Parse<PlantedBug>(bug);
        for (int seed = 1; seed <= 400; seed++)
        {
            SimulationReport report = Simulator.Run(BuiltIn.Find(scenario)!, seed, faults: null, keepsHistory: false, planted);
            if (report.Violation is null) continue;
            output.WriteLine($"{bug}: seed {seed} of {scenario}: {report.Violation}");
            SimulationReport again = Simulator.Run(BuiltIn.Find(scenario)!, seed, faults: null, keepsHistory: true, planted);
            Assert.Equal((report.Violation, report.Fingerprint), (again.Violation, again.Fingerprint));
            Assert.Null(Simulator.Run(BuiltIn.Find(scenario)!, seed).Violation);
            return;
        }

        Assert.Fail($"400 seeds of {scenario} do not find it.");
    }

    [Fact]
    public void Every_mistake_that_can_be_made_on_purpose_is_looked_for()
    {
        IEnumerable<string> looked = typeof(PlantedBugTests).GetMethod(nameof(A_mistake_made_on_purpose_is_found))!.GetCustomAttributesData()
            .Where(static attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(static attribute => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)[0].Value!);
        Assert.Equal(Enum.GetNames<PlantedBug>().Except(["None"]).Order(StringComparer.Ordinal), looked.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }
}
