using Sirsi.Hypervisor.Tests.Modules;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class HibernationTests
{
    [Fact]
    public void An_agent_that_rests_for_long_leaves_memory_and_comes_back_with_the_next_message()
    {
        var world = new World();
        int made = 0;
        Agent agent = world.Spawn(() =>
        {
            made++;
            return new Behaving((turn, message) =>
            {
                byte count = turn.TryGetVariable("count", out ReadOnlyMemory<byte> value) ? value.Span[0] : (byte)0;
                turn.SetVariable("count", new[] { (byte)(count + 1) });
                turn.Reply(new[] { (byte)(count + 1) });
            });
        }, static type => type with { HibernateAfter = TimeSpan.FromMinutes(1) });
        Assert.Equal(1, world.Ask(agent, "add").Payload.Span[0]);
        world.Machine.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal(AgentStatus.Idle, agent.Status);
        Assert.Equal(2, world.Ask(agent, "add").Payload.Span[0]);
        world.Machine.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal(AgentStatus.Idle, agent.Status);
        world.Machine.Advance(TimeSpan.FromSeconds(35));
        Assert.Equal(AgentStatus.Hibernated, agent.Status);
        Assert.Equal(1, made);
        Assert.Equal(3, world.Ask(agent, "add").Payload.Span[0]);
        Assert.Equal(2, made);
        Assert.Equal(AgentStatus.Idle, agent.Status);
    }

    [Fact]
    public void A_guest_gives_its_memory_back_and_an_agent_of_fields_alone_is_left_in_peace()
    {
        var world = new World();
        world.Types.Register(Guests.Load(Guests.Counter, world).ToType("counter"));
        Agent guest = world.Machine.Run(() => world.Session.SpawnAsync("counter").AsTask());
        Agent plain = world.Spawn(static (_, _) => { });
        Assert.Equal([1], world.Ask(guest, "count").Payload.ToArray());
        world.Tell(plain, "hello");
        world.Machine.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(AgentStatus.Hibernated, guest.Status);
        Assert.Equal(AgentStatus.Idle, plain.Status);
        Assert.Equal([2], world.Ask(guest, "count").Payload.ToArray());
    }

    [Fact]
    public void When_memory_is_scarce_those_leave_first_that_have_rested_longest()
    {
        double pressure = 0;
        var world = new World(options: new AgentHostOptions { MemoryPressure = () => pressure });
        Agent[] agents = [.. Enumerable.Range(0, 8).Select(_ =>
        {
            Agent agent = world.Spawn(static (_, _) => { }, static type => type with { HibernateAfter = TimeSpan.FromDays(1) });
            world.Tell(agent, "hello");
            world.Machine.Advance(TimeSpan.FromSeconds(10));
            return agent;
        })];
        Agent plain = world.Spawn(static (_, _) => { });
        world.Tell(plain, "hello");
        int Asleep() => agents.TakeWhile(static agent => agent.Status is AgentStatus.Hibernated).Count();
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, Asleep());
        pressure = 0.95;
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, Asleep());
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(4, Asleep());
        Assert.DoesNotContain(agents[4..], static agent => agent.Status is AgentStatus.Hibernated);
        pressure = 0.5;
        world.Machine.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(4, Asleep());
        Assert.Equal(AgentStatus.Idle, plain.Status);
    }

    [Fact]
    public void A_hibernated_agent_can_be_suspended_resumed_and_ended()
    {
        var world = new World();
        Agent agent = world.Spawn(static (_, _) => { }, static type => type with { HibernateAfter = TimeSpan.FromSeconds(1) });
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(AgentStatus.Hibernated, agent.Status);
        Assert.True(world.Suspend(agent));
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(AgentStatus.Suspended, agent.Status);
        Assert.True(world.Resume(agent));
        world.Machine.Run(() => agent.StopAsync("enough"));
        Assert.Equal(AgentStatus.Stopped, agent.Status);
    }
}
