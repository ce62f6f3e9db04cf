using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>Parents and their children pay at the outside world out of one small budget. What was paid never exceeds it, nor what one of them may spend, whatever is lost.</summary>
internal sealed class Spenders : Scenario
{
    private const int Parents = 2, Orders = 12, OfTenant = 60, OfParent = 40;
    private static readonly CapabilitySet Spawning = CapabilitySet.Parse(["agent.spawn:spender", "agent.tell"]);

    private readonly AgentId[] _parents = new AgentId[Parents];
    private readonly int[] _asked = new int[Parents];
    private readonly long[] _paidBy = new long[Parents];
    private long _paid;

    public override AgentHostOptions Host => base.Host with
    {
        Budgets = new HostBudgetOptions { EachTenant = new BudgetLimits { Money = OfTenant, HostCalls = long.MaxValue, BytesStored = long.MaxValue } },
    };

    public override SessionOptions Session => new() { Capabilities = Spawning };

    public override void Register(AgentTypes types) => types.Register(new AgentType("spender", () => new Spender(this))
    {
        Durability = AgentDurability.Durable,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Parents; i++)
        {
            var options = new SpawnOptions { Capabilities = Spawning, Budget = new BudgetLimits { Money = OfParent }, Variables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { ["family"] = BitConverter.GetBytes(i) } };
            _parents[i] = (await World.Session.SpawnAsync("spender", options)).Id;
        }
    }

    public override Task ActAsync() => Task.WhenAll(Enumerable.Range(0, Parents).Select(ActAsync));

    private async Task ActAsync(int parent)
    {
        while (_asked[parent] < Orders)
        {
            Agent agent = World.Session.Find(_parents[parent])!;
            byte[] order = [(byte)World.Random.Next(1, 9), (byte)World.Random.Next(3)];
            if (await agent.TellAsync("pay", order, TimeSpan.FromSeconds(5), key: $"pay {_asked[parent]}") is SendOutcome.Accepted or SendOutcome.Repeated) _asked[parent]++;
            await Task.Delay(TimeSpan.FromMilliseconds(World.Random.Next(500)), World.Environment.Time);
        }
    }

    public override void Observe()
    {
        World.Require(_paid <= OfTenant, $"The tenant may spend {OfTenant} and has spent {_paid}.");
        for (int i = 0; i < Parents; i++) World.Require(_paidBy[i] <= OfParent, $"Family {i} may spend {OfParent} and has spent {_paidBy[i]}.");
    }

    public override Task JudgeAsync()
    {
        long used = World.Session.Budget!.Snapshot().Used[BudgetResource.Money];
        World.Require(used >= _paid, $"{_paid} was spent, and {used} was charged.");
        return Task.CompletedTask;
    }

    private sealed class Spender(Spenders scenario) : IAgentBehavior
    {
        public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            int amount = message.Payload.Span[0], family = turn.Number("family");
            try
            {
                await turn.StepAsync("pay", StepPolicy.SameKey, call => PayAsync(call, family, amount), new BudgetAmounts { Money = amount });
            }
            catch (HypervisorException refused) when (refused.Code == HypervisorErrors.BudgetExhausted)
            {
                turn.SetNumber("refused", turn.Number("refused") + 1);
                return;
            }

            turn.SetNumber("paid", turn.Number("paid") + amount);
            if (message.Payload.Span[1] != 0) return;
            AgentId child = turn.Spawn("spender", new SpawnOptions { Budget = new BudgetLimits { Money = 5 }, Variables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { ["family"] = BitConverter.GetBytes(family) } });
            turn.Tell(child, "pay", new byte[] { 3, 1 });
        }

        private ValueTask<ReadOnlyMemory<byte>> PayAsync(StepCall call, int family, int amount) => scenario.World.Outside.DoAsync(
            call.Key, $"{amount}",
            () =>
            {
                scenario._paid += amount;
                scenario._paidBy[family] += amount;
            },
            call.Cancellation);
    }
}
