namespace Sirsi.Hypervisor.Tests.Turns;

public sealed class ScheduleTests
{
    [Fact]
    public void An_agent_sends_itself_messages_later_and_again()
    {
        var world = new World();
        DateTimeOffset began = world.Machine.Environment.Time.GetUtcNow();
        var seen = new List<string>();
        long ticking = 0;
        Agent agent = world.Spawn((turn, message) =>
        {
            seen.Add($"{message.Type} {(turn.Now - began).TotalSeconds}");
            if (message.Type == "go")
            {
                turn.Schedule(TimeSpan.FromSeconds(5), "once", default);
                ticking = turn.Schedule(TimeSpan.FromSeconds(2), "tick", default, TimeSpan.FromSeconds(3));
            }

            if (message.Type == "stop") turn.Unschedule(ticking);
        });
        world.Tell(agent, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(9));
        world.Tell(agent, "stop");
        world.Machine.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(["go 0", "tick 2", "once 5", "tick 5", "tick 8", "stop 9"], seen);
    }

    [Fact]
    public void Times_that_were_missed_are_made_up_for_once()
    {
        var world = new World();
        DateTimeOffset began = world.Machine.Environment.Time.GetUtcNow();
        var seen = new List<double>();
        Agent agent = world.Spawn((turn, message) =>
        {
            if (message.Type == "go") turn.Schedule(TimeSpan.FromSeconds(1), "tick", default, TimeSpan.FromSeconds(1));
            else seen.Add((turn.Now - began).TotalSeconds);
        });
        world.Tell(agent, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(2.5));
        world.Suspend(agent);
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        world.Resume(agent);
        world.Machine.Advance(TimeSpan.FromSeconds(1.6));
        Assert.Equal([1, 2, 12.5, 13, 14], seen);
    }

    [Fact]
    public void A_turn_that_has_ended_can_do_nothing_any_more()
    {
        var world = new World();
        AgentTurn? kept = null;
        Agent agent = world.Spawn((turn, _) => kept = turn);
        world.Tell(agent, "go");
        world.Machine.RunUntilIdle();
        Assert.Throws<InvalidOperationException>(() => kept!.SetVariable("a", default));
        Assert.Throws<InvalidOperationException>(() => kept!.Tell(agent.Id, "m", default));
    }

    [Fact]
    public void Variables_and_effects_are_limited()
    {
        var world = new World();
        bool fits = true, removed = false;
        Agent agent = world.Spawn((turn, _) =>
        {
            fits = turn.SetVariable("a", new byte[100]);
            removed = turn.SetVariable("b", new byte[50]);
            turn.RemoveVariable("b");
            fits &= turn.SetVariable("c", new byte[60]);
            for (int i = 0; i < 11; i++) turn.Tell(turn.Self, "m", default);
        }, static type => type with { VariableBytesMax = 100, EffectsMax = 10, Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        world.Tell(agent, "go");
        world.Machine.RunUntilIdle();
        Assert.False(fits & removed);
        Assert.Contains("at most 10 effects", agent.LastError, StringComparison.Ordinal);
    }
}
