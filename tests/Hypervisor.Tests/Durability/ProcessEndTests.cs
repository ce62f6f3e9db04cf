namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>A message that ends the process each time does not end it for ever.</summary>
public sealed class ProcessEndTests
{
    private static readonly SupervisionOptions TwoEnds = new() { ProcessEndsMax = 2 };

    private readonly TaskCompletionSource _never = new();
    private readonly List<string> _begun = [];
    private bool _isMended;

    private void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Behaving(async (turn, message) =>
    {
        _begun.Add(message.Type);
        if (message.Type == "poison" && !_isMended) await _never.Task.WaitAsync(turn.Cancellation);
        if (message.Type == "question") _ = await turn.ApprovalAsync("pay", default, TimeSpan.FromDays(30));
        turn.SetVariable(message.Type, World.Bytes("handled"));
    }))
    {
        Durability = AgentDurability.Durable,
        Supervision = TwoEnds,
    });

    private World Open()
    {
        var world = new World(options: World.Kept);
        Register(world.Types);
        return world;
    }

    private static Agent Spawn(World world) => world.Machine.Run(() => world.Session.SpawnAsync("worker").AsTask());

    private World Restart(World world, bool losesPower = true)
    {
        world = world.Restart(Register, losesPower);
        world.Machine.RunUntilIdle();
        return world;
    }

    [Fact]
    public void The_agent_comes_into_quarantine_with_the_message_and_goes_on_when_a_person_says_so()
    {
        World world = Open();
        AgentId id = Spawn(world).Id, other = Spawn(world).Id;
        world.Machine.RunUntilIdle();
        world.Tell(world.Host.Find(world.Scope, id)!, "poison");
        world.Tell(world.Host.Find(world.Scope, id)!, "next");
        world.Machine.RunUntilIdle();
        world = Restart(world);
        world = Restart(world);
        Assert.Equal(["poison", "poison", "poison"], _begun);
        world = Restart(world);
        Assert.Equal(3, _begun.Count);
        Agent agent = world.Host.Find(world.Scope, id)!;
        Assert.Equal(AgentStatus.Quarantined, agent.Status);
        Assert.Contains("ended 2 times", agent.Changes()[^1].Reason, StringComparison.Ordinal);
        Assert.Equal(2, agent.MailboxCount);
        Assert.Equal(AgentStatus.Idle, world.Host.Find(world.Scope, other)!.Status);

        world = Restart(world);
        Assert.Equal(3, _begun.Count);
        _isMended = true;
        Assert.True(world.Resume(world.Host.Find(world.Scope, id)!));
        world.Machine.RunUntilIdle();
        Assert.Equal(["poison", "next"], _begun[3..]);
    }

    [Fact]
    public void What_the_process_lived_through_does_not_count()
    {
        World world = Open();
        AgentId waiting = Spawn(world).Id, slow = Spawn(world).Id;
        world.Machine.RunUntilIdle();
        world.Tell(world.Host.Find(world.Scope, waiting)!, "question");
        world.Tell(world.Host.Find(world.Scope, slow)!, "poison");
        world.Machine.RunUntilIdle();
        for (int i = 0; i < 4; i++)
        {
            // The host is stopped in order: the turn of the one is cut short, and the other's waits for a person.
            world = Restart(world, losesPower: false);
            Assert.Equal(AgentStatus.Running, world.Host.Find(world.Scope, slow)!.Status);
            Assert.Single(world.Host.Find(world.Scope, waiting)!.Approvals());
        }

        for (int i = 0; i < 4; i++)
        {
            _isMended = true;
            world = Restart(world);
            Assert.Equal(AgentStatus.Idle, world.Host.Find(world.Scope, waiting)!.Status);
            Assert.Single(world.Host.Find(world.Scope, waiting)!.Approvals());
        }
    }

    [Fact]
    public void A_message_that_fails_before_it_ends_the_process_is_counted_too()
    {
        int runs = 0;
        void Register(AgentTypes types) => types.Register(new AgentType("fragile", () => new Behaving(async (_, message) =>
        {
            runs++;
            if (message.Attempt == 1) throw new InvalidOperationException("at first it only fails");
            await _never.Task;
        }))
        {
            Durability = AgentDurability.Durable,
            Supervision = TwoEnds,
        });
        var world = new World(options: World.Kept);
        Register(world.Types);
        Agent agent = world.Machine.Run(() => world.Session.SpawnAsync("fragile").AsTask());
        world.Tell(agent, "poison");
        for (int i = 0; i < 3; i++)
        {
            world.Machine.Advance(TimeSpan.FromSeconds(1));
            world = world.Restart(Register);
        }

        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6, runs);
        Assert.Equal(AgentStatus.Quarantined, world.Host.Find(world.Scope, agent.Id)!.Status);
    }

    [Fact]
    public void A_checkpoint_keeps_the_count()
    {
        World world = Open();
        AgentId id = Spawn(world).Id;
        world.Tell(world.Host.Find(world.Scope, id)!, "poison");
        world.Machine.RunUntilIdle();
        for (int i = 0; i < 3; i++)
        {
            world = Restart(world);
            AgentHost host = world.Host;
            world.Machine.Run(host.CheckpointAsync);
        }

        Assert.Equal(AgentStatus.Quarantined, world.Host.Find(world.Scope, id)!.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_only_was_at_work_beside_it_is_not_blamed(bool isFirst)
    {
        List<(AgentId Agent, bool Poison)> begun = [];
        void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Behaving(async (turn, message) =>
        {
            begun.Add((turn.Self, message.Type == "poison"));
            await _never.Task.WaitAsync(turn.Cancellation);
        }))
        {
            Durability = AgentDurability.Durable,
            Supervision = new SupervisionOptions { ProcessEndsMax = 5 },
        });
        var world = new World(options: World.Kept);
        Register(world.Types);
        Agent[] agents = [.. Enumerable.Range(0, 4).Select(_ => Spawn(world))];
        AgentId poisoned = (isFirst ? agents[0] : agents[^1]).Id;
        foreach (Agent agent in agents) world.Tell(agent, agent.Id == poisoned ? "poison" : "long");
        world.Machine.RunUntilIdle();

        // Each process ends as soon as the one has begun its message.
        int deaths = 0;
        while (true)
        {
            begun.Clear();
            deaths++;
            world = world.Restart(Register);
            for (int i = 0; i < 100 && !begun.Exists(static turn => turn.Poison); i++) world.Machine.Advance(TimeSpan.FromMilliseconds(100));
            if (!begun.Exists(static turn => turn.Poison)) break;
        }

        Assert.Equal(6, deaths);
        foreach (Agent agent in agents)
            Assert.Equal(agent.Id == poisoned ? AgentStatus.Quarantined : AgentStatus.Running, world.Host.Find(world.Scope, agent.Id)!.Status);
    }

    [Fact]
    public void Who_was_at_work_at_two_deaths_begins_again_when_the_one_before_has_ended_its_turn_or_has_had_its_time()
    {
        var ends = new Dictionary<string, TaskCompletionSource>();
        void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Behaving(async (turn, message) =>
        {
            _begun.Add(message.Type);
            await (ends[message.Type] = new TaskCompletionSource()).Task.WaitAsync(turn.Cancellation);
        }))
        {
            Durability = AgentDurability.Durable,
        });
        var world = new World(options: World.Kept);
        Register(world.Types);
        string[] messages = ["first", "second", "third", "fourth"];
        Agent[] agents = [.. messages.Select(_ => Spawn(world))];
        foreach ((Agent agent, string message) in agents.Zip(messages)) world.Tell(agent, message);
        world.Machine.RunUntilIdle();
        world = world.Restart(Register);
        world.Machine.RunUntilIdle();
        Assert.Equal([.. messages, .. messages], _begun);
        _begun.Clear();

        world = world.Restart(Register);
        world.Machine.RunUntilIdle();
        Assert.Equal(["first"], _begun);
        Assert.False(world.Host.Find(world.Scope, agents[1].Id)!.IsAtRest);
        world.Machine.Advance(SuspectLine.TimeAlone);
        Assert.Equal(["first", "second"], _begun);
        ends["second"].SetResult();
        world.Machine.RunUntilIdle();
        Assert.Equal(["first", "second", "third"], _begun);
        Assert.Equal(AgentStatus.Idle, world.Host.Find(world.Scope, agents[1].Id)!.Status);

        // Who is to end need not stand in the line for it.
        _ = world.Host.Find(world.Scope, agents[3].Id)!.StopAsync("It is not needed.");
        world.Machine.RunUntilIdle();
        Assert.Equal(messages, _begun);

        // The next time those begin at once that were handled meanwhile, and have nothing.
        foreach (string left in (string[])["first", "third", "fourth"]) ends[left].SetResult();
        world.Machine.RunUntilIdle();
        world.Tell(world.Host.Find(world.Scope, agents[0].Id)!, "again");
        world.Machine.RunUntilIdle();
        Assert.Equal("again", _begun[^1]);
    }
}
