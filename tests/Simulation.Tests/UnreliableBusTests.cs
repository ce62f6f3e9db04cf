using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Simulation.Faults;

namespace Sirsi.Simulation.Tests;

/// <summary>A bus server outlives the processes that use it, and sees them end.</summary>
public sealed class UnreliableBusTests
{
    private static readonly TopicScope Scope = new("tenant", "project");

    private readonly DeterministicHost _machine = new(1);
    private readonly UnreliableBus _server;

    public UnreliableBusTests() => _server = new UnreliableBus(_machine.Environment, new Weather(FaultOptions.None, seed: 1));

    /// <summary>A process and its bus.</summary>
    private sealed record Program(DeterministicProcess Process, BusConnection Connection, EventBus Bus)
    {
        public void Kill()
        {
            Process.Kill();
            Connection.Break();
        }
    }

    [Fact]
    public void A_member_of_a_group_whose_process_is_killed_is_seen_to_leave_and_its_events_go_to_another()
    {
        Program dying = Start(), other = Start();
        Publish(other, 1, 2, 3);
        EventConsumer member = Run(dying, () => dying.Bus.JoinAsync(Group()).AsTask());
        Assert.Equal([1, 2, 3], Receive(dying, member));
        EventConsumer second = Run(other, () => other.Bus.JoinAsync(Group()).AsTask());
        Assert.Equal([], Receive(other, second));
        Assert.Equal(2, Members(other));

        dying.Kill();
        _machine.RunUntilIdle();
        Assert.Equal(1, Members(other));
        Assert.Equal([1, 2, 3], Receive(other, second));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void A_member_that_is_about_to_join_when_its_process_is_killed_does_not_stay(int steps)
    {
        Program dying = Start(), other = Start();
        Publish(other, 1);
        _ = dying.Process.Environment.Executor.RunAsync(() => dying.Bus.JoinAsync(Group()).AsTask());
        for (int step = 0; step < steps; step++) _machine.TryStep(_machine.Environment.Time.GetUtcNow());
        dying.Kill();
        _machine.RunUntilIdle();
        EventConsumer second = Run(other, () => other.Bus.JoinAsync(Group()).AsTask());
        Assert.Equal(1, Members(other));
        Assert.Equal([1], Receive(other, second));
    }

    private static GroupOptions Group() => new() { Name = "group", Filter = new EventFilter(Scope, "count.*") };

    private Program Start()
    {
        DeterministicProcess process = _machine.StartProcess();
        BusConnection connection = _server.Connect(process.Environment);
        return new Program(process, connection, new EventBus(connection, new BusOptions(), process.Environment));
    }

    private T Run<T>(Program program, Func<Task<T>> work)
    {
        Task<T> running = program.Process.Environment.Executor.RunAsync(work);
        _machine.RunUntilIdle();
        Assert.True(running.IsCompletedSuccessfully, running.Exception?.Message);
#pragma warning disable VSTHRD002 // It has completed.
        return running.Result;
#pragma warning restore VSTHRD002
    }

    private void Publish(Program program, params byte[] counts) => Run(program, async () =>
    {
        foreach (byte count in counts) await program.Bus.PublishAsync(new EventMessage { Scope = Scope, Subject = "count.up", Payload = new[] { count } });
        return true;
    });

    private int Members(Program program) => Run(program, () => program.Bus.StatusAsync(Group().Filter.Log, "group").AsTask())!.Members;

    /// <summary>What is there for a member at this moment.</summary>
    private int[] Receive(Program program, EventConsumer member) => Run(program, () =>
    {
        var deliveries = new Delivery[10];
        int count = member.TryReceive(deliveries);
        return Task.FromResult(deliveries[..count].Select(static delivery => (int)delivery.Event.Payload[0]).Order().ToArray());
    });
}
