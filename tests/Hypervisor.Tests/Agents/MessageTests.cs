using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class MessageTests
{
    [Fact]
    public void An_agent_is_told_and_handles_messages_in_the_order_of_their_sender()
    {
        var world = new World();
        var seen = new List<string>();
        Agent agent = world.Spawn((_, message) => seen.Add(message.Type));
        foreach (int i in Enumerable.Range(0, 200)) Assert.Equal(SendOutcome.Accepted, world.Tell(agent, $"m{i}"));
        world.Machine.RunUntilIdle();
        Assert.Equal(Enumerable.Range(0, 200).Select(static i => $"m{i}"), seen);
        Assert.Equal(201, agent.Turns);
        Assert.Equal(AgentStatus.Idle, agent.Status);
    }

    [Fact]
    public void A_question_is_answered_with_its_reply()
    {
        var world = new World();
        Agent agent = world.Spawn((turn, message) => turn.Reply(World.Bytes(World.Text(message.Payload).ToUpperInvariant())));
        AgentReply reply = world.Ask(agent, "shout", "hello");
        Assert.True(reply.IsReplied);
        Assert.Equal("HELLO", World.Text(reply.Payload));
    }

    [Fact]
    public void A_question_that_the_turn_leaves_open_says_so()
    {
        var world = new World();
        AgentReply reply = world.Ask(world.Spawn(static (_, _) => { }), "anything");
        Assert.Equal(ReplyOutcome.NoReply, reply.Outcome);
    }

    [Fact]
    public void A_question_that_takes_too_long_times_out_and_the_turn_goes_on()
    {
        var world = new World();
        bool ended = false;
        Agent agent = world.Spawn(() => new Behaving(async (turn, _) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2), world.Machine.Environment.Time);
            ended = true;
            turn.Reply(default);
        }));
        DateTimeOffset before = world.Machine.Environment.Time.GetUtcNow();
        AgentReply reply = world.Ask(agent, "slow", timeout: TimeSpan.FromSeconds(1));
        Assert.Equal(ReplyOutcome.TimedOut, reply.Outcome);
        Assert.Equal(TimeSpan.FromSeconds(1), world.Machine.Environment.Time.GetUtcNow() - before);
        world.Machine.Advance(TimeSpan.FromSeconds(2));
        Assert.True(ended);
    }

    [Fact]
    public void Messages_of_a_turn_leave_when_it_has_ended()
    {
        var world = new World();
        var seen = new List<string>();
        Agent target = world.Spawn((_, message) => seen.Add(message.Type));
        Agent sender = world.Spawn(() => new Behaving(async (turn, _) =>
        {
            turn.Tell(target.Id, "first", default);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Machine.Environment.Time);
            Assert.Empty(seen);
            turn.Tell(target.Id, "second", default);
        }));
        world.Tell(sender, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["first", "second"], seen);
    }

    [Fact]
    public void A_failed_turn_leaves_nothing_behind()
    {
        var world = new World();
        var seen = new List<string>();
        Agent target = world.Spawn((_, message) => seen.Add(message.Type));
        Agent sender = world.Spawn((turn, message) =>
        {
            turn.SetVariable("spent", World.Bytes("1"));
            turn.Tell(target.Id, "pay", default);
            turn.Spawn(target.Type.Name);
            turn.Schedule(TimeSpan.FromSeconds(1), "later", default);
            if (message.Attempt == 1) throw new InvalidOperationException("the first time");
        });
        world.Tell(sender, "go");
        world.Machine.RunUntilIdle();
        Assert.Empty(seen);
        Assert.Empty(sender.CopyVariables());
        Assert.Equal(2, world.Session.AgentCount);
        world.Machine.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(["pay"], seen);
        Assert.Equal(3, world.Session.AgentCount);
        Assert.Equal("1", World.Text(sender.CopyVariables()["spent"]));
    }

    [Fact]
    public void Agents_of_one_session_find_each_other_and_others_do_not()
    {
        var world = new World();
        Agent here = world.Spawn(static (_, _) => { });
        Session elsewhere = world.Machine.Run(() => world.Host.OpenSessionAsync(world.NewScope()).AsTask());
        var outcomes = new List<SendOutcome>();
        Agent stranger = world.Spawn((turn, _) => outcomes.Add(turn.Tell(here.Id, "hello", default)), session: elsewhere);
        Agent neighbour = world.Spawn((turn, _) => outcomes.Add(turn.Tell(here.Id, "hello", default)));
        world.Tell(stranger, "go");
        world.Tell(neighbour, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal([SendOutcome.NoSuchAgent, SendOutcome.Accepted], outcomes);
        Assert.Null(world.Host.Find(elsewhere.Scope, here.Id));
        Assert.Same(here, world.Host.Find(world.Scope, here.Id));
    }

    [Fact]
    public void A_broadcast_reaches_every_other_agent_of_the_session()
    {
        var world = new World();
        var seen = new List<AgentId>();
        Agent[] others = [.. Enumerable.Range(0, 5).Select(_ => world.Spawn((turn, _) => seen.Add(turn.Self)))];
        int told = 0;
        Agent sender = world.Spawn((turn, _) => told = turn.Broadcast("news", default));
        world.Tell(sender, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal(5, told);
        Assert.Equal(others.Select(static agent => agent.Id), seen);
    }

    [Fact]
    public void A_trace_goes_on_from_message_to_message()
    {
        var world = new World();
        var traces = new List<TraceContext>();
        Agent last = world.Spawn((turn, _) => traces.Add(turn.Trace));
        Agent first = world.Spawn((turn, _) =>
        {
            traces.Add(turn.Trace);
            turn.Tell(last.Id, "on", default);
        });
        world.Tell(first, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal(traces[0].TraceLow, traces[1].TraceLow);
        Assert.NotEqual(traces[0].Span, traces[1].Span);
        Assert.True(TraceContext.TryParse(traces[0].ToString(), out TraceContext read));
        Assert.Equal(traces[0], read);
    }

    [Theory, InlineData(StepOrder.Arrival), InlineData(StepOrder.Seeded)]
    public void Turns_of_an_agent_never_overlap_and_senders_keep_their_order(StepOrder order)
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            var world = new World(seed, order);
            int inside = 0;
            var seen = new Dictionary<AgentId, List<int>>();
            Agent target = world.Spawn(() => new Behaving(async (_, message) =>
            {
                Assert.Equal(1, ++inside);
                await Task.Yield();
                if (!seen.TryGetValue(message.From, out List<int>? list)) seen[message.From] = list = [];
                list.Add(message.Payload.Span[0]);
                inside--;
            }));
            Agent[] senders =
            [
                .. Enumerable.Range(0, 4).Select(_ => world.Spawn((turn, message) =>
                {
                    byte step = message.Payload.Span[0];
                    turn.Tell(target.Id, "count", new[] { step });
                    if (step < 20) turn.Tell(turn.Self, "next", new[] { (byte)(step + 1) });
                }))
            ];
            foreach (Agent sender in senders) world.Tell(sender, "go", "\u0001");
            world.Machine.RunUntilIdle();
            Assert.Equal(4, seen.Count);
            Assert.All(seen.Values, static list => Assert.Equal(Enumerable.Range(1, 20), list));
        }
    }
}
