using System.Collections.Immutable;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>A session is closed at any moment of its tasks' lives: each ends, and what was once said of it holds.</summary>
public sealed class ClosingTests
{
    [Theory, InlineData(true), InlineData(false)]
    public void What_a_task_came_to_is_said_once_also_when_its_session_is_closed_while_its_end_is_stored(bool succeeds)
    {
        var ends = new HashSet<TaskState>();
        for (int steps = 0; steps < 40; steps++)
        {
            var work = new Work(World.Kept);
            for (int workers = 0; workers < 2; workers++)
            {
                work.Spawn("worker", async (_, _) =>
                {
                    for (int i = 0; i < 5; i++) await Task.Yield();
                    return succeeds ? ReadOnlyMemory<byte>.Empty : throw new TaskFailedException("kind", "It is bad.");
                }, static type => type with { Durability = AgentDurability.Durable });
            }

            SessionTask once = null!, again = null!;
            List<TaskState> said = [];
            int left = steps;
            work.World.Machine.Run(async () =>
            {
                ImmutableArray<SessionTask> tasks = await work.World.Session.SubmitAsync([new TaskSpec("work") { Retry = Work.Once }, new TaskSpec("work")]);
                (once, again) = (tasks[0], tasks[1]);
                for (; left > 0; left--) await Task.Yield();
                Task closing = work.World.Session.CloseAsync("enough");
                while (!closing.IsCompleted)
                {
                    await Task.Yield();
                    said.Add(once.State);
                }
            });
            work.World.Machine.Advance(TimeSpan.FromMinutes(1));
            Assert.True(once.HasEnded && again.HasEnded, $"Closed after {steps} steps they are {once.State} and {again.State}.");
            Assert.Equal([once.State], said.Where(static state => state >= TaskState.Succeeded).Append(once.State).Distinct());
            Assert.NotNull(once.EndedAt);
            Assert.Empty(work.World.Session.Tasks());
            ends.Add(once.State);
        }

        // The moments were those at which it matters.
        Assert.Equal(succeeds ? [TaskState.Succeeded, TaskState.Cancelled] : [TaskState.Failed, TaskState.Cancelled], ends.Order());
    }

    [Fact]
    public void A_submission_that_is_stored_when_its_session_is_closed_ends_with_it()
    {
        bool wasRefused = false, wasCancelled = false;
        for (int steps = 0; steps < 20; steps++)
        {
            var work = new Work(World.Kept, seed: steps, order: StepOrder.Seeded);
            Session session = work.World.Session;
            Task<SessionTask> submitting = work.World.Machine.Environment.Executor.RunAsync(async () => await session.SubmitAsync(new TaskSpec("work")));
            work.World.Machine.Run(async () =>
            {
                for (int i = 0; i < steps; i++) await Task.Yield();
                await session.CloseAsync("enough");
            });
            work.World.Machine.RunUntilIdle();
            if (submitting.IsFaulted)
            {
                wasRefused = true;
                Assert.Equal(HypervisorErrors.SessionClosed, Assert.Throws<HypervisorException>(() => work.World.Machine.Run(() => submitting)).Code);
                continue;
            }

            wasCancelled = true;
            Assert.Equal(TaskState.Cancelled, work.World.Machine.Run(() => submitting).State);
            Assert.Empty(session.Tasks());
        }

        Assert.True(wasRefused && wasCancelled);
    }

    [Fact]
    public void Tasks_of_a_session_that_expired_while_the_host_was_down_do_not_come_back()
    {
        var work = new Work(World.Kept, session: new SessionOptions { Lifetime = TimeSpan.FromMinutes(1) });
        ImmutableArray<SessionTask> tasks = work.Submit(new TaskSpec("first"), new TaskSpec("second") { After = [TaskDependency.On(0)] });
        World before = work.World;
        Session session = before.Session;
        before.Machine.Files.LosePower(new Random(1));
        before.Machine.Advance(TimeSpan.FromHours(1));
        AgentHost host = before.Machine.Run(() => AgentHost.OpenAsync(before.Machine.Environment, new AgentTypes(), World.Kept));
        before.Machine.RunUntilIdle();
        Assert.Null(host.FindSession(before.Scope, session.Id));
        Assert.All(tasks, task => Assert.Null(host.Find(before.Scope, task.Id)));
    }
}
