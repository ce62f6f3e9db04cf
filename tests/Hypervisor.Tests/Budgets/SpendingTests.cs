using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Snapshots;

namespace Sirsi.Hypervisor.Tests.Budgets;

public sealed class SpendingTests
{
    private static readonly HostBudgetOptions Unlimited = new()
    {
        EachTenant = new BudgetLimits { Money = long.MaxValue, HostCalls = long.MaxValue, BytesStored = long.MaxValue, ModelTokens = long.MaxValue },
    };

    /// <summary>Buys for as much as the message says, of which it uses what is behind the slash.</summary>
    private static AgentType Buyer(AgentDurability durability, List<string>? outcomes = null) => new("buyer", () => new Behaving(async (turn, message) =>
    {
        string[] parts = message.Type.Split('/');
        var most = new BudgetAmounts { Money = long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) };
        try
        {
            await turn.StepAsync("buy", StepPolicy.SameKey, call =>
            {
                if (parts.Length > 1 && parts[1] == "lost") throw new InvalidOperationException("no answer came");
                if (parts.Length > 1 && parts[1] == "fails") call.Used = default(BudgetAmounts);
                if (parts.Length > 1 && parts[1] == "fails") throw new InvalidOperationException("the shop is closed");
                if (parts.Length > 1) call.Used = new BudgetAmounts { Money = long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) };
                return ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
            }, most);
            outcomes?.Add("bought");
        }
        catch (HypervisorException refused) when (refused.Code == HypervisorErrors.BudgetExhausted)
        {
            outcomes?.Add(refused.Message);
        }
    }))
    {
        Durability = durability,
        Supervision = new SupervisionOptions { AttemptsMax = 1 },
    };

    private static World Open(AgentDurability durability, List<string>? outcomes = null, HostBudgetOptions? budgets = null, BudgetLimits? ofSession = null)
    {
        var world = new World(options: World.Kept with { Budgets = budgets ?? Unlimited }, session: new SessionOptions { Budget = ofSession ?? BudgetLimits.None });
        world.Types.Register(Buyer(durability, outcomes));
        return world;
    }

    private static Agent Spawn(World world, string type, BudgetLimits? budget, CapabilitySet? capabilities = null) =>
        world.Machine.Run(() => world.Session.SpawnAsync(type, new SpawnOptions { Budget = budget, Capabilities = capabilities ?? CapabilitySet.Empty }).AsTask());

    private static long Spent(BudgetAccount? account, BudgetResource resource = BudgetResource.Money) => account!.Snapshot().Used[resource];

    [Fact]
    public void A_step_is_paid_for_before_it_is_done_and_what_it_did_not_use_comes_back()
    {
        var outcomes = new List<string>();
        World world = Open(AgentDurability.Durable, outcomes);
        Agent buyer = Spawn(world, "buyer", new BudgetLimits { Money = 100 });
        foreach (string purchase in (string[])["80/30", "60", "20", "10/fails", "5/lost", "6", "5"]) world.Tell(buyer, purchase);
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, outcomes.Count(static outcome => outcome == "bought"));
        Assert.Equal(2, outcomes.Count(static outcome => outcome.Contains("left", StringComparison.Ordinal)));
        Assert.Equal(100, Spent(buyer.Budget));
        Assert.Equal(100, Spent(world.Session.Budget));
        Assert.Equal(5, Spent(world.Session.Budget, BudgetResource.HostCalls));
        Assert.Equal(default, world.Session.Budget!.Snapshot().Reserved);
    }

    [Fact]
    public void Children_spend_what_their_parents_and_sessions_have_and_no_more()
    {
        var outcomes = new List<string>();
        World world = Open(AgentDurability.Volatile, outcomes, ofSession: new BudgetLimits { Money = 70 });
        world.Types.Register(new AgentType("parent", () => new Behaving((turn, message) =>
        {
            for (int i = 0; i < 3; i++) turn.Tell(turn.Spawn("buyer", i == 0 ? new SpawnOptions { Budget = new BudgetLimits { Money = 20 } } : null), "30", default);
        })));
        Agent parent = Spawn(world, "parent", new BudgetLimits { Money = 50 }, World.AllOfAgents);
        world.Tell(parent, "go");
        world.Machine.RunUntilIdle();
        Assert.Single(outcomes, "bought");
        Assert.Equal(30, Spent(parent.Budget));
        Agent other = Spawn(world, "buyer", null);
        world.Tell(other, "40");
        world.Tell(other, "1");
        world.Machine.RunUntilIdle();
        Assert.Equal(70, Spent(world.Session.Budget));
        Assert.Contains(world.Session.Id.ToString(), outcomes[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_spent_is_spent_after_a_crash()
    {
        World world = Open(AgentDurability.Durable, ofSession: new BudgetLimits { Money = 100 });
        Agent buyer = Spawn(world, "buyer", new BudgetLimits { Money = 60 });
        Agent keeper = world.Spawn(static (turn, _) => turn.SetVariable("kept", new byte[1_000]), type => type with { Durability = AgentDurability.Durable });
        world.Tell(buyer, "50/40");
        world.Tell(keeper, "keep");
        world.Machine.RunUntilIdle();
        for (int restart = 0; restart < 2; restart++)
        {
            string type = keeper.Type.Name;
            if (restart == 1) world.Machine.Run(() => world.Host.CheckpointAsync());
            world = world.Restart(types => types.Register(Buyer(AgentDurability.Durable)).Register(new AgentType(type, static () => new Behaving(static (turn, _) => turn.RemoveVariable("kept"))) { Durability = AgentDurability.Durable }), budgets: Unlimited);
            buyer = world.Host.Find(world.Scope, buyer.Id)!;
            keeper = world.Host.Find(world.Scope, keeper.Id)!;
            Assert.Equal((40, 40), (Spent(buyer.Budget), Spent(world.Session.Budget)));
            Assert.Equal(1_004, Spent(world.Session.Budget, BudgetResource.BytesStored));
            Assert.Equal(60, buyer.Budget!.Limits.Money);
        }

        world.Tell(keeper, "forget");
        world.Tell(buyer, "30");
        world.Machine.RunUntilIdle();
        Assert.Equal(0, Spent(world.Session.Budget, BudgetResource.BytesStored));
        Assert.Equal(40, Spent(buyer.Budget));
    }

    [Fact]
    public void Variables_take_room_that_comes_back_when_they_go_or_the_turn_fails_or_the_agent_ends()
    {
        World world = Open(AgentDurability.Volatile, budgets: new HostBudgetOptions { EachTenant = new BudgetLimits { BytesStored = 100 } });
        var held = new List<bool>();
        Agent keeper = world.Spawn((turn, message) =>
        {
            if (message.Type == "forget") turn.RemoveVariable("v");
            else held.Add(turn.SetVariable("v", message.Payload));
            if (message.Type == "bad") throw new InvalidOperationException("no");
        }, type => type with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        long Used(string type, int length)
        {
            world.Tell(keeper, type, new string('x', length));
            world.Machine.Advance(TimeSpan.FromSeconds(5));
            return Spent(world.Session.Budget, BudgetResource.BytesStored);
        }

        Assert.Equal(51, Used("set", 50));
        Assert.Equal(51, Used("bad", 90));
        Assert.Equal(51, Used("set", 100));
        Assert.Equal(100, Used("set", 99));
        Assert.Equal(11, Used("set", 10));
        Assert.Equal(0, Used("forget", 0));
        Assert.Equal(41, Used("set", 40));
        Assert.Equal([true, true, false, true, true, true], held);
        world.Machine.Run(() => keeper.StopAsync("enough"));
        Assert.Equal(0, Spent(world.Session.Budget, BudgetResource.BytesStored));
        Assert.Equal(default, world.Session.Budget!.Snapshot().Reserved);
    }

    [Fact]
    public void Forks_and_setting_back_pay_for_what_they_store()
    {
        World world = Open(AgentDurability.Volatile, budgets: new HostBudgetOptions { EachTenant = new BudgetLimits { BytesStored = 100 } });
        long Used() => Spent(world.Session.Budget, BudgetResource.BytesStored);
        Agent keeper = world.Spawn(static (turn, message) => turn.SetVariable("v", message.Payload));
        world.Tell(keeper, "set", new string('x', 39));
        world.Machine.RunUntilIdle();
        using AgentSnapshot forty = world.Machine.Run(() => keeper.TakeSnapshotAsync().AsTask());
        Agent fork = world.Machine.Run(() => keeper.ForkAsync().AsTask());
        Assert.Equal(80, Used());
        Assert.Equal(HypervisorErrors.BudgetExhausted, Assert.Throws<HypervisorException>(() => world.Machine.Run(() => keeper.ForkAsync().AsTask())).Code);
        Assert.Equal((80, 2), (Used(), world.Session.AgentCount));
        world.Tell(keeper, "set", "");
        world.Machine.RunUntilIdle();
        Assert.Equal(41, Used());
        world.Machine.Run(() => keeper.RestoreAsync(forty).AsTask());
        Assert.Equal(80, Used());
        world.Machine.Run(() => fork.StopAsync("enough"));
        Assert.Equal(40, Used());
    }

    [Fact]
    public void Who_gives_a_budget_where_none_is_kept_is_told()
    {
        var world = new World();
        world.Types.Register(Buyer(AgentDurability.Volatile));
        HypervisorException missing = Assert.Throws<HypervisorException>(() => Spawn(world, "buyer", new BudgetLimits { Money = 1 }));
        Assert.Equal(HypervisorErrors.BudgetMissing, missing.Code);
        Assert.Equal(HypervisorErrors.BudgetMissing, Assert.Throws<HypervisorException>(() =>
            world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope, new SessionOptions { Budget = new BudgetLimits { Money = 1 } }).AsTask())).Code);
        Agent free = Spawn(world, "buyer", null);
        world.Tell(free, "1000000");
        world.Machine.RunUntilIdle();
        Assert.Equal(0, free.Failures);
        Assert.Null(free.Budget);
    }

    [Fact]
    public void No_tenant_exceeds_its_budget_whoever_spends_and_whenever_the_power_goes()
    {
        TestKit.Check.That(seed: 54, runs: 30, random =>
        {
            var budgets = new HostBudgetOptions { EachTenant = new BudgetLimits { Money = 500, HostCalls = long.MaxValue, BytesStored = long.MaxValue } };
            int epoch = 0;
            long paid = 0;
            var keys = new HashSet<string>(StringComparer.Ordinal);
            void RegisterAgain(AgentTypes types)
            {
                int mine = ++epoch;
                types.Register(new AgentType("spender", () => new Behaving(async (turn, message) =>
                {
                    try
                    {
                        await turn.StepAsync("spend", StepPolicy.SameKey, async call =>
                        {
                            await Task.Yield();
                            if (epoch == mine && keys.Add(call.Key)) paid += message.Payload.Span[0];
                            await Task.Yield();
                            return default;
                        }, new BudgetAmounts { Money = message.Payload.Span[0] });
                    }
                    catch (HypervisorException refused) when (refused.Code == HypervisorErrors.BudgetExhausted)
                    {
                        // What it does not have it does not spend.
                    }
                }))
                {
                    Durability = AgentDurability.Durable,
                });
            }

            var world = new World(random.Next(), StepOrder.Seeded, World.Kept with { Budgets = budgets, CheckpointBytes = 4_096 });
            RegisterAgain(world.Types);
            Agent[] spenders = [.. Enumerable.Range(0, 4).Select(_ => world.Machine.Run(() => world.Session.SpawnAsync("spender").AsTask()))];
            for (int i = 0; i < 40; i++)
            {
                byte amount = (byte)random.Next(5, 60);
                Agent spender = world.Host.Find(world.Scope, spenders[i % 4].Id)!;
                world.Machine.Run(() => spender.TellAsync("spend", new[] { amount }).AsTask());
                if (random.Next(8) == 0) world = world.Restart(RegisterAgain, budgets: budgets);
            }

            world.Machine.RunUntilIdle();
            Assert.InRange(paid, 440, 500);
            Assert.Equal(paid, Spent(world.Session.Budget));
        });
    }
}
