using Sirsi.Hypervisor.Tests.Tasks;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class TurnEndTests
{
    [Fact]
    public void Every_turn_that_has_ended_is_told_with_what_it_was_about_and_what_it_died_of()
    {
        var told = new List<string>();
        var world = new World(options: new AgentHostOptions
        {
            TurnEnded = (_, turn) => told.Add($"{turn.Kind} {turn.Type} {turn.Attempt} {turn.Error}"),
        });
        Agent agent = world.Spawn(static (_, message) =>
        {
            if (message.Type == "poison") throw new InvalidOperationException("cannot");
        });
        world.Tell(agent, "food");
        world.Tell(agent, "poison");
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        world.Machine.Run(() => agent.StopAsync("enough"));
        Assert.Equal(
            ["Start  1 ", "Message food 1 ", .. Enumerable.Range(1, 3).Select(static attempt => $"Message poison {attempt} InvalidOperationException: cannot"), "Stop  1 "], told);
        Assert.Equal((3L, 3L), (agent.Turns, agent.Failures));
    }

    [Fact]
    public void A_turn_that_does_a_task_says_so_with_the_number_of_its_attempt()
    {
        var told = new List<string>();
        var work = new Work(new AgentHostOptions { TurnEnded = (_, turn) => told.Add($"{turn.Kind} {turn.Type} {turn.Attempt} {turn.Error}") });
        work.Spawn("worker", static (_, attempt) => attempt.Number == 1 ? throw new InvalidOperationException("cannot") : ValueTask.FromResult<ReadOnlyMemory<byte>>(default));
        work.Wait(work.Submit(new TaskSpec("work")));
        Assert.Equal(["Start  1 ", "Task work 1 InvalidOperationException: cannot", "Task work 2 "], told);
    }
}
