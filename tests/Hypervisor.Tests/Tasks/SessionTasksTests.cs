using Sirsi.Core.Hosting;
using SessionId = Sirsi.Core.Identity.Id<Sirsi.Core.Identity.SessionKind>;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>A session's tasks are its own, however many others there are and whatever becomes of them.</summary>
public sealed class SessionTasksTests
{
    private static readonly AgentHostOptions Options = World.Kept with { Tasks = new TaskOptions { ResultsMax = 3 } };

    [Fact]
    public void A_session_has_those_of_its_tasks_that_the_host_knows_in_the_order_of_their_submission_and_no_others()
    {
        Check.That(seed: 51, runs: 30, random =>
        {
            var world = new World(random.Next(), StepOrder.Seeded, Options);
            Register(world.Types);
            Spawn(world, world.Session);
            var all = new List<(SessionId Session, TaskId Task)>();
            for (int left = 40; left > 0; left--)
            {
                world = Change(world, random, all);
                if (random.Next(2) == 0) world.Machine.Advance(TimeSpan.FromSeconds(1));
                foreach (Session session in world.Host.Sessions(world.Scope))
                {
                    IEnumerable<TaskId> known = all.Where(one => one.Session == session.Id && world.Host.Find(world.Scope, one.Task) is not null).Select(static one => one.Task);
                    Assert.Equal(known, session.Tasks().Select(static task => task.Id));
                }

                Assert.All(all.Where(one => world.Host.FindSession(world.Scope, one.Session) is null), one => Assert.Null(world.Host.Find(world.Scope, one.Task)));
            }
        });
    }

    [Fact]
    public void A_closed_session_leaves_the_tasks_of_the_others_as_they_are()
    {
        var world = new World();
        Session[] sessions = [world.Session, Open(world), Open(world)];
        SessionTask[][] tasks = [.. sessions.Select(session => Submit(world, session, "first", "second", "third"))];
        world.Machine.Run(() => sessions[1].CloseAsync("enough"));
        Assert.Empty(sessions[1].Tasks());
        Assert.All(tasks[1], static task => Assert.Equal(TaskState.Cancelled, task.State));
        foreach (int other in new[] { 0, 2 })
        {
            Assert.Equal(tasks[other], sessions[other].Tasks());
            Assert.All(tasks[other], static task => Assert.Equal(TaskState.Ready, task.State));
        }
    }

    private static World Change(World world, Random random, List<(SessionId Session, TaskId Task)> all)
    {
        Session[] sessions = [.. world.Host.Sessions(world.Scope)];
        Session session = sessions[random.Next(sessions.Length)];
        switch (random.Next(8))
        {
            case 0:
                Spawn(world, Open(world));
                break;
            case 1 when session != world.Session:
                world.Machine.Run(() => session.CloseAsync("enough"));
                break;
            case 2:
                world.Machine.RunUntilIdle();
                return world.Restart(Register, losesPower: random.Next(2) == 0, options: Options);
            case 3 when session.Tasks() is [.., var last]:
                world.Machine.Run(() => last.RetryAsync("once more").AsTask());
                break;
            default:
                string[] types = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(3) == 0 ? "bad" : "good")];
                all.AddRange(Submit(world, session, types).Select(task => (session.Id, task.Id)));
                break;
        }

        return world;
    }

    private static Session Open(World world) => world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask());

    private static SessionTask[] Submit(World world, Session session, params string[] types) =>
        [.. world.Machine.Run(() => session.SubmitAsync([.. types.Select(static type => new TaskSpec(type) { Retry = Work.Once })]).AsTask())];

    private static void Spawn(World world, Session session) => world.Machine.Run(() => session.SpawnAsync("worker").AsTask());

    private static void Register(AgentTypes types) => types.Register(new AgentType("worker", static () => new Working(static (_, attempt) =>
        attempt.Spec.Type == "bad" ? throw new TaskFailedException("bad", "It is bad.") : ValueTask.FromResult<ReadOnlyMemory<byte>>(default)))
    {
        Durability = AgentDurability.Durable,
        TakesTasks = true,
    });
}
