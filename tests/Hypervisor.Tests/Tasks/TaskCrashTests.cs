using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>The power goes at any moment, again and again: every task ends exactly once, none before what it waits for, and no attempt that counts no more leaves anything.</summary>
public sealed class TaskCrashTests
{
    [Fact]
    public void Every_task_of_a_graph_ends_once_in_the_ledger_of_results_whenever_the_power_goes()
    {
        Check.That(seed: 62, runs: 80, random =>
        {
            int epoch = 0, count = random.Next(2, 30);
            var running = new HashSet<TaskId>();
            void Register(AgentTypes types)
            {
                int mine = ++epoch;
                running.Clear();
                types.Register(new AgentType("worker", () => new Working(async (turn, attempt) =>
                {
                    if (epoch == mine) Assert.True(running.Add(attempt.Id), "It runs twice at once.");
                    ReadOnlyMemory<byte> key = await turn.StepAsync("pay", StepPolicy.SameKey, static call => ValueTask.FromResult<ReadOnlyMemory<byte>>(World.Bytes(call.Key)));
                    await Task.Yield();
                    if (epoch == mine) running.Remove(attempt.Id);
                    // The ledger of results: what each agent has done, as its variables say.
                    turn.SetVariable(attempt.Id.ToString(), key);
                    return key;
                }))
                {
                    Durability = AgentDurability.Durable,
                    TakesTasks = true,
                });
            }

            var work = new Work(World.Kept with { CheckpointBytes = 4_096 }, random.Next(), StepOrder.Seeded);
            Register(work.World.Types);
            for (int i = random.Next(1, 4); i > 0; i--) work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
            TaskId[] ids = [.. work.Submit([.. Enumerable.Range(0, count).Select(i => new TaskSpec("work")
            {
                Retry = new TaskRetry { LossesMax = 1_000 },
                After = [.. Enumerable.Range(0, i).Where(_ => random.Next(count) < 3).Select(TaskDependency.On)],
            })]).Select(static task => task.Id)];
            for (int crashes = random.Next(1, 6); crashes > 0; crashes--)
            {
                int steps = random.Next(0, 500);
                work.World.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                work.Restart(Register, losesPower: random.Next(4) > 0);
            }

            work.World.Machine.Advance(TimeSpan.FromMinutes(1));
            SessionTask[] tasks = [.. ids.Select(id => work.World.Host.Find(work.World.Scope, id)!)];
            Assert.All(tasks, task => Assert.True(task.State is TaskState.Succeeded, $"{task.State}: {task.Reason} {string.Join(' ', task.Errors)}"));
            string[] done = [.. work.World.Session.Agents().SelectMany(static agent => agent.CopyVariables().Keys)];
            Assert.Equal(ids.Select(static id => id.ToString()).Order(StringComparer.Ordinal), done.Order(StringComparer.Ordinal));
            // One key for all attempts of a task.
            Assert.All(tasks, static task => Assert.Equal($"{task.Id}.0", World.Text(task.Result)));
            Assert.All(tasks, task => Assert.All(task.After, dependency =>
                Assert.True(work.World.Host.Find(work.World.Scope, dependency.Task)!.EndedAt <= task.EndedAt)));
        });
    }

    [Fact]
    public void What_was_submitted_is_there_and_so_is_what_it_came_to()
    {
        static void Register(AgentTypes types)
        {
            types.Register(new AgentType("worker", static () => new Working(static (_, attempt) => attempt.Spec.Type == "bad"
                ? throw new TaskFailedException("kind", "It is bad.", isFinal: true)
                : ValueTask.FromResult<ReadOnlyMemory<byte>>(World.Bytes("result"))))
            {
                TakesTasks = true,
            });
        }

        var work = new Work(World.Kept);
        Register(work.World.Types);
        DateTimeOffset tomorrow = work.World.Machine.Environment.Time.GetUtcNow() + TimeSpan.FromDays(1);
        var full = new TaskSpec("later", World.Bytes("payload"))
        {
            Name = "name",
            Priority = TaskPriority.High,
            WhenDependencyFails = WhenDependencyFails.Fail,
            AgentType = "worker",
            Labels = ["a", "b"],
            Capability = "cloud.aws:x",
            NotBefore = tomorrow,
            Deadline = tomorrow.AddDays(1),
            Timeout = TimeSpan.FromSeconds(7),
            Heartbeat = TimeSpan.FromSeconds(3),
            ConcurrencyKey = "c",
            IdempotencyKey = "i",
            Tags = ["t"],
            Retry = new TaskRetry { AttemptsMax = 7, LossesMax = 8, PauseMin = TimeSpan.FromSeconds(9), PauseMax = TimeSpan.FromSeconds(99), Jitter = 0.125, Kinds = ["k"] },
        };
        TaskId[] ids = [.. work.Submit(new TaskSpec("good"), new TaskSpec("bad"), full, new TaskSpec("behind") { After = [TaskDependency.On(1)] }, new TaskSpec("gone")).Select(static task => task.Id)];
        work.World.Machine.Run(() => work.World.Host.Find(work.World.Scope, ids[4])!.CancelAsync("not wanted").AsTask());
        work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
        work.World.Machine.RunUntilIdle();
        string before = Said();
        Assert.Contains("Succeeded result", before, StringComparison.Ordinal);
        for (int i = 0; i < 2; i++)
        {
            work.Restart(Register);
            Assert.Equal(before, Said());
            SessionTask later = work.World.Host.Find(work.World.Scope, ids[2])!;
            Assert.Equivalent(full with { Payload = default }, later.Spec with { Payload = default });
            Assert.Equal("payload", World.Text(later.Spec.Payload));
            work.World.Machine.Run(work.World.Host.CheckpointAsync);
        }

        string Said() => string.Join('\n', ids.Select(id => work.World.Host.Find(work.World.Scope, id)!).Select(static task =>
            $"{task.Spec.DisplayName} {task.State} {World.Text(task.Result)} {task.Reason} {task.EndedAt:O} {string.Join(' ', task.Errors)}"));
    }

    [Fact]
    public void A_task_that_ends_the_process_each_time_is_given_up()
    {
        var never = new TaskCompletionSource();
        void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Working(async (_, _) =>
        {
            await never.Task;
            return default;
        }))
        {
            Durability = AgentDurability.Durable,
            TakesTasks = true,
        });
        var work = new Work(World.Kept);
        Register(work.World.Types);
        work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
        TaskId id = work.Submit(new TaskSpec("poison") { Retry = new TaskRetry { LossesMax = 3 } }).Id;
        for (int i = 0; i < 3; i++)
        {
            work.World.Machine.RunUntilIdle();
            Assert.Equal(TaskState.Running, work.World.Host.Find(work.World.Scope, id)!.State);
            work.Restart(Register);
        }

        SessionTask task = work.World.Host.Find(work.World.Scope, id)!;
        Assert.Equal(TaskState.Failed, task.State);
        Assert.Contains("lost too often", task.Reason, StringComparison.Ordinal);
        Assert.All(task.Errors, static error => Assert.Equal("lost", error.Kind));
    }
}
