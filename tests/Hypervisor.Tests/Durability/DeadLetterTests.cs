namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>What was set aside of durable agents is kept for people, over restarts and checkpoints, and is bounded.</summary>
public sealed class DeadLetterTests
{
    private static void Register(AgentTypes types) => types.Register(new AgentType("fragile", static () => new Behaving(static (_, message) =>
    {
        if (message.Type == "poison") throw new InvalidOperationException("cannot");
    }))
    {
        Durability = AgentDurability.Durable,
        Supervision = new SupervisionOptions { AttemptsMax = 1, FailuresMax = 1_000, PauseMin = TimeSpan.Zero, PauseMax = TimeSpan.Zero },
    });

    private static (World World, Agent Agent) Open(AgentHostOptions? options = null)
    {
        var world = new World(options: options ?? World.Kept);
        Register(world.Types);
        return (world, world.Machine.Run(() => world.Session.SpawnAsync("fragile").AsTask()));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void They_are_there_after_the_power_went_with_payload_time_and_reason(bool hasCheckpoint)
    {
        (World world, Agent agent) = Open();
        world.Tell(agent, "good", "one");
        world.Tell(agent, "poison", "two");
        world.Machine.RunUntilIdle();
        DeadLetter before = Assert.Single(world.Host.DeadLetters.Kept());
        if (hasCheckpoint) world.Machine.Run(world.Host.CheckpointAsync);
        world = world.Restart(Register);
        DeadLetter after = Assert.Single(world.Host.DeadLetters.Kept());
        Assert.Equal((before.To, before.Session, before.At, before.Reason), (after.To, after.Session, after.At, after.Reason));
        Assert.Equal((before.Message.Number, "poison", "two"), (after.Message.Number, after.Message.Type, World.Text(after.Message.Payload)));
        Assert.Contains("cannot", after.Reason, StringComparison.Ordinal);
        Assert.Equal(0, world.Host.Find(world.Scope, agent.Id)!.MailboxCount);
    }

    [Fact]
    public void The_mailbox_of_an_agent_that_is_ended_by_force_is_among_them()
    {
        var never = new TaskCompletionSource();
        void RegisterStuck(AgentTypes types) => types.Register(new AgentType("stuck", () => new Behaving(async (_, _) => await never.Task)) { Durability = AgentDurability.Durable });
        var world = new World(options: World.Kept);
        RegisterStuck(world.Types);
        Agent agent = world.Machine.Run(() => world.Session.SpawnAsync("stuck").AsTask());
        foreach (string type in (string[])["one", "two", "three"]) world.Tell(agent, type);
        world.Machine.Run(() => agent.StopAsync("enough", TimeSpan.FromSeconds(1)));
        Assert.Equal(AgentStatus.Failed, agent.Status);
        world = world.Restart(RegisterStuck);
        Assert.Null(world.Host.Find(world.Scope, agent.Id));
        Assert.Equal(["one", "two", "three"], world.Host.DeadLetters.Kept().Select(static letter => letter.Message.Type));
        Assert.All(world.Host.DeadLetters.Kept(), static letter => Assert.Contains("has ended", letter.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void The_oldest_go_when_there_are_more_than_are_kept()
    {
        (World world, Agent agent) = Open(World.Kept with { DeadLettersMax = 3 });
        for (int i = 0; i < 5; i++) world.Tell(agent, "poison", $"{i}");
        world.Machine.RunUntilIdle();
        Assert.Equal(5, world.Host.DeadLetters.Count);
        Assert.Equal(["2", "3", "4"], Payloads(world));
        world = world.Restart(Register);
        Assert.Equal(["0", "1", "2", "3", "4"], Payloads(world));

        static IEnumerable<string> Payloads(World world) => world.Host.DeadLetters.Kept().Select(static letter => World.Text(letter.Message.Payload));
    }

    [Fact]
    public void Large_ones_take_no_more_than_their_share_of_memory()
    {
        (World world, Agent agent) = Open();
        int payload = agent.Type.Mailbox.PayloadBytesMax, most = (int)(DeadLetters.BytesMax / payload);
        for (int i = 0; i < most + 3; i++)
        {
            Assert.Equal(SendOutcome.Accepted, world.Machine.Run(() => agent.TellAsync("poison", new byte[payload]).AsTask()));
            world.Machine.RunUntilIdle();
        }

        Assert.InRange(world.Host.DeadLetters.Kept().Length, most - 2, most);
        Assert.Equal(most + 3, world.Host.DeadLetters.Count);
    }
}
