namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class MailboxTests
{
    private static AgentType Limited(AgentType type, MailboxPolicy policy) =>
        type with { Mailbox = new MailboxOptions { MessagesMax = 3, Policy = policy, HoldMax = TimeSpan.FromSeconds(1) } };

    [Fact]
    public void A_full_mailbox_rejects_what_comes()
    {
        var world = new World();
        var seen = new List<string>();
        Agent agent = world.Spawn((_, message) => seen.Add(message.Type), static type => Limited(type, MailboxPolicy.Reject));
        world.Machine.RunUntilIdle();
        world.Suspend(agent);
        SendOutcome[] outcomes = [.. Enumerable.Range(0, 4).Select(i => world.Tell(agent, $"m{i}"))];
        Assert.Equal([SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.MailboxFull], outcomes);
        world.Resume(agent);
        world.Machine.RunUntilIdle();
        Assert.Equal(["m0", "m1", "m2"], seen);
    }

    [Fact]
    public void Or_drops_the_oldest_which_is_set_aside()
    {
        var world = new World();
        var seen = new List<string>();
        Agent agent = world.Spawn((_, message) => seen.Add(message.Type), static type => Limited(type, MailboxPolicy.DropOldest));
        world.Machine.RunUntilIdle();
        world.Suspend(agent);
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(SendOutcome.Accepted, world.Tell(agent, $"m{i}")));
        world.Resume(agent);
        world.Machine.RunUntilIdle();
        Assert.Equal(["m2", "m3", "m4"], seen);
        Assert.Equal(["m0", "m1"], world.Host.DeadLetters.Kept().Select(static letter => letter.Message.Type));
    }

    [Fact]
    public void Or_lets_a_sender_from_outside_wait_for_room()
    {
        var world = new World();
        var seen = new List<string>();
        Agent agent = world.Spawn((_, message) => seen.Add(message.Type), static type => Limited(type, MailboxPolicy.Wait));
        world.Machine.RunUntilIdle();
        world.Suspend(agent);
        for (int i = 0; i < 3; i++) world.Tell(agent, $"m{i}");
        Assert.Equal(SendOutcome.MailboxFull, world.Tell(agent, "too soon", timeout: TimeSpan.FromSeconds(1)));
        Task<SendOutcome> waiting = world.Machine.Environment.Executor.RunAsync(() => agent.TellAsync("m3", default, TimeSpan.FromSeconds(10)).AsTask());
        world.Machine.RunUntilIdle();
        Assert.False(waiting.IsCompleted);
        world.Resume(agent);
        Assert.Equal(SendOutcome.Accepted, world.Machine.Run(() => waiting));
        world.Machine.RunUntilIdle();
        Assert.Equal(["m0", "m1", "m2", "m3"], seen);
    }

    [Fact]
    public void And_holds_up_an_agent_that_sends_too_much_without_losing_anything()
    {
        var world = new World();
        int seen = 0, most = 0;
        Agent? slow = null;
        slow = world.Spawn(() => new Behaving(async (_, _) =>
        {
            most = Math.Max(most, slow!.MailboxCount);
            await Task.Delay(TimeSpan.FromMilliseconds(10), world.Machine.Environment.Time);
            seen++;
        }), static type => Limited(type, MailboxPolicy.Wait));
        Agent eager = world.Spawn((turn, message) =>
        {
            turn.Tell(slow.Id, "work", default);
            if (message.Payload.Span[0] < 100) turn.Tell(turn.Self, "next", new[] { (byte)(message.Payload.Span[0] + 1) });
        });
        world.Tell(eager, "go", "\u0001");
        world.Machine.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(100, seen);
        Assert.InRange(most, 1, 4);
    }

    [Fact]
    public void Two_agents_that_fill_each_others_mailbox_go_on()
    {
        var world = new World();
        int seen = 0;
        Agent? left = null, right = null;
        Behaving Flooding(Func<Agent> other) => new((turn, message) =>
        {
            seen++;
            if (message.Type == "go") for (int i = 0; i < 10; i++) turn.Tell(other().Id, "flood", default);
        });
        left = world.Spawn(() => Flooding(() => right!), static type => Limited(type, MailboxPolicy.Wait));
        right = world.Spawn(() => Flooding(() => left), static type => Limited(type, MailboxPolicy.Wait));
        world.Machine.RunUntilIdle();
        world.Suspend(left);
        world.Tell(left, "go");
        world.Tell(right, "go");
        world.Resume(left);
        world.Machine.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(22, seen);
    }

    [Fact]
    public void An_agent_hears_of_a_message_that_was_not_taken()
    {
        var world = new World();
        Agent full = world.Spawn(static (_, _) => { }, static type => Limited(type, MailboxPolicy.Reject));
        world.Machine.RunUntilIdle();
        world.Suspend(full);
        string? heard = null;
        Agent sender = world.Spawn(() => new Behaving((turn, _) =>
        {
            for (int i = 0; i < 4; i++) turn.Tell(full.Id, $"m{i}", default);
        })
        {
            OnEvent = (_, happened) => heard = happened.Type + " " + World.Text(happened.Payload),
        });
        world.Tell(sender, "go");
        world.Machine.RunUntilIdle();
        Assert.NotNull(heard);
        Assert.StartsWith(HostEvents.Undeliverable, heard, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"m3\"", heard, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"MailboxFull\"", heard, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mailboxes_of_a_session_have_a_quota_together()
    {
        var world = new World(session: new SessionOptions { MailboxBytesMax = 64 << 10 });
        Agent[] agents = [.. Enumerable.Range(0, 4).Select(_ => world.Spawn(static (_, _) => { }))];
        world.Machine.RunUntilIdle();
        foreach (Agent agent in agents) world.Suspend(agent);
        var outcomes = new List<SendOutcome>();
        for (int i = 0; i < 80; i++) outcomes.Add(world.Tell(agents[i % 4], "bulk", new string('x', 1_000)));
        Assert.Equal(SendOutcome.QuotaExceeded, outcomes[^1]);
        Assert.InRange(outcomes.Count(static outcome => outcome is SendOutcome.Accepted), 48, 64);
        Assert.InRange(world.Session.MailboxBytes, 1, 64 << 10);
        foreach (Agent agent in agents) world.Resume(agent);
        world.Machine.RunUntilIdle();
        Assert.InRange(world.Session.MailboxBytes, 0, 4 << 10);
        Assert.Equal(SendOutcome.Accepted, world.Tell(agents[0], "bulk", new string('x', 1_000)));
    }

    [Fact]
    public void A_payload_longer_than_the_type_takes_is_refused()
    {
        var world = new World();
        Agent agent = world.Spawn(static (_, _) => { }, static type => type with { Mailbox = new MailboxOptions { PayloadBytesMax = 10 } });
        Assert.Equal(SendOutcome.TooLarge, world.Tell(agent, "m", new string('x', 11)));
        Assert.Equal(SendOutcome.Accepted, world.Tell(agent, "m", new string('x', 10)));
    }
}
