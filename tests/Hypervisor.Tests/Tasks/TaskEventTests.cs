using System.Collections.Immutable;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Publishing;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Tests.Durability;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>What becomes of tasks is published, where the host is to.</summary>
public sealed class TaskEventTests
{
    private static readonly AgentHostOptions Telling = new() { Tasks = new TaskOptions { PublishesEvents = true } };

    [Fact]
    public void What_becomes_of_tasks_is_published_in_order_with_the_task_as_its_key()
    {
        EventBus bus = null!;
        var work = new Work(Telling, bus: environment => bus = new EventBus(new MemoryBusDriver(environment), new BusOptions(), environment));
        Agent agent = work.Spawn("worker", static (_, attempt) => attempt.Spec.Type switch
        {
            "bad" => throw new TaskFailedException("kind", "It is bad."),
            "shaky" when attempt.Number == 1 => throw new TaskFailedException("kind", "It shakes."),
            _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(default),
        });
        ImmutableArray<SessionTask> tasks = work.Submit(
            new TaskSpec("shaky") { Priority = TaskPriority.High, Retry = new TaskRetry { PauseMin = TimeSpan.FromSeconds(2), Jitter = 0 } },
            new TaskSpec("bad") { Retry = Work.Once },
            new TaskSpec("behind") { After = [TaskDependency.On(1)] },
            new TaskSpec("unwanted") { AgentType = "missing" },
            new TaskSpec("left") { AgentType = "missing" });
        work.Wait(tasks[0]);
        work.World.Machine.Run(() => tasks[3].CancelAsync("not wanted").AsTask());
        work.World.Machine.Run(() => work.World.Session.CloseAsync("enough"));
        work.World.Machine.RunUntilIdle();
        List<EventMessage> events = Read(work.World, bus);
        string[][] expected = [["submitted", "started", "failed", "started", "succeeded"], ["submitted", "started", "dead"], ["submitted", "skipped"], ["submitted", "cancelled"], ["submitted", "cancelled"]];
        Assert.Equal(expected, tasks.Select(task => events.Where(happened => happened.Key == task.Id.ToString()).Select(static happened => happened.Subject["task.run.".Length..]).ToArray()).ToArray());
        Assert.All(events, happened => Assert.Equal(("sirsi.v1.TaskEvent", 1, work.World.Session.Id), (happened.Schema, happened.SchemaVersion, happened.Session)));
        TaskEvent[] shaky = [.. events.Where(happened => happened.Key == tasks[0].Id.ToString()).Select(static happened => TaskEvent.Parser.ParseFrom(happened.Payload.Span))];
        Assert.Equal((75u, 0u, ""), (shaky[0].Submitted.Priority, shaky[0].Attempt, shaky[0].AgentId));
        Assert.Equal(("kind: It shakes.", 1u, agent.Id.ToString()), (shaky[2].Failed.Message, shaky[2].Attempt, shaky[2].AgentId));
        Assert.True(shaky[2].Failed.RetryUnixUs > 0);
        Assert.Equal((2u, "shaky", tasks[0].Id.ToString()), (shaky[4].Attempt, shaky[4].Kind, shaky[4].TaskId));
        TaskEvent behind = TaskEvent.Parser.ParseFrom(events.First(happened => happened.Key == tasks[2].Id.ToString()).Payload.Span);
        Assert.Equal([tasks[1].Id.ToString()], behind.Submitted.DependsOn);
    }

    [Fact]
    public void Nothing_is_published_unless_the_host_is_told_to()
    {
        EventBus bus = null!;
        var work = new Work(bus: environment => bus = new EventBus(new MemoryBusDriver(environment), new BusOptions(), environment));
        work.Spawn("worker");
        work.Wait(work.Submit(new TaskSpec("work")));
        work.World.Machine.RunUntilIdle();
        Assert.Empty(Read(work.World, bus));
    }

    [Fact]
    public void While_the_bus_is_out_of_reach_events_of_tasks_are_let_go_and_leave_room_for_those_of_turns()
    {
        SwitchedDriver driver = null!;
        var work = new Work(
            Telling with { EventsWaitingMax = 20, PublishesLifecycle = false },
            session: new SessionOptions { Capabilities = CapabilitySet.Parse(["bus.publish"]) },
            bus: environment => new EventBus(driver = new SwitchedDriver(new MemoryBusDriver(environment)), new BusOptions(), environment));
        driver.IsDown = true;
        var outcomes = new List<SendOutcome>();
        work.Spawn("worker", (turn, _) =>
        {
            outcomes.Add(turn.Publish("report.done", default));
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
        }, options: new SpawnOptions { Capabilities = CapabilitySet.Parse(["bus.publish"]) });
        ImmutableArray<SessionTask> tasks = work.Submit([.. Enumerable.Range(0, 100).Select(static _ => new TaskSpec("work") { AgentType = "missing" }), new TaskSpec("work")]);
        work.Wait(tasks[^1]);
        Assert.Equal([SendOutcome.Accepted], outcomes);
        Assert.Equal(11, work.World.Host.EventsWaiting);
    }

    private static List<EventMessage> Read(World world, EventBus bus) => world.Machine.Run(async () =>
    {
        var events = new List<EventMessage>();
        var scope = new TopicScope(world.Scope.Tenant.ToString(), world.Scope.Project.ToString());
        await using EventReader reader = await bus.ReadAsync(new ReadOptions { Filter = new EventFilter(scope, "task.>"), Follow = false });
        while (await reader.ReadAsync() is { Count: > 0 } batch)
        {
            for (int i = 0; i < batch.Count; i++) events.Add(batch[i].Event.ToMessage());
        }

        return events;
    });
}
