using Sirsi.Hypervisor.Durability;
using Sirsi.Simulation.Running;
using Sirsi.Simulation.Scenarios;
using Sirsi.Simulation.Tests.Mistakes;

namespace Sirsi.Simulation.Tests;

/// <summary>Mistakes that are made on purpose are found: what the simulation does not say means something.</summary>
public sealed class PlantedMistakeTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, Func<Mistake>> Planted = new(StringComparer.Ordinal)
    {
        ["LostOutboxRow"] = static () => new Lost(FactKind.EventPromised),
        ["LostHandled"] = static () => new Lost(FactKind.MessageHandled),
        ["LostIntent"] = static () => new Lost(FactKind.StepBegun),
        ["LostSpending"] = static () => new Lost(FactKind.BudgetSpent),
        ["LostRevocation"] = static () => new Lost(FactKind.CapabilityRevoked),
        ["LostMessageKey"] = static () => new Lost(FactKind.KeySeen),
        ["LostDependency"] = static () => new LostDependency(),
        ["SeenBeforeStored"] = static () => new SeenBeforeStored(),
        ["TornOccurrence"] = static () => new TornOccurrence(),
        ["LateSend"] = static () => new LateSend(),
        ["MissingFence"] = static () => new MissingFence(),
        ["ShortLease"] = static () => new ShortLease(),
        ["BlindWrite"] = static () => new BlindWrite(),
        ["FreeTurns"] = static () => new FreeTurns(),
        ["UnsteadyKey"] = static () => new UnsteadyKey(),
    };

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
    public void A_mistake_made_on_purpose_is_found(string mistake, string scenario)
    {
        ScenarioType right = BuiltIn.Find(scenario)!;
        ScenarioType mistaken = right with { Create = () => new MistakenScenario(right.Create(), Planted[mistake]()) };
        for (int seed = 1; seed <= 400; seed++)
        {
            SimulationReport report = Simulator.Run(mistaken, seed);
            if (report.Violation is null) continue;
            output.WriteLine($"{mistake}: seed {seed} of {scenario}: {report.Violation}");
            SimulationReport again = Simulator.Run(mistaken, seed, keepsHistory: true);
            Assert.Equal((report.Violation, report.Fingerprint), (again.Violation, again.Fingerprint));
            Assert.Null(Simulator.Run(right, seed).Violation);
            return;
        }

        Assert.Fail($"400 seeds of {scenario} do not find it.");
    }

    [Fact]
    public void Every_mistake_that_can_be_made_on_purpose_is_looked_for()
    {
        IEnumerable<string> looked = typeof(PlantedMistakeTests).GetMethod(nameof(A_mistake_made_on_purpose_is_found))!.GetCustomAttributesData()
            .Where(static attribute => attribute.AttributeType == typeof(InlineDataAttribute))
            .Select(static attribute => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!)[0].Value!);
        Assert.Equal(Planted.Keys.Order(StringComparer.Ordinal), looked.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("transfers")]
    [InlineData("graphs")]
    [InlineData("counters")]
    [InlineData("calendars")]
    public void A_scenario_around_which_no_mistake_is_made_is_the_run_that_it_is_alone(string scenario)
    {
        ScenarioType right = BuiltIn.Find(scenario)!;
        ScenarioType wrapped = right with { Create = () => new MistakenScenario(right.Create(), new None()) };
        for (int seed = 1; seed <= 10; seed++) Assert.Equal(Simulator.Run(right, seed).Fingerprint, Simulator.Run(wrapped, seed).Fingerprint);
    }

    /// <summary>Takes records apart and puts them together again.</summary>
    private sealed class None : LedgerMistake
    {
        public override ValueTask<long> AppendAsync(ILedgerLog turns, ReadOnlyMemory<byte> record) => turns.AppendAsync(Fact.Join(Fact.Of(record)));
    }
}
