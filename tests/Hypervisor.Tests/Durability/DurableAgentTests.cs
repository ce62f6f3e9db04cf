using Sirsi.Core.Hosting;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Durability;

public sealed class DurableAgentTests
{
    private static AgentType Durable(string name, Action<AgentTurn, AgentMessage> onMessage) =>
        new(name, () => new Behaving(onMessage)) { Durability = AgentDurability.Durable };

    private static AgentType Counter(List<string>? seen = null) => Durable("counter", (turn, message) =>
    {
        seen?.Add(message.Type);
        byte count = turn.TryGetVariable("count", out ReadOnlyMemory<byte> value) ? value.Span[0] : (byte)0;
        turn.SetVariable("count", new[] { (byte)(count + 1) });
        if (message.IsAsked) turn.Reply(new[] { (byte)(count + 1) });
    });

    private static Agent Spawn(World world, string type) => world.Machine.Run(() => world.Session.SpawnAsync(type).AsTask());

    [Theory, InlineData(true), InlineData(false)]
    public void A_durable_agent_goes_on_where_it_was(bool losesPower)
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Counter());
        Agent before = Spawn(world, "counter");
        for (int i = 0; i < 5; i++) Assert.Equal(SendOutcome.Accepted, world.Tell(before, "add"));
        world.Machine.RunUntilIdle();
        world = world.Restart(types => types.Register(Counter()), losesPower);
        Agent after = world.Host.Find(world.Scope, before.Id)!;
        Assert.Equal(AgentStatus.Idle, after.Status);
        Assert.Equal(6, world.Ask(after, "add").Payload.Span[0]);
    }

    [Fact]
    public void A_child_made_after_the_clock_was_put_back_has_its_parent_when_the_host_is_opened_again()
    {
        var machine = new DeterministicHost(1);
        var scope = new ProjectScope(machine.Environment.Ids.Next<Core.Identity.TenantKind>(), machine.Environment.Ids.Next<Core.Identity.ProjectKind>());
        AgentHost Open(TimeSpan clockError)
        {
            DeterministicProcess process = machine.StartProcess();
            process.ClockError = clockError;
            AgentTypes types = new AgentTypes().Register(new AgentType("one", static () => new Behaving(static (turn, _) => turn.Spawn("one"))) { Durability = AgentDurability.Durable });
            return machine.Run(() => AgentHost.OpenAsync(process.Environment, types, World.Kept));
        }

        AgentHost host = Open(TimeSpan.FromHours(1));
        Session session = machine.Run(() => host.OpenSessionAsync(scope, new SessionOptions { Capabilities = World.AllOfAgents }).AsTask());
        Agent parent = machine.Run(() => session.SpawnAsync("one", World.Trusted).AsTask());
        machine.Run(() => host.DisposeAsync().AsTask());
        host = Open(TimeSpan.Zero);
        machine.Run(() => host.Find(scope, parent.Id)!.TellAsync("go", default).AsTask());
        machine.RunUntilIdle();
        Agent child = Assert.Single(host.Find(scope, parent.Id)!.Children());
        Assert.True(child.Id.CompareTo(parent.Id) < 0);
        machine.Run(() => host.DisposeAsync().AsTask());
        host = Open(TimeSpan.Zero);
        Assert.Equal(parent.Id, host.Find(scope, child.Id)!.ParentId);
        Assert.Equal(child.Id, Assert.Single(host.Find(scope, parent.Id)!.Children()).Id);
    }

    [Fact]
    public void What_was_taken_is_handled_after_a_restart_in_its_order()
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Counter());
        Agent agent = Spawn(world, "counter");
        world.Machine.RunUntilIdle();
        world.Suspend(agent);
        foreach (string type in (string[])["one", "two", "three"]) Assert.Equal(SendOutcome.Accepted, world.Tell(agent, type));
        var seen = new List<string>();
        world = world.Restart(types => types.Register(Counter(seen)));
        agent = world.Host.Find(world.Scope, agent.Id)!;
        Assert.Equal(AgentStatus.Suspended, agent.Status);
        Assert.Equal(3, agent.MailboxCount);
        Assert.Empty(seen);
        world.Resume(agent);
        world.Machine.RunUntilIdle();
        Assert.Equal(["one", "two", "three"], seen);
    }

    [Fact]
    public void A_message_with_a_key_is_handled_once_also_over_a_restart()
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Counter());
        Agent agent = Spawn(world, "counter");
        SendOutcome Send() => world.Machine.Run(() => agent.TellAsync("add", default, key: "order 7").AsTask());
        Assert.Equal(SendOutcome.Accepted, Send());
        Assert.Equal(SendOutcome.Repeated, Send());
        world = world.Restart(types => types.Register(Counter()));
        agent = world.Host.Find(world.Scope, agent.Id)!;
        Assert.Equal(SendOutcome.Repeated, Send());
        world.Machine.RunUntilIdle();
        Assert.Equal(1, agent.CopyVariables()["count"].Span[0]);
    }

    [Fact]
    public void Schedules_come_back_and_fire_when_they_are_due()
    {
        var seen = new List<double>();
        var world = new World(options: World.Kept);
        DateTimeOffset began = world.Machine.Environment.Time.GetUtcNow();
        bool isOn = true;
        AgentType Ticking(bool isFirst) => Durable("ticking", (turn, message) =>
        {
            if (message.Type == "go") turn.Schedule(TimeSpan.FromSeconds(10), "tick", default, TimeSpan.FromSeconds(10));
            else if (isFirst == isOn) seen.Add((turn.Now - began).TotalSeconds);
        });
        world.Types.Register(Ticking(isFirst: true));
        Agent agent = Spawn(world, "ticking");
        world.Tell(agent, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(25));
        isOn = false;
        world = world.Restart(types => types.Register(Ticking(isFirst: false)));
        world.Machine.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal([10, 20, 30, 40], seen);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void What_changed_its_status_and_when_is_known_after_a_restart(bool isInCheckpoint)
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Counter());
        Agent agent = Spawn(world, "counter");
        world.Machine.RunUntilIdle();
        for (int i = 0; i < 10; i++)
        {
            world.Suspend(agent);
            world.Machine.Advance(TimeSpan.FromSeconds(1));
            world.Resume(agent);
        }

        world.Suspend(agent);
        StatusChange[] before = [.. agent.Changes()];
        Assert.Equal((16, "for the test"), (before.Length, before[^1].Reason));
        if (isInCheckpoint) world.Machine.Run(() => world.Host.CheckpointAsync());
        world.Machine.Advance(TimeSpan.FromHours(1));
        world = world.Restart(types => types.Register(Counter()));
        agent = world.Host.Find(world.Scope, agent.Id)!;
        Assert.Equal(AgentStatus.Suspended, agent.Status);
        Assert.Equal(before, agent.Changes());
    }

    [Fact]
    public void An_agent_that_has_ended_does_not_come_back()
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Counter());
        Agent ended = Spawn(world, "counter"), other = Spawn(world, "counter");
        world.Machine.Run(() => ended.StopAsync("enough"));
        world = world.Restart(types => types.Register(Counter()));
        Assert.Null(world.Host.Find(world.Scope, ended.Id));
        Assert.NotNull(world.Host.Find(world.Scope, other.Id));
        world.Machine.Run(() => world.Session.CloseAsync("enough"));
        world = world.Restart(types => types.Register(Counter()));
        Assert.Equal(0, world.Host.AgentCount);
        Assert.Empty(world.Host.Sessions(world.Scope));
    }

    [Fact]
    public void An_agent_of_an_unknown_type_rests_until_its_type_is_known()
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Counter());
        Agent agent = Spawn(world, "counter");
        world.Tell(agent, "add");
        world.Machine.RunUntilIdle();
        world = world.Restart(static _ => { });
        agent = world.Host.Find(world.Scope, agent.Id)!;
        Assert.Equal(AgentStatus.Suspended, agent.Status);
        Assert.Contains("not registered", agent.Changes()[^1].Reason, StringComparison.Ordinal);
        world.Tell(agent, "add");
        world = world.Restart(types => types.Register(Counter()));
        world.Machine.RunUntilIdle();
        Assert.Equal(2, world.Host.Find(world.Scope, agent.Id)!.CopyVariables()["count"].Span[0]);
    }

    [Fact]
    public void A_turn_that_the_stopping_host_could_not_wait_for_was_no_attempt()
    {
        var world = new World(options: World.Kept);
        bool waits = true;
        void Register(AgentTypes types) => types.Register(new AgentType("slow", () => new Behaving(async (turn, message) =>
        {
            if (waits) await Task.Delay(TimeSpan.FromHours(1), world.Machine.Environment.Time, turn.Cancellation);
            turn.SetVariable("attempt", new[] { (byte)message.Attempt });
        }))
        {
            Durability = AgentDurability.Durable,
            TurnTimeout = TimeSpan.FromHours(2),
            Supervision = new SupervisionOptions { AttemptsMax = 1 },
        });
        Register(world.Types);
        Agent slow = world.Machine.Run(() => world.Session.SpawnAsync("slow").AsTask());
        world.Tell(slow, "go");
        world.Machine.Run(() => world.Host.StopAsync(TimeSpan.FromSeconds(1)));
        world.Machine.RunUntilIdle();
        waits = false;
        world = world.Restart(Register, losesPower: false);
        world.Machine.RunUntilIdle();
        Assert.Equal([1], world.Host.Find(world.Scope, slow.Id)!.CopyVariables()["attempt"].ToArray());
        Assert.Equal(0, world.Host.DeadLetters.Count);
    }

    [Fact]
    public void Volatile_agents_end_with_the_process()
    {
        var world = new World(options: World.Kept);
        Agent agent = world.Spawn(static (_, _) => { });
        world = world.Restart(static _ => { });
        Assert.Null(world.Host.Find(world.Scope, agent.Id));
    }

    [Fact]
    public void A_durable_agent_needs_a_folder_or_a_ledger_and_who_has_neither_is_told_so()
    {
        var world = new World();
        world.Types.Register(Counter());
        HypervisorException refused = Assert.Throws<HypervisorException>(() => Spawn(world, "counter"));
        Assert.Equal(HypervisorErrors.NotDurable, refused.Code);
        Assert.Contains("neither a folder nor a ledger", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_has_one_host()
    {
        var world = new World(options: World.Kept);
        HypervisorException refused = Assert.Throws<HypervisorException>(() =>
            world.Machine.Run(() => AgentHost.OpenAsync(world.Machine.Environment, world.Types, World.Kept)));
        Assert.Equal(HypervisorErrors.FolderInUse, refused.Code);
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_holds_all_that_the_journal_said()
    {
        var world = new World(options: World.Kept);
        AgentType Ticking() => Durable("ticking", (turn, _) => turn.Schedule(TimeSpan.FromHours(1), "tick", default));
        void Register(AgentTypes types) => types.Register(Counter()).Register(Ticking());
        Register(world.Types);
        Agent counter = Spawn(world, "counter"), resting = Spawn(world, "counter"), ticking = Spawn(world, "ticking");
        world.Machine.Run(() => counter.TellAsync("add", default, key: "k1").AsTask());
        world.Tell(ticking, "go");
        world.Machine.RunUntilIdle();
        world.Suspend(resting);
        world.Tell(resting, "waits");
        world.Machine.Run(() => world.Host.CheckpointAsync());
        world.Tell(counter, "after the checkpoint");
        world.Machine.RunUntilIdle();
        for (int i = 0; i < 3; i++)
        {
            world = world.Restart(Register);
            counter = world.Host.Find(world.Scope, counter.Id)!;
            resting = world.Host.Find(world.Scope, resting.Id)!;
            Assert.Equal(2 + i, counter.CopyVariables()["count"].Span[0]);
            Assert.Equal(SendOutcome.Repeated, world.Machine.Run(() => counter.TellAsync("add", default, key: "k1").AsTask()));
            Assert.Equal(1, resting.MailboxCount);
            Assert.Equal(AgentStatus.Suspended, resting.Status);
            world.Tell(counter, "again");
            world.Machine.RunUntilIdle();
            world.Machine.Run(() => world.Host.CheckpointAsync());
        }
    }
}
