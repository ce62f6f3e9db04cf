using Sirsi.Hypervisor.Approvals;

namespace Sirsi.Hypervisor.Tests.Turns;

public sealed class ApprovalTests
{
    private static readonly ApprovalAnswer Yes = new(ApprovalDecision.Approved, "ada", "go ahead");

    private static AgentType Asking(List<string> heard, AgentDurability durability) => new("asking", () => new Behaving((turn, message) =>
    {
        turn.RequestApproval(message.Type, World.Bytes("{}"), TimeSpan.FromHours(1));
    })
    {
        OnEvent = (_, happened) => heard.Add(World.Text(happened.Payload)),
    })
    {
        Durability = durability,
    };

    private static Agent Spawn(World world, string type) => world.Machine.Run(() => world.Session.SpawnAsync(type).AsTask());

    private static bool Answer(World world, Agent agent, long number, ApprovalAnswer answer) =>
        world.Machine.Run(() => agent.AnswerApprovalAsync(number, answer).AsTask());

    [Fact]
    public void Several_requests_wait_and_each_gets_its_own_answer_once()
    {
        var world = new World();
        var heard = new List<string>();
        world.Types.Register(Asking(heard, AgentDurability.Volatile));
        Agent agent = Spawn(world, "asking");
        world.Tell(agent, "delete the bucket");
        world.Tell(agent, "move the database");
        world.Machine.RunUntilIdle();
        ApprovalRequest[] waiting = [.. agent.Approvals()];
        Assert.Equal(["delete the bucket", "move the database"], waiting.Select(static request => request.Kind));
        Assert.True(Answer(world, agent, waiting[1].Number, Yes));
        Assert.False(Answer(world, agent, waiting[1].Number, Yes));
        world.Machine.Advance(TimeSpan.FromMinutes(59));
        Assert.Single(heard);
        Assert.Contains("\"kind\":\"move the database\",\"decision\":\"Approved\",\"by\":\"ada\"", heard[0], StringComparison.Ordinal);
        world.Machine.Advance(TimeSpan.FromMinutes(2));
        Assert.Contains("\"kind\":\"delete the bucket\",\"decision\":\"Expired\"", heard[1], StringComparison.Ordinal);
        Assert.Empty(agent.Approvals());
    }

    [Fact]
    public void A_request_of_a_durable_agent_survives_restarts_and_so_does_its_answer()
    {
        var heard = new List<string>();
        var world = new World(options: World.Kept);
        world.Types.Register(Asking(heard, AgentDurability.Durable));
        Agent agent = Spawn(world, "asking");
        world.Tell(agent, "delete the bucket");
        world.Machine.RunUntilIdle();
        world.Machine.Run(() => world.Host.CheckpointAsync());
        for (int restart = 0; restart < 2; restart++)
        {
            world = world.Restart(types => types.Register(Asking(heard, AgentDurability.Durable)));
            agent = world.Host.Find(world.Scope, agent.Id)!;
            Assert.Single(agent.Approvals());
        }

        world.Suspend(agent);
        Assert.True(Answer(world, agent, agent.Approvals()[0].Number, Yes));
        world = world.Restart(types => types.Register(Asking(heard, AgentDurability.Durable)));
        agent = world.Host.Find(world.Scope, agent.Id)!;
        Assert.Empty(agent.Approvals());
        Assert.Empty(heard);
        world.Resume(agent);
        world.Machine.RunUntilIdle();
        Assert.Single(heard);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_request_of_an_earlier_turn_does_not_answer_the_turn_that_waits(bool restarts)
    {
        var heard = new List<string>();
        var world = new World(options: World.Kept);
        void Register(AgentTypes types) => types.Register(new AgentType("mover", () => new Behaving(async (turn, message) =>
        {
            if (message.Type == "ask")
            {
                turn.RequestApproval("switch over", default, TimeSpan.FromDays(2));
                return;
            }

            ApprovalAnswer answer = await turn.ApprovalAsync("switch over", default, TimeSpan.FromDays(2));
            turn.SetVariable("answer", World.Bytes(answer.By));
        })
        {
            OnEvent = (_, happened) => heard.Add(World.Text(happened.Payload)),
        })
        {
            Durability = AgentDurability.Durable,
        });
        Register(world.Types);
        Agent mover = Spawn(world, "mover");
        world.Tell(mover, "ask");
        world.Tell(mover, "wait");
        world.Machine.RunUntilIdle();
        if (restarts)
        {
            world = world.Restart(Register);
            mover = world.Host.Find(world.Scope, mover.Id)!;
            world.Machine.RunUntilIdle();
        }

        ApprovalRequest[] waiting = [.. mover.Approvals()];
        Assert.True(Answer(world, mover, waiting[0].Number, Yes));
        world.Machine.RunUntilIdle();
        Assert.Empty(mover.CopyVariables());
        Assert.True(Answer(world, mover, waiting[1].Number, Yes with { By = "bob" }));
        world.Machine.RunUntilIdle();
        Assert.Equal("bob", World.Text(mover.CopyVariables()["answer"]));
        Assert.Contains("\"by\":\"ada\"", Assert.Single(heard), StringComparison.Ordinal);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_turn_that_awaits_its_answer_goes_on_where_it_was(bool restarts)
    {
        int moved = 0;
        var world = new World(options: World.Kept);
        void Register(AgentTypes types) => types.Register(new AgentType("mover", () => new Behaving(async (turn, _) =>
        {
            await turn.StepAsync("copy", StepPolicy.SameKey, _ =>
            {
                moved++;
                return ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
            });
            ApprovalAnswer answer = await turn.ApprovalAsync("switch over", default, TimeSpan.FromDays(2));
            turn.SetVariable("answer", World.Bytes($"{answer.Decision} by {answer.By}"));
        }))
        {
            Durability = AgentDurability.Durable,
        });
        Register(world.Types);
        Agent mover = Spawn(world, "mover");
        world.Tell(mover, "go");
        world.Machine.Advance(TimeSpan.FromHours(20));
        if (restarts)
        {
            world = world.Restart(Register);
            mover = world.Host.Find(world.Scope, mover.Id)!;
            world.Machine.RunUntilIdle();
        }

        Assert.Equal(0, mover.Failures);
        Assert.True(Answer(world, mover, Assert.Single(mover.Approvals()).Number, Yes));
        world.Machine.RunUntilIdle();
        Assert.Equal(1, moved);
        Assert.Equal("Approved by ada", World.Text(mover.CopyVariables()["answer"]));
    }
}
