using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Tests.Modules;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class TypeReplacementTests
{
    /// <summary>Counts its messages in "n", written as the version writes it, and answers with version and count; "bad" fails in versions from <paramref name="failsFrom"/> on.</summary>
    private static AgentType Version(int version, int state = 1, int failsFrom = int.MaxValue, AgentDurability durability = AgentDurability.Volatile) =>
        new("counter", () => new Behaving((turn, message) =>
        {
            int count = turn.TryGetVariable("n", out ReadOnlyMemory<byte> bytes) ? int.Parse(World.Text(bytes)[(state - 1)..], System.Globalization.CultureInfo.InvariantCulture) : 0;
            turn.SetVariable("n", World.Bytes($"{new string('#', state - 1)}{count + 1}"));
            if (message.Type == "bad" && version >= failsFrom) throw new InvalidOperationException($"version {version} cannot");
            if (message.IsAsked) turn.Reply(World.Bytes($"v{version}:{count + 1}"));
        })
        {
            OnMigrate = (turn, from) =>
            {
                if (turn.TryGetVariable("n", out ReadOnlyMemory<byte> bytes)) turn.SetVariable("n", World.Bytes($"{new string('#', state - from)}{World.Text(bytes)}"));
            },
        })
        {
            StateVersion = state,
            Durability = durability,
            ProbationTurns = 3,
        };

    private static Agent Spawn(World world)
    {
        Agent agent = world.Machine.Run(() => world.Session.SpawnAsync("counter").AsTask());
        world.Machine.RunUntilIdle();
        return agent;
    }

    private static string Ask(World world, Agent agent, string type = "count") => World.Text(world.Ask(agent, type).Payload);

    [Fact]
    public void Agents_move_to_the_new_type_with_their_variables_and_what_waits_for_them()
    {
        var world = new World();
        world.Types.Register(Version(1));
        Agent first = Spawn(world), second = Spawn(world);
        Assert.Equal("v1:1", Ask(world, first));
        world.Suspend(second);
        for (int i = 0; i < 3; i++) world.Tell(second, "count");
        world.Types.Replace(Version(2));
        Assert.Equal("v2:2", Ask(world, first));
        world.Resume(second);
        Assert.Equal("v2:4", Ask(world, second));
        Assert.Equal("v2:1", Ask(world, Spawn(world)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Variables_of_an_earlier_form_are_brought_into_the_new_one_once(bool restarts)
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Version(1, durability: AgentDurability.Durable));
        Agent agent = Spawn(world);
        Ask(world, agent);
        AgentType third = Version(3, state: 3, durability: AgentDurability.Durable);
        if (restarts)
        {
            world = world.Restart(types => types.Register(third));
            agent = world.Host.Find(world.Scope, agent.Id)!;
        }
        else
        {
            world.Types.Replace(third);
        }

        Assert.Equal(1, agent.StateVersion);
        Assert.Equal("v3:2", Ask(world, agent));
        Assert.Equal("v3:3", Ask(world, agent));
        world.Machine.Run(() => world.Host.CheckpointAsync());
        world = world.Restart(types => types.Register(third));
        agent = world.Host.Find(world.Scope, agent.Id)!;
        Assert.Equal(3, agent.StateVersion);
        Assert.Equal("v3:4", Ask(world, agent));
        Assert.Equal("##4", World.Text(agent.CopyVariables()["n"]));
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_failure_on_probation_sends_all_agents_back_and_the_message_is_handled_there(int state)
    {
        var reasons = new List<string>();
        var world = new World(options: new AgentHostOptions { RolledBack = (type, reason) => reasons.Add($"{type.StateVersion} {reason}") });
        world.Types.Register(Version(1));
        Agent unlucky = Spawn(world), other = Spawn(world);
        Ask(world, unlucky);
        Ask(world, other);
        world.Types.Replace(Version(2, state, failsFrom: 2));
        Assert.Equal("v1:2", Ask(world, unlucky, "bad"));
        Assert.Equal("v1:2", Ask(world, other));
        Assert.Equal($"{state} A turn of agent {unlucky.Id} failed on probation: InvalidOperationException: version 2 cannot", Assert.Single(reasons));
        Assert.Equal(1, world.Types.Get("counter").StateVersion);
        Assert.Equal(0, world.Host.DeadLetters.Count);
        // Back on the type before there is no probation, and no way further back.
        world.Types.Replace(Version(3));
        Assert.Equal("v3:3", Ask(world, unlucky));
    }

    [Fact]
    public void After_its_probation_a_failure_is_the_agents_own()
    {
        var world = new World();
        world.Types.Register(Version(1));
        Agent agent = Spawn(world);
        world.Types.Replace(Version(2, failsFrom: 2) with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        for (int i = 0; i < 4; i++) Ask(world, agent);
        Assert.Equal(ReplyOutcome.Failed, world.Ask(agent, "bad").Outcome);
        Assert.Equal("v2:5", Ask(world, agent));
    }

    [Fact]
    public void An_agent_whose_variables_have_the_later_form_already_does_not_go_back()
    {
        var world = new World();
        world.Types.Register(Version(1));
        Agent moved = Spawn(world), unlucky = Spawn(world);
        world.Types.Replace(Version(2, state: 2, failsFrom: 2));
        Assert.Equal("v2:1", Ask(world, moved));
        Assert.Equal("v1:1", Ask(world, unlucky, "bad"));
        Assert.Equal("v2:2", Ask(world, moved));
        world.Types.Replace(Version(3, state: 2));
        Assert.Equal("v3:3", Ask(world, moved));
        Assert.Equal("v3:2", Ask(world, unlucky));
    }

    [Fact]
    public void A_turn_that_has_stored_steps_ends_with_the_type_that_took_them()
    {
        var world = new World(options: World.Kept);
        AgentType Mover(string version) => new("mover", () => new Behaving(async (turn, _) =>
        {
            await turn.ApprovalAsync($"by {version}", default, TimeSpan.FromHours(1));
            turn.SetVariable("by", World.Bytes(version));
        }))
        {
            Durability = AgentDurability.Durable,
        };
        world.Types.Register(Mover("v1"));
        Agent mover = world.Machine.Run(() => world.Session.SpawnAsync("mover").AsTask());
        world.Tell(mover, "go");
        world.Machine.RunUntilIdle();
        world.Types.Replace(Mover("v2"));
        for (int turn = 1; turn <= 2; turn++)
        {
            long number = Assert.Single(mover.Approvals()).Number;
            world.Machine.Run(() => mover.AnswerApprovalAsync(number, new Hypervisor.Approvals.ApprovalAnswer(Hypervisor.Approvals.ApprovalDecision.Approved, "ada", "")).AsTask());
            world.Machine.RunUntilIdle();
            Assert.Equal($"v{turn}", World.Text(mover.CopyVariables()["by"]));
            if (turn == 1) world.Tell(mover, "go");
            world.Machine.RunUntilIdle();
        }
    }

    [Fact]
    public void A_type_is_replaced_only_by_one_that_can_take_its_agents()
    {
        var world = new World(options: World.Kept);
        world.Types.Register(Version(2, state: 2));
        Assert.Contains("are volatile", Assert.Throws<ArgumentException>(() => world.Types.Replace(Version(3, state: 2, durability: AgentDurability.Durable))).Message, StringComparison.Ordinal);
        Assert.Contains("goes back to 1", Assert.Throws<ArgumentException>(() => world.Types.Replace(Version(3))).Message, StringComparison.Ordinal);
        Assert.Contains("no agent type 'other'", Assert.Throws<ArgumentException>(() => world.Types.Replace(new AgentType("other", static () => throw new NotSupportedException()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guests_variables_are_migrated_by_its_module()
    {
        const string Second = """
            (func (export "migrate_state") (result i32) (local $block i64)
              (local.set $block (call $var_get (call $name)))
              (call $store (local.get $block) (i32.add (i32.const 100) (call $load (local.get $block))))
              (call $var_set (call $name) (local.get $block))
              (i32.const 0))
            """;
        var world = new World();
        world.Types.Register(Guests.Load(Guests.Counter, world).ToType("counter"));
        Agent agent = Spawn(world), lost = Spawn(world);
        Assert.Equal([1], world.Ask(agent, "count").Payload.ToArray());
        Assert.Equal([1], world.Ask(lost, "count").Payload.ToArray());
        world.Types.Replace(Guests.Load(Guests.Counter + Second, world).ToType("counter") with { StateVersion = 2 });
        Assert.Equal([102], world.Ask(agent, "count").Payload.ToArray());
        world.Types.Replace(Guests.Load(Guests.Counter, world).ToType("counter") with { StateVersion = 3 });
        Assert.Equal([102], world.Ask(lost, "count").Payload.ToArray());
        Assert.Contains("no migrate_state", lost.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_types_agents_can_be_given_no_more_than_its_ceiling_and_there_are_no_more_than_it_says()
    {
        var world = new World();
        var outcomes = new List<SendOutcome>();
        Session other = world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask());
        Agent target = world.Spawn(static (_, _) => { }, session: other);
        AgentType Teller(params string[] ceiling) => new("teller", () => new Behaving((turn, _) => outcomes.Add(turn.Tell(target.Id, "hello", default))))
        {
            Ceiling = CapabilitySet.Parse(ceiling),
            AgentsMax = 1,
        };
        world.Types.Register(Teller("agent.tell"));
        HypervisorException refused = Assert.Throws<HypervisorException>(() => world.Machine.Run(() => world.Session.SpawnAsync("teller", World.Trusted).AsTask()));
        Assert.Equal(HypervisorErrors.CapabilityRefused, refused.Code);
        Assert.Contains("agent.spawn cannot be given", refused.Message, StringComparison.Ordinal);
        var given = new SpawnOptions { Capabilities = CapabilitySet.Parse(["agent.tell"]) };
        Agent teller = world.Machine.Run(() => world.Session.SpawnAsync("teller", given).AsTask());
        Assert.Equal(HypervisorErrors.QuotaExceeded, Assert.Throws<HypervisorException>(() => world.Machine.Run(() => world.Session.SpawnAsync("teller", given).AsTask())).Code);
        world.Tell(teller, "go");
        world.Machine.RunUntilIdle();
        world.Types.Replace(Teller("agent.tell:nobody"));
        world.Tell(teller, "go");
        world.Machine.RunUntilIdle();
        world.Machine.Run(() => teller.StopAsync("makes room"));
        Assert.NotNull(world.Machine.Run(() => world.Session.SpawnAsync("teller").AsTask()));
        Assert.Equal([SendOutcome.Accepted, SendOutcome.Refused], outcomes);
    }
}
