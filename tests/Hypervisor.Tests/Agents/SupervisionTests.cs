namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class SupervisionTests
{
    private static readonly SupervisionOptions Quick = new() { PauseMin = TimeSpan.FromSeconds(1), PauseMax = TimeSpan.FromSeconds(4), AttemptsMax = 3, FailuresMax = 4 };

    [Fact]
    public void A_failed_message_is_tried_again_after_a_pause_that_doubles()
    {
        var world = new World();
        var times = new List<double>();
        DateTimeOffset began = world.Machine.Environment.Time.GetUtcNow();
        Agent agent = world.Spawn((turn, message) =>
        {
            times.Add((turn.Now - began).TotalSeconds);
            if (message.Attempt < 3) throw new InvalidOperationException("not yet");
        }, static type => type with { Supervision = Quick });
        world.Tell(agent, "work");
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([0, 1, 3], times);
        Assert.Equal("InvalidOperationException: not yet", agent.LastError);
        Assert.Equal(2, agent.Failures);
        Assert.Equal(0, world.Host.DeadLetters.Count);
    }

    [Fact]
    public void A_message_that_always_fails_is_set_aside_its_asker_told_and_the_agent_goes_on()
    {
        var world = new World();
        var seen = new List<string>();
        Agent agent = world.Spawn((_, message) =>
        {
            if (message.Type == "poison") throw new InvalidOperationException("cannot");
            seen.Add(message.Type);
        }, static type => type with { Supervision = Quick });
        Task<AgentReply> asking = world.Machine.Environment.Executor.RunAsync(() => agent.AskAsync("poison", default, TimeSpan.FromSeconds(60)).AsTask());
        world.Machine.RunUntilIdle();
        world.Tell(agent, "good");
        AgentReply reply = world.Machine.Run(() => asking);
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(ReplyOutcome.Failed, reply.Outcome);
        Assert.Contains("cannot", reply.Reason, StringComparison.Ordinal);
        Assert.Equal(["good"], seen);
        DeadLetter letter = Assert.Single(world.Host.DeadLetters.Kept());
        Assert.Equal("poison", letter.Message.Type);
    }

    [Fact]
    public void A_crash_loop_brings_the_agent_into_quarantine_with_its_mailbox_and_tells_its_parent()
    {
        var world = new World();
        string? heard = null;
        bool isMended = false;
        var seen = new List<string>();
        world.Types.Register(new AgentType("fragile", () => new Behaving((_, message) =>
        {
            if (!isMended) throw new InvalidOperationException("broken");
            seen.Add(message.Type);
        }))
        {
            Supervision = Quick with { AttemptsMax = 100 },
        });
        Agent parent = world.Spawn(() => new Behaving((turn, _) => turn.Spawn("fragile")) { OnEvent = (_, happened) => heard = World.Text(happened.Payload) });
        world.Tell(parent, "go");
        world.Machine.RunUntilIdle();
        Agent child = Assert.Single(parent.Children());
        world.Tell(child, "one");
        world.Tell(child, "two");
        world.Machine.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(AgentStatus.Quarantined, child.Status);
        Assert.Equal(2, child.MailboxCount);
        Assert.Equal(SendOutcome.Quarantined, world.Tell(child, "three"));
        Assert.Contains("\"status\":\"Quarantined\"", heard, StringComparison.Ordinal);
        Assert.Contains("broken", child.Changes()[^1].Reason, StringComparison.Ordinal);
        isMended = true;
        Assert.True(world.Resume(child));
        world.Machine.RunUntilIdle();
        Assert.Equal(["one", "two"], seen);
    }

    [Fact]
    public void After_a_failure_another_behaviour_goes_on_from_the_variables()
    {
        var world = new World();
        int made = 0;
        Agent agent = world.Spawn(() =>
        {
            made++;
            return new Behaving((turn, message) =>
            {
                if (message.Type == "fail" && message.Attempt == 1) throw new InvalidOperationException("once");
                byte count = turn.TryGetVariable("count", out ReadOnlyMemory<byte> value) ? value.Span[0] : (byte)0;
                turn.SetVariable("count", new[] { (byte)(count + 1) });
            });
        });
        world.Tell(agent, "add");
        world.Tell(agent, "fail");
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, made);
        Assert.Equal(2, agent.CopyVariables()["count"].Span[0]);
    }

    [Fact]
    public void Ending_goes_children_first_and_lets_the_mailbox_be_handled()
    {
        var world = new World();
        var ended = new List<string>();
        world.Types.Register(new AgentType("leaf", () => new Behaving(static (_, _) => { }) { OnStop = turn => ended.Add("leaf") }));
        world.Types.Register(new AgentType("branch", () => new Behaving(static (_, _) => { })
        {
            OnStart = turn => turn.Spawn("leaf"),
            OnStop = turn => ended.Add("branch"),
        }));
        Agent root = world.Spawn(() => new Behaving((_, message) => ended.Add(message.Type))
        {
            OnStart = turn => turn.Spawn("branch", World.Trusted),
            OnStop = turn => ended.Add("root"),
        });
        world.Machine.RunUntilIdle();
        Assert.Equal(3, world.Host.AgentCount);
        world.Suspend(root);
        world.Tell(root, "last wish");
        world.Machine.Run(() => root.StopAsync("enough"));
        Assert.Equal(["leaf", "branch", "last wish", "root"], ended);
        Assert.Equal(AgentStatus.Stopped, root.Status);
        Assert.Equal(0, world.Host.AgentCount);
        Assert.Equal(SendOutcome.Ended, world.Tell(root, "too late"));
    }

    [Fact]
    public void What_does_not_end_by_itself_is_ended_by_force()
    {
        var world = new World();
        bool isCancelled = false;
        Agent stubborn = world.Spawn(() => new Behaving(async (turn, _) =>
        {
            try
            {
                await Task.Delay(TimeSpan.FromHours(1), world.Machine.Environment.Time, turn.Cancellation);
            }
            catch (OperationCanceledException)
            {
                isCancelled = true;
                throw;
            }
        }), static type => type with { TurnTimeout = TimeSpan.FromMinutes(30) });
        world.Tell(stubborn, "wait");
        world.Tell(stubborn, "never handled");
        DateTimeOffset before = world.Machine.Environment.Time.GetUtcNow();
        world.Machine.Run(() => stubborn.StopAsync("enough", TimeSpan.FromSeconds(5)));
        Assert.True(isCancelled);
        Assert.InRange((world.Machine.Environment.Time.GetUtcNow() - before).TotalSeconds, 5, 10);
        Assert.True(stubborn.HasEnded);
        Assert.Contains(world.Host.DeadLetters.Kept(), static letter => letter.Message.Type == "never handled");
    }

    [Fact]
    public void A_turn_that_takes_too_long_is_asked_to_end()
    {
        var world = new World();
        int attempts = 0;
        Agent agent = world.Spawn(() => new Behaving(async (turn, _) =>
        {
            attempts++;
            await Task.Delay(TimeSpan.FromHours(1), world.Machine.Environment.Time, turn.Cancellation);
        }), static type => type with { TurnTimeout = TimeSpan.FromSeconds(2), Supervision = Quick });
        world.Tell(agent, "wait");
        world.Machine.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(3, attempts);
        Assert.Equal(1, world.Host.DeadLetters.Count);
    }

    [Fact]
    public void An_agent_can_end_itself()
    {
        var world = new World();
        Agent agent = world.Spawn(static (turn, _) => turn.Stop("done"));
        world.Tell(agent, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal(AgentStatus.Stopped, agent.Status);
        Assert.Equal("done", agent.Changes()[0].Reason);
    }
}
