using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Agents;

/// <summary>Whom a turn sends to goes on on its thread, and nobody waits for it longer than for one agent.</summary>
public sealed class TurnThreadTests
{
    private const int QuantumTurns = 64;

    private readonly List<string> _turns = [];
    private readonly CountingExecutor _executor;
    private readonly World _world;

    public TurnThreadTests()
    {
        CountingExecutor? executor = null;
        _world = new World(change: environment => environment with { Executor = executor = new CountingExecutor(environment.Executor) });
        _executor = executor!;
    }

    /// <summary>An agent that notes its turns and sends what it is told.</summary>
    private Agent Spawn(string name, Action<AgentTurn, AgentMessage>? act = null)
    {
        Agent agent = _world.Spawn(() => new Behaving((turn, message) =>
        {
            _turns.Add($"{name} {message.Type}");
            act?.Invoke(turn, message);
        }));
        _world.Machine.RunUntilIdle();
        _executor.Posted.Clear();
        return agent;
    }

    [Fact]
    public void Whom_a_turn_sends_to_is_not_posted_when_the_sender_has_nothing_left()
    {
        Agent third = Spawn("third"), second = Spawn("second", (turn, _) => turn.Tell(third.Id, "go", default)), first = Spawn("first", (turn, _) => turn.Tell(second.Id, "go", default));
        _world.Tell(first, "go");
        _world.Machine.RunUntilIdle();
        Assert.Equal(["first go", "second go", "third go"], _turns);
        Assert.Equal([first], _executor.Posted);
    }

    [Fact]
    public void It_is_posted_when_the_sender_goes_on_so_that_another_thread_may_run_it()
    {
        Agent second = Spawn("second"), first = Spawn("first", (turn, message) =>
        {
            if (message.Type == "send") turn.Tell(second.Id, "go", default);
        });
        _world.Suspend(first);
        _world.Tell(first, "send");
        _world.Tell(first, "more");
        _world.Resume(first);
        _world.Machine.RunUntilIdle();
        Assert.Equal(["first send", "first more", "second go"], _turns);
        Assert.Equal([first, second], _executor.Posted);
    }

    [Fact]
    public void Of_several_the_first_goes_on_there_and_the_others_are_posted()
    {
        Agent third = Spawn("third"), second = Spawn("second"), first = Spawn("first", (turn, _) =>
        {
            turn.Tell(second.Id, "go", default);
            turn.Tell(third.Id, "go", default);
        });
        _world.Tell(first, "go");
        _world.Machine.RunUntilIdle();
        Assert.Equal(["first go", "second go", "third go"], _turns);
        Assert.Equal([first, third], _executor.Posted);
    }

    [Fact]
    public void Who_sends_to_itself_goes_on_as_before()
    {
        int left = 3;
        Agent agent = Spawn("agent", (turn, _) =>
        {
            if (--left > 0) turn.Tell(turn.Self, "go", default);
        });
        _world.Tell(agent, "go");
        _world.Machine.RunUntilIdle();
        Assert.Equal(["agent go", "agent go", "agent go"], _turns);
        Assert.Equal([agent], _executor.Posted);
    }

    [Fact]
    public void Two_that_write_to_each_other_for_ever_hold_up_others_for_a_quantum_at_most()
    {
        Agent other = Spawn("other");
        bool hasPosted = false;
        void Return(AgentTurn turn, AgentMessage message)
        {
            if (!hasPosted) _ = other.TellAsync("go", default).AsTask();
            hasPosted = true;
            if (_turns.Count < 4 * QuantumTurns) turn.Tell(message.From == default ? _partner : message.From, "ball", default);
        }

        Agent first = Spawn("first", Return), second = Spawn("second", Return);
        _partner = second.Id;
        _world.Tell(first, "ball");
        _world.Machine.RunUntilIdle();
        Assert.Equal(QuantumTurns, _turns.IndexOf("other go"));
        Assert.Equal(4 * QuantumTurns, _turns.Count);
        Assert.All(_turns.Where(static turn => turn != "other go").Select(static (turn, i) => (turn, i)), static pair => Assert.Equal(pair.i % 2 == 0 ? "first ball" : "second ball", pair.turn));
    }

    [Fact]
    public void What_a_turn_sends_outside_of_its_effects_is_posted_because_the_turn_may_wait_for_it()
    {
        Agent second = Spawn("second"), first = Spawn("first", (_, _) => _ = second.TellAsync("go", default).AsTask());
        _world.Tell(first, "go");
        _world.Machine.RunUntilIdle();
        Assert.Equal(["first go", "second go"], _turns);
        Assert.Equal([first, second], _executor.Posted);
    }

    [Fact]
    public void A_turn_that_waits_leaves_the_thread_and_what_it_sends_then_is_posted()
    {
        var waited = new TaskCompletionSource();
        Agent second = Spawn("second");
        Agent first = _world.Spawn(() => new Behaving(async (turn, _) =>
        {
            await waited.Task;
            turn.Tell(second.Id, "go", default);
        }));
        Agent sender = Spawn("sender", (turn, _) => turn.Tell(first.Id, "wait", default));
        _world.Tell(sender, "go");
        _world.Machine.RunUntilIdle();
        Assert.Equal([sender], _executor.Posted);
        waited.SetResult();
        _world.Machine.RunUntilIdle();
        Assert.Equal(["sender go", "second go"], _turns);
        Assert.Equal([sender, second], _executor.Posted);
    }

    private AgentId _partner;

    /// <summary>Lets items go on, and notes the agents that are posted.</summary>
    private sealed class CountingExecutor(HostExecutor inner) : HostExecutor
    {
        public List<Agent> Posted { get; } = [];

        public override bool ItemsMayGoOn => true;

        public override void Post(Action<object?> callback, object? state) => inner.Post(callback, state);

        public override void Post(IThreadPoolWorkItem item)
        {
            if (item is Agent agent) Posted.Add(agent);
            inner.Post(item);
        }
    }
}
