using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class RestTests
{
    private static bool Rest(World world, int seconds = 30) => world.Machine.Run(() => world.Host.RestAsync(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_host_is_at_rest_when_all_that_was_set_going_has_ended()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            var world = new World(seed, StepOrder.Seeded);
            int handled = 0;
            var agents = new List<Agent>();
            for (int i = 0; i < 8; i++)
            {
                int left = i;
                agents.Add(world.Spawn((turn, message) =>
                {
                    handled++;
                    if (left > 0) turn.Tell(agents[left - 1].Id, "on", message.Payload);
                }));
            }

            for (int i = 0; i < 3; i++) world.Tell(agents[^1], "on");
            Assert.True(Rest(world));
            Assert.Equal(24, handled);
            Assert.All(agents, static agent => Assert.Equal((AgentStatus.Idle, 0), (agent.Status, agent.MailboxCount)));
        }
    }

    /// <summary>On threads, where work passes between agents while they are looked at.</summary>
    [Fact]
    public async Task No_work_slips_past_who_waits_for_rest()
    {
        HostEnvironment machine = HostEnvironment.Production;
        int handled = 0;
        var ring = new List<Agent>();
        AgentTypes types = new AgentTypes().Register(new AgentType("link", () => new Behaving((turn, message) =>
        {
            Interlocked.Increment(ref handled);
            int left = message.Payload.Span[0];
            if (left > 0) turn.Tell(ring[left % ring.Count].Id, "on", new[] { (byte)(left - 1) });
        })));
        await using AgentHost host = await AgentHost.OpenAsync(machine, types);
        Session session = await host.OpenSessionAsync(new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()));
        for (int i = 0; i < 50; i++) ring.Add(await session.SpawnAsync("link"));
        for (int round = 1; round <= 500; round++)
        {
            await ring[49].TellAsync("on", new byte[] { 99 });
            // One look after the other, without a pause between.
            while (!await host.RestAsync(TimeSpan.Zero, TestContext.Current.CancellationToken)) await Task.Yield();
            Assert.Equal(round * 100, Volatile.Read(ref handled));
        }
    }

    [Fact]
    public void A_message_that_will_be_tried_again_is_waited_for()
    {
        var world = new World();
        Agent agent = world.Spawn(static (_, message) =>
        {
            if (message.Attempt < 3) throw new InvalidOperationException("not yet");
        });
        world.Tell(agent, "work");
        Assert.True(Rest(world));
        Assert.Equal((2L, 2L), (agent.Failures, agent.Turns));
    }

    [Fact]
    public void What_waits_for_a_person_or_for_a_schedule_is_at_rest()
    {
        var world = new World(options: World.Kept);
        Agent suspended = world.Spawn(static (_, _) => { });
        Agent scheduled = world.Spawn(static (turn, _) => turn.Schedule(TimeSpan.FromHours(1), "later", default));
        Agent asking = world.Spawn(static () => new Behaving(static async (turn, _) => await turn.ApprovalAsync("may I", default, TimeSpan.FromHours(1))),
            static type => type with { Durability = AgentDurability.Durable });
        world.Machine.RunUntilIdle();
        world.Suspend(suspended);
        foreach (Agent agent in (Agent[])[suspended, scheduled, asking]) world.Tell(agent, "go");
        Assert.True(Rest(world));
        Assert.Equal((1, 0, 1), (suspended.MailboxCount, scheduled.MailboxCount, asking.MailboxCount));
    }

    [Fact]
    public void A_host_that_never_rests_is_not_waited_for_longer_than_said()
    {
        var world = new World();
        Agent agent = world.Spawn(static (turn, message) => turn.Schedule(TimeSpan.Zero, message.Type, default));
        Agent slow = world.Spawn(static () => new Behaving(static async (turn, _) => await Task.Delay(TimeSpan.FromSeconds(20), turn.Cancellation)));
        world.Tell(slow, "go");
        Assert.False(Rest(world, seconds: 1));
        Assert.Equal(AgentStatus.Running, slow.Status);
        Assert.Equal(AgentStatus.Idle, agent.Status);
    }

    [Fact]
    public void Agents_that_are_ending_are_waited_for()
    {
        var world = new World();
        world.Types.Register(new AgentType("child", static () => new Behaving(static (_, _) => { })));
        Agent parent = world.Spawn(static (turn, message) =>
        {
            if (message.Type == "spawn") turn.Spawn("child");
            else turn.Stop("enough");
        });
        world.Tell(parent, "spawn");
        world.Tell(parent, "stop");
        Assert.True(Rest(world));
        Assert.Equal(0, world.Session.AgentCount);
    }
}
