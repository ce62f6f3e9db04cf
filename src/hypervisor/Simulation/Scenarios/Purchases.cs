using System.Text;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;
using Sirsi.Simulation.Faults;

namespace Sirsi.Simulation.Scenarios;

/// <summary>
/// Durable agents buy in steps at an outside world that loses answers. With one key a thing is bought once, however often it is asked for; what is not to be asked for twice is not, and waits for a person, who looks.
/// </summary>
internal sealed class Purchases : Scenario
{
    private const int Buyers = 3, Orders = 3;

    private readonly AgentId[] _buyers = new AgentId[Buyers];
    private readonly int[] _acknowledged = new int[Buyers];

    public override void Register(AgentTypes types) => types.Register(new AgentType("buyer", () => new Buyer(this))
    {
        Durability = AgentDurability.Durable,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Buyers; i++) _buyers[i] = (await World.Session.SpawnAsync("buyer")).Id;
    }

    public override async Task ActAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Buyers).Select(OrderAsync));
        while (_buyers.Any(id => World.Session.Find(id)!.Number("orders") < Orders))
        {
            foreach (AgentId id in _buyers) await LookAsync(World.Session.Find(id)!);
            await Task.Delay(TimeSpan.FromSeconds(5), World.Environment.Time);
        }
    }

    private async Task OrderAsync(int buyer)
    {
        while (_acknowledged[buyer] < Orders)
        {
            byte[] order = [(byte)World.Random.Next(2)];
            SendOutcome outcome = await World.Session.Find(_buyers[buyer])!.TellAsync("order", order, TimeSpan.FromSeconds(5), key: $"order {_acknowledged[buyer]}");
            if (outcome is SendOutcome.Accepted or SendOutcome.Repeated) _acknowledged[buyer]++;
            await Task.Delay(TimeSpan.FromMilliseconds(100), World.Environment.Time);
        }
    }

    /// <summary>The person: what nobody knows the outcome of is looked up at the outside world.</summary>
    private async Task LookAsync(Agent buyer)
    {
        if (buyer.UnknownStep is not { } step) return;
        bool isDone = World.Outside.Effects.ContainsKey(step.Key);
        World.Note($"A person sees that {step.Key} was {(isDone ? "done" : "not done")}.");
        if (isDone) await buyer.SettleStepAsync(Encoding.UTF8.GetBytes(step.Key), "It is done, as the outside world says.");
        else await buyer.RepeatStepAsync("It is not done, as the outside world says.");
    }

    public override Task JudgeAsync()
    {
        int bought = 0;
        foreach (AgentId id in _buyers)
        {
            IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables = World.Session.Find(id)!.CopyVariables();
            foreach (string key in variables.Keys.Where(static name => name.StartsWith("key ", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                bought++;
                World.Require(World.Outside.Effects.ContainsKey(Encoding.UTF8.GetString(variables[key].Span)), $"A buyer has a receipt of something that was not bought.");
            }
        }

        World.Require(bought == Buyers * Orders * 2, $"{Buyers * Orders * 2} things were ordered and there are receipts of {bought}.");
        World.Require(World.Outside.Effects.Count == bought, $"There are receipts of {bought} things and {World.Outside.Effects.Count} were bought.");
        foreach ((string key, OutsideEffect effect) in World.Outside.Effects)
            World.Require(effect.What != "delicate" || effect.Asked == 1, $"{key} was not to be asked for twice and was asked for {effect.Asked} times.");
        return Task.CompletedTask;
    }

    private sealed class Buyer(Purchases scenario) : IAgentBehavior
    {
        public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            int order = turn.Number("orders");
            SimulatedWorld world = scenario.World;
            bool isDelicate = message.Payload.Span[0] == 1;
            for (int part = 0; part < 2; part++)
            {
                ReadOnlyMemory<byte> receipt = await turn.StepAsync($"buy {part}", isDelicate ? StepPolicy.AskPerson : StepPolicy.SameKey,
                    call => world.Outside.DoAsync(call.Key, isDelicate ? "delicate" : "robust", cancellation: call.Cancellation));
                turn.SetVariable($"key {order}.{part}", receipt);
            }

            turn.SetNumber("orders", order + 1);
        }
    }
}
