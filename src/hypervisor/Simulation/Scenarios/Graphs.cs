using System.Collections.Immutable;
using System.Text;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>
/// Graphs of tasks that pay at the outside world, by workers of whom some hang and some fail. Each task ends once and has paid once, none begins before what it waits for has ended or while another agent has it, and what an attempt does that
/// was given up comes to nothing.
/// </summary>
internal sealed class Graphs : Scenario
{
    private const int Workers = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly Dictionary<TaskId, Lease> _leases = [];
    private readonly List<TaskId> _tasks = [];
    private ImmutableArray<TaskSpec> _specs;

    /// <summary>Who has a task: in which process, since when.</summary>
    private sealed record Lease(int Boot, long Began, int Attempt);

    public override void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Worker(this))
    {
        Durability = AgentDurability.Durable,
        TakesTasks = true,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        int count = World.Random.Next(3, 12);
        // Large ones are stored in several records.
        byte[] payload = new byte[World.Random.Next(4) == 0 ? 60_000 : 0];
        _specs =
        [
            .. Enumerable.Range(0, count).Select(place => new TaskSpec("pay", payload)
            {
                Name = $"pay {place}",
                IdempotencyKey = $"pay {place}",
                Timeout = Timeout,
                Priority = (TaskPriority)World.Random.Next(5),
                Retry = new TaskRetry { AttemptsMax = 1_000, LossesMax = 1_000, PauseMax = TimeSpan.FromSeconds(30) },
                After = [.. Enumerable.Range(0, place).Where(_ => World.Random.Next(count) < 3).Select(TaskDependency.On)],
            }),
        ];
        for (int i = 0; i < Workers; i++) await World.Session.SpawnAsync("worker");
    }

    public override async Task ActAsync()
    {
        // Whoever does not know whether it was taken submits again, under the same keys, and somebody else does so at the same time.
        ImmutableArray<SessionTask>[] both = await Task.WhenAll(World.Session.SubmitAsync(_specs).AsTask(), World.Session.SubmitAsync(_specs).AsTask());
        ImmutableArray<SessionTask> tasks = both[0];
        foreach (SessionTask task in both.SelectMany(static tasks => tasks))
        {
            if (_tasks.Contains(task.Id)) continue;
            World.Require(_tasks.Count < _specs.Length, $"The tasks were taken, and taken again under the same keys as others.");
            _tasks.Add(task.Id);
        }

        foreach (SessionTask task in tasks)
        {
            while (!await task.WaitAsync(TimeSpan.FromHours(1)))
            {
            }
        }
    }

    public override Task JudgeAsync()
    {
        string[] done = [.. World.Session.Agents().SelectMany(static agent => agent.CopyVariables().Keys).Order(StringComparer.Ordinal)];
        foreach (TaskId id in _tasks)
        {
            SessionTask? task = World.Host.Find(World.Scope, id);
            World.Require(task is { State: TaskState.Succeeded }, $"The task {id} was taken and is {task?.State.ToString() ?? "lost"}: {task?.Reason}");
            int times = done.Count(key => key == id.ToString());
            World.Require(times == 1, $"The task {id} was done {times} times.");
            World.Require(task is null || Encoding.UTF8.GetString(task.Result.Span) == $"{id}.0", $"The task {id} came to something else than it did.");
        }

        World.Require(done.Length == _tasks.Count, $"{_tasks.Count} tasks were taken and {done.Length} were done.");
        World.Require(World.Outside.Effects.Count == _tasks.Count, $"{_tasks.Count} tasks have paid {World.Outside.Effects.Count} times.");
        return Task.CompletedTask;
    }

    private void Begin(TaskAttempt attempt)
    {
        long now = World.Machine.Environment.Time.GetTimestamp();
        if (_leases.TryGetValue(attempt.Id, out Lease? lease))
        {
            bool isOver = lease.Boot != World.Boots || World.Machine.Environment.Time.GetElapsedTime(lease.Began, now) >= Timeout - TimeSpan.FromSeconds(1);
            World.Require(isOver, $"The task {attempt.Id} began its attempt {attempt.Number} while attempt {lease.Attempt} had it.");
        }

        // By what was submitted, not by what the host remembers of it.
        ImmutableArray<SessionTask> tasks = attempt.Task.Session.Tasks();
        foreach (TaskDependency dependency in _specs.First(spec => spec.Name == attempt.Spec.Name).After)
        {
            string name = _specs[dependency.Place].DisplayName;
            TaskState? state = tasks.FirstOrDefault(task => task.Spec.Name == name)?.State;
            World.Require(state is TaskState.Succeeded, $"The task {attempt.Id} began when '{name}', which it waits for, was {state?.ToString() ?? "lost"}.");
        }

        _leases[attempt.Id] = new Lease(World.Boots, now, attempt.Number);
    }

    private void End(TaskAttempt attempt)
    {
        if (_leases.TryGetValue(attempt.Id, out Lease? lease) && lease.Attempt == attempt.Number && lease.Boot == World.Boots) _leases.Remove(attempt.Id);
    }

    private sealed class Worker(Graphs scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

        public async ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt)
        {
            SimulatedWorld world = scenario.World;
            scenario.Begin(attempt);
            try
            {
                return await PayAsync(world, turn, attempt);
            }
            finally
            {
                scenario.End(attempt);
            }
        }

        private static async ValueTask<ReadOnlyMemory<byte>> PayAsync(SimulatedWorld world, AgentTurn turn, TaskAttempt attempt)
        {
            ReadOnlyMemory<byte> receipt = await turn.StepAsync("pay", StepPolicy.SameKey, call => world.Outside.DoAsync(call.Key, attempt.Spec.DisplayName, cancellation: call.Cancellation));
            // It hangs, does not hear that it was given up, and goes on as if nothing had been.
            if (world.Happens(0.1)) await Task.Delay(Timeout + TimeSpan.FromSeconds(world.Random.Next(60)), world.Environment.Time, CancellationToken.None);
            else if (world.Happens(0.1)) throw new TaskFailedException("mood", "It does not feel like it.");
            turn.SetVariable(attempt.Id.ToString(), receipt);
            return receipt;
        }
    }
}
