using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Tests.Modules;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Budgets;

public sealed class ProcessorTimeTests
{
    private const long Millisecond = 1_000_000;

    private static readonly BudgetLimits Enough = new() { CpuTime = long.MaxValue, HostCalls = long.MaxValue, Money = long.MaxValue, BytesStored = long.MaxValue };

    /// <summary>Computes for as many milliseconds as each part of the message's type says, and waits a moment after each; fails at the end of it when the payload says so.</summary>
    private static AgentType Computing(World world, AgentDurability durability = AgentDurability.Volatile, Action<string>? done = null) => new("computing", () => new Behaving(async (turn, message) =>
    {
        foreach (string part in message.Type.Split('+'))
        {
            world.Machine.Compute(TimeSpan.FromMilliseconds(int.Parse(part, CultureInfo.InvariantCulture)));
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Machine.Environment.Time, turn.Cancellation);
        }

        if (World.Text(message.Payload) == "fail") throw new InvalidOperationException("it does not like it");
        turn.SetVariable(message.Type, message.Payload);
        done?.Invoke(message.Type);
    }))
    {
        Durability = durability,
    };

    private static World Open(BudgetLimits? tenant = null, BudgetLimits? session = null, HostBudgetOptions? budgets = null) => new(
        options: World.Kept with { Budgets = budgets ?? new HostBudgetOptions { EachTenant = tenant ?? Enough } }, session: new SessionOptions { Budget = session ?? BudgetLimits.None });

    private static Agent Spawn(World world, BudgetLimits? budget = null) =>
        world.Machine.Run(() => world.Session.SpawnAsync("computing", new SpawnOptions { Budget = budget }).AsTask());

    private static (long Used, long Overrun) Spent(BudgetAccount? account)
    {
        BudgetSnapshot snapshot = account!.Snapshot();
        Assert.Equal(0, snapshot.Reserved.CpuTime);
        return (snapshot.Used.CpuTime / Millisecond, snapshot.Overrun.CpuTime / Millisecond);
    }

    [Fact]
    public void What_a_turn_computes_is_charged_to_its_agent_and_all_above_whether_it_ends_well_or_not()
    {
        World world = Open();
        world.Types.Register(Computing(world) with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        Agent agent = Spawn(world, new BudgetLimits { CpuTime = 10_000 * Millisecond });
        Agent other = Spawn(world);
        world.Tell(agent, "30+40");
        world.Tell(agent, "20", "fail");
        world.Tell(other, "50");
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((90, 0), Spent(agent.Budget));
        Assert.Equal((140, 0), Spent(world.Session.Budget));
        Assert.Equal(1, agent.Failures);
    }

    [Fact]
    public void A_turn_that_goes_on_has_more_set_aside_before_it_uses_it()
    {
        World world = Open();
        world.Types.Register(Computing(world));
        Agent agent = Spawn(world, new BudgetLimits { CpuTime = 1_000 * Millisecond });
        world.Tell(agent, string.Join('+', Enumerable.Repeat("30", 30)));
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((900, 0), Spent(agent.Budget));
        Assert.Equal(0, agent.Failures);
    }

    [Fact]
    public void A_turn_is_stopped_before_it_uses_what_nobody_gave_it_and_the_next_one_waits_without_being_tried()
    {
        var done = new List<string>();
        World world = Open();
        world.Types.Register(Computing(world, done: done.Add));
        Agent agent = Spawn(world, new BudgetLimits { CpuTime = 500 * Millisecond, RenewsEvery = TimeSpan.FromHours(1) });
        world.Tell(agent, string.Join('+', Enumerable.Repeat("2", 1_000)));
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        (long used, long overrun) = Spent(agent.Budget);
        Assert.InRange(used, 480, 500);
        Assert.Equal(0, overrun);
        Assert.Equal(1, agent.Failures);
        Assert.Contains("was stopped", agent.LastError, StringComparison.Ordinal);
        Assert.Contains("processor time", agent.AwaitsBudget, StringComparison.Ordinal);
        Assert.Equal(1, agent.MailboxCount);
        Assert.Equal(AgentStatus.Idle, agent.Status);
        Assert.True(world.Machine.Run(() => world.Host.RestAsync(TimeSpan.Zero)));

        world.Tell(agent, "5");
        world.Machine.Advance(TimeSpan.FromHours(4));
        Assert.Equal(["5"], done);
        Assert.Equal(3, agent.Failures);
        Assert.Equal(agent.Id, Assert.Single(world.Host.DeadLetters.Kept()).To);
        Assert.Null(agent.AwaitsBudget);
    }

    [Fact]
    public void Whose_budget_is_gone_waits_for_the_next_period_or_a_raised_limit_and_is_never_quarantined()
    {
        var done = new List<string>();
        World world = Open(tenant: Enough with { CpuTime = 100 * Millisecond, RenewsEvery = TimeSpan.FromHours(1) });
        world.Types.Register(Computing(world, done: done.Add) with { Supervision = new SupervisionOptions { AttemptsMax = 1, FailuresMax = 1 } });
        Agent first = Spawn(world), second = Spawn(world);
        world.Tell(first, "93");
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        world.Tell(second, "7");
        world.Tell(first, "6");
        world.Machine.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(["93"], done);
        Assert.Equal((0, 0), (first.Failures, second.Failures));
        Assert.NotNull(second.AwaitsBudget);
        world.Machine.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(["6", "7", "93"], done.Order(StringComparer.Ordinal));
        world.Tell(first, "80");
        world.Tell(first, "8");
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(4, done.Count);
        first.Budget!.Path[0].ChangeLimits(Enough);
        world.Machine.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(5, done.Count);
    }

    [Fact]
    public void Who_waits_for_a_budget_can_be_ended()
    {
        World world = Open(tenant: Enough with { CpuTime = 20 * Millisecond });
        world.Types.Register(Computing(world));
        Agent agent = Spawn(world);
        world.Tell(agent, "13");
        world.Tell(agent, "1");
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(agent.AwaitsBudget);
        long before = world.Machine.Environment.Time.GetTimestamp();
        world.Machine.Run(() => agent.StopAsync("enough"));
        Assert.Equal(AgentStatus.Stopped, agent.Status);
        Assert.InRange(world.Machine.Environment.Time.GetElapsedTime(before).TotalSeconds, 0, 1);
        Assert.Single(world.Host.DeadLetters.Kept());
    }

    [Fact]
    public void Where_nobody_limits_processor_time_nothing_is_measured_or_refused()
    {
        var done = new List<string>();
        World world = Open(tenant: new BudgetLimits { HostCalls = 1, BytesStored = 1_000 });
        world.Types.Register(Computing(world, done: done.Add));
        world.Tell(Spawn(world), "1000");
        world.Machine.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(done);
        Assert.Equal((0, 0), Spent(world.Session.Budget));
    }

    [Fact]
    public void What_turns_computed_is_spent_after_a_crash_also_that_of_failed_ones()
    {
        World world = Open(session: new BudgetLimits { CpuTime = 1_000 * Millisecond });
        world.Types.Register(Computing(world, AgentDurability.Durable) with { Supervision = new SupervisionOptions { AttemptsMax = 2 } });
        Agent agent = Spawn(world);
        world.Tell(agent, "30");
        world.Tell(agent, "20", "fail");
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((70, 0), Spent(world.Session.Budget));
        world = world.Restart(types => types.Register(Computing(world, AgentDurability.Durable)), budgets: new HostBudgetOptions { EachTenant = Enough });
        Assert.Equal((70, 0), Spent(world.Session.Budget));
    }

    [Fact]
    public void A_durable_turn_whose_step_is_refused_waits_until_there_is_room_for_it_and_fails_when_there_never_can_be()
    {
        var bought = new List<string>();
        World world = Open(session: new BudgetLimits { Money = 100, RenewsEvery = TimeSpan.FromHours(1) });
        world.Types.Register(new AgentType("buyer", () => new Behaving(async (turn, message) =>
        {
            var most = new BudgetAmounts { Money = long.Parse(message.Type, CultureInfo.InvariantCulture) };
            await turn.StepAsync("buy", StepPolicy.SameKey, call =>
            {
                bought.Add(message.Type);
                return ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
            }, most);
        }))
        {
            Durability = AgentDurability.Durable,
        });
        Agent buyer = world.Machine.Run(() => world.Session.SpawnAsync("buyer").AsTask());
        foreach (string price in (string[])["80", "101", "30"]) world.Tell(buyer, price);
        world.Machine.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(["80"], bought);
        Assert.Single(world.Host.DeadLetters.Kept());
        Assert.Equal(3, buyer.Failures);
        Assert.Contains("USD", buyer.AwaitsBudget, StringComparison.Ordinal);
        world.Machine.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["80", "30"], bought);
        Assert.Equal(3, buyer.Failures);
    }

    [Fact]
    public void No_tenant_computes_more_than_its_budget_but_for_what_runs_between_two_looks_at_the_cancellation()
    {
        TestKit.Check.That(seed: 56, runs: 30, random =>
        {
            const int AgentCount = 4, PieceMax = 5;
            long limit = random.Next(100, 2_000);
            var world = new World(random.Next(), StepOrder.Seeded, World.Kept with { Budgets = new HostBudgetOptions { EachTenant = Enough with { CpuTime = limit * Millisecond } } });
            world.Types.Register(Computing(world, AgentDurability.Durable));
            Agent[] agents = [.. Enumerable.Range(0, AgentCount).Select(_ => Spawn(world))];
            for (int i = 0; i < 30; i++)
            {
                string pieces = string.Join('+', Enumerable.Range(0, random.Next(1, 100)).Select(_ => random.Next(1, PieceMax + 1)));
                world.Tell(agents[random.Next(AgentCount)], pieces, random.Next(5) == 0 ? "fail" : "");
                if (random.Next(3) == 0) world.Machine.Advance(TimeSpan.FromMilliseconds(random.Next(1_000)));
            }

            world.Machine.Advance(TimeSpan.FromHours(1));
            (long used, long overrun) = Spent(world.Session.Budget);
            Assert.InRange(used, 0, limit);
            Assert.InRange(overrun, 0, AgentCount * PieceMax);
        });
    }

    [Fact]
    public async Task A_guest_that_loops_for_ever_ends_with_its_budget()
    {
        HostEnvironment machine = HostEnvironment.Production;
        var types = new AgentTypes();
        types.Register(Guests.Load(Guests.Hostile, machine.Time, new ModuleLimits { FuelPerTurn = long.MaxValue / 4 }).ToType("hostile") with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        await using AgentHost host = await AgentHost.OpenAsync(machine, types, new AgentHostOptions { Budgets = new HostBudgetOptions { EachTenant = new BudgetLimits { CpuTime = 400 * Millisecond } } });
        Session session = await host.OpenSessionAsync(new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()));
        Agent agent = await session.SpawnAsync("hostile");
        AgentReply reply = await agent.AskAsync("do", World.Bytes("l"), TimeSpan.FromMinutes(5));
        Assert.Equal(ReplyOutcome.Failed, reply.Outcome);
        Assert.Contains("was stopped", reply.Reason, StringComparison.Ordinal);
        BudgetSnapshot spent = session.Budget!.Snapshot();
        Assert.InRange(spent.Used.CpuTime, 1, 400 * Millisecond);
        Assert.InRange(spent.Overrun.CpuTime, 0, 200 * Millisecond);
    }
}
