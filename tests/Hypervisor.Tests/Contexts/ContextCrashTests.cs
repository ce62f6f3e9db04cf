using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Hypervisor.Tests.Contexts;

/// <summary>The power goes at any moment, again and again: versions and revisions have no gaps, no acknowledged write is lost, and a turn's writes are there exactly when its other effects are.</summary>
public sealed class ContextCrashTests
{
    private static readonly AgentHostOptions Kept = World.Kept with { CheckpointBytes = 4_096, Context = new ContextOptions { HistoryMax = 10_000 } };

    [Fact]
    public void Every_increment_is_there_once_and_versions_have_no_gaps_whenever_the_power_goes()
    {
        Check.That(seed: 61, runs: 80, random =>
        {
            int epoch = 0, agents = random.Next(1, 5), keys = random.Next(1, 4), messages = 0;
            void Register(AgentTypes types)
            {
                epoch++;
                types.Register(Shared.Durable(new AgentType("counter", static () => new Behaving(Shared.IncrementAsync))));
            }

            var world = new World(random.Next(), StepOrder.Seeded, Kept, Shared.Allowing);
            Register(world.Types);
            for (int i = 0; i < agents; i++) world.Machine.Run(() => world.Session.SpawnAsync("counter", new SpawnOptions { Capabilities = Shared.Everything }).AsTask());
            var acknowledged = new List<ContextWrite>();
            int sent = 0;
            for (int crashes = random.Next(1, 5); crashes > 0; crashes--)
            {
                foreach (Agent agent in world.Session.Agents())
                {
                    for (int i = random.Next(0, 4); i > 0; i--, messages++) Assert.Equal(SendOutcome.Accepted, world.Tell(agent, $"counters/{random.Next(keys)}"));
                }

                int steps = random.Next(0, 400), mine = epoch;
                World of = world;
                _ = world.Machine.Environment.Executor.RunAsync(async () =>
                {
                    try
                    {
                        while (epoch == mine)
                        {
                            ContextWrite write = await of.Session.Context.PutAsync($"outside/{sent % 3}", Shared.Number(sent));
                            if (epoch != mine) return;
                            acknowledged.Add(write);
                            sent++;
                            await Task.Yield();
                        }
                    }
                    catch (HypervisorException)
                    {
                        // The power is off.
                    }
                });
                world.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                world = world.Restart(Register, losesPower: random.Next(5) > 0, options: Kept);
            }

            world.Machine.Advance(TimeSpan.FromMinutes(1));
            SessionContext context = world.Session.Context;
            Assert.Equal(messages, world.Session.Agents().Sum(Shared.Handled));
            ContextEntry[] counters = [.. context.List("counters/")];
            Assert.Equal(messages, counters.Sum(Shared.Number));
            Assert.All(counters, static counter => Assert.Equal(Shared.Number(counter), counter.Version));
            ContextEntry[] all = [.. context.List().SelectMany(entry => context.History(entry.Key))];
            Assert.Equal(Enumerable.Range(1, (int)context.Revision).Select(static number => (long)number), all.Select(static entry => entry.Revision).Order());
            Assert.All(context.List(), entry => Assert.Equal(
                Enumerable.Range(1, (int)entry.Version).Select(static number => (long)number), context.History(entry.Key).Select(static former => former.Version)));
            Assert.All(acknowledged, write => Assert.Contains(all, entry => (entry.Key, entry.Version, entry.Revision) == (write.Key, write.Version, write.Revision)));
        });
    }

    [Theory, InlineData(false), InlineData(true)]
    public void What_was_written_is_there_after_the_power_went_with_its_history(bool hasCheckpoint)
    {
        var world = new World(options: World.Kept, session: Shared.Allowing);
        Agent agent = world.SpawnSharing(static (turn, message) => turn.PutContext("plan/a", message.Payload), Shared.Durable);
        Assert.Equal((1L, 1L), (world.Put("plan/b", "one").Version, world.Session.Context.Revision));
        world.Tell(agent, "write", "by an agent");
        world.Machine.RunUntilIdle();
        world.Put("plan/b", "two", 1);
        world.Put("gone", "soon");
        world.Delete("gone", 1);
        string before = Said(world);
        if (hasCheckpoint) world.Machine.Run(world.Host.CheckpointAsync);
        for (int i = 0; i < 2; i++)
        {
            world = world.Restart(types => types.Register(Shared.Durable(new AgentType(agent.Type.Name, static () => new Behaving(static (_, _) => { })))));
            Assert.Equal(before, Said(world));
            if (hasCheckpoint) world.Machine.Run(world.Host.CheckpointAsync);
        }

        Assert.Equal(1, world.Put("gone", "again", 0).Version);
        Assert.Equal(3, world.Put("plan/b", "three", 2).Version);
        Assert.Equal(7, world.Session.Context.Revision);
        Assert.Equal(agent.Id, world.Session.Context.Get("plan/a")!.By);

        static string Said(World world) => string.Join('\n', new[] { "gone", "plan/a", "plan/b" }.SelectMany(key => world.Session.Context.History(key))
            .Select(static entry => $"{entry.Key} {World.Text(entry.Value)} {entry.Version} {entry.Revision} {entry.At:O} {entry.By}"));
    }

    [Fact]
    public void A_volatile_agents_writes_are_on_disk_too()
    {
        var world = new World(options: World.Kept, session: Shared.Allowing);
        Agent agent = world.SpawnSharing(static (turn, message) =>
        {
            turn.PutContext("key", message.Payload);
            turn.Reply(default);
        });
        Assert.Equal(ReplyOutcome.Replied, world.Ask(agent, "write", "value").Outcome);
        world = world.Restart(static _ => { });
        Assert.Equal("value", World.Text(world.Session.Context.Get("key")!.Value));
    }

    [Fact]
    public void A_session_that_was_closed_leaves_nothing()
    {
        var world = new World(options: World.Kept, session: Shared.Allowing);
        world.Put("key", "value");
        Session other = world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask());
        Assert.Null(other.Context.Get("key"));
        world.Machine.Run(() => world.Session.CloseAsync("for the test"));
        world.Machine.Run(world.Host.CheckpointAsync);
        HypervisorException closed = Assert.Throws<HypervisorException>(() => world.Put("key", "more"));
        Assert.Equal(HypervisorErrors.SessionClosed, closed.Code);
        world = world.Restart(static _ => { });
        Assert.Null(world.Session);
    }
}
