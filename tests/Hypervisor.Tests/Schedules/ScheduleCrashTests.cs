using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Tests.Tasks;

namespace Sirsi.Hypervisor.Tests.Schedules;

/// <summary>
/// The power goes between occurrences, while one is stored and while their tasks run, again and again, and stays away for a while: the tasks of occurrences are as many as there should be, none twice.
/// </summary>
public sealed class ScheduleCrashTests
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private static void Register(AgentTypes types) => types.Register(new AgentType("worker", static () => new Working(static async (turn, attempt) =>
    {
        await Task.Yield();
        turn.SetVariable(attempt.Id.ToString(), World.Bytes(attempt.Spec.IdempotencyKey!));
        return default;
    }))
    {
        Durability = AgentDurability.Durable,
        TakesTasks = true,
    });

    [Theory, InlineData(true), InlineData(false)]
    public void An_occurrence_has_its_task_once_wherever_in_the_storing_of_it_the_power_goes(bool isDown)
    {
        int moments = 0;
        for (bool isThrough = false; !isThrough; moments++)
        {
            StoppingExecutor executor = null!;
            var work = new Work(World.Kept, change: environment => environment with { Executor = executor = new StoppingExecutor(environment.Executor) });
            Register(work.World.Types);
            work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
            DateTimeOffset first = work.World.Machine.Run(() => work.World.Session.SetScheduleAsync(new ScheduleSpec("tick", new TaskSpec("work")) { Every = Period }).AsTask()).Next!.Value;
            work.World.Machine.Advance(Period / 2);
            executor.Left = moments;
            work.World.Machine.Advance(Period / 2);
            isThrough = executor.Left > 0;
            work.Restart(Register, downFor: isDown ? Period / 2 : default);
            work.World.Machine.Advance(2 * Period);
            SessionTask[] tasks = [.. work.World.Session.Tasks()];
            Assert.All(tasks, static task => Assert.Equal(TaskState.Succeeded, task.State));
            Assert.Equal([first, first + Period, first + 2 * Period], tasks.Select(static task => task.Spec.NotBefore!.Value).Order());
            Assert.Equal(3, work.World.Session.Agents().Sum(static agent => agent.CopyVariables().Count));
        }

        Assert.InRange(moments, 10, 1_000);
    }

    [Fact]
    public void There_is_one_task_for_each_occurrence_and_one_for_those_of_each_outage()
    {
        Check.That(seed: 63, runs: 80, random =>
        {
            var work = new Work(World.Kept with { CheckpointBytes = 4_096 }, random.Next(), StepOrder.Seeded);
            TimeProvider time = work.World.Machine.Environment.Time;
            Register(work.World.Types);
            work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
            DateTimeOffset first = work.World.Machine.Run(() => work.World.Session.SetScheduleAsync(
                new ScheduleSpec("tick", new TaskSpec("work") { Retry = new TaskRetry { LossesMax = 1_000 } }) { Every = Period }).AsTask()).Next!.Value;
            List<(DateTimeOffset From, DateTimeOffset To)> outages = [];
            for (int crashes = random.Next(1, 6); crashes > 0; crashes--)
            {
                // Up to some occurrence, and then into the middle of what it does.
                int steps = random.Next(0, 250);
                work.World.Machine.Advance(random.Next(0, 6) * Period);
                work.World.Machine.Run(async () =>
                {
                    TimeSpan left = work.World.Session.FindSchedule("tick")!.Next!.Value - time.GetUtcNow();
                    if (left > TimeSpan.Zero) await Task.Delay(left, time);
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                DateTimeOffset from = time.GetUtcNow();
                work.Restart(Register, losesPower: random.Next(4) > 0, downFor: random.Next(3) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(random.Next(0, 95)));
                outages.Add((from, time.GetUtcNow()));
            }

            work.World.Machine.Advance(3 * Period + TimeSpan.FromSeconds(5));
            SessionTask[] tasks = [.. work.World.Session.Tasks()];
            Assert.All(tasks, static task => Assert.Equal(TaskState.Succeeded, task.State));
            DateTimeOffset[] occurred = [.. tasks.Select(static task => task.Spec.NotBefore!.Value).Order()];
            Assert.Equal(occurred.Distinct(), occurred);
            for (DateTimeOffset due = first; due <= time.GetUtcNow(); due += Period)
            {
                if (occurred.Contains(due)) continue;
                DateTimeOffset before = occurred.Last(one => one < due);
                Assert.True(outages.Exists(outage => before >= outage.From && due <= outage.To), $"The occurrence of {due:O} has no task.");
            }

            Assert.All(occurred, one => Assert.Equal(0, (one - first).Ticks % Period.Ticks));
            // The ledger of results: each task was done once.
            Assert.Equal(tasks.Length, work.World.Session.Agents().Sum(static agent => agent.CopyVariables().Count));
            Assert.Equal(tasks.Select(static task => task.Spec.IdempotencyKey).Order(StringComparer.Ordinal), work.World.Session.Agents().SelectMany(static agent => agent.CopyVariables().Values).Select(World.Text).Order(StringComparer.Ordinal));
        });
    }
}
