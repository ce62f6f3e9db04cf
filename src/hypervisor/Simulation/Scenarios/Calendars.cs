using System.Globalization;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>
/// Schedules submit tasks while the process goes and comes and the clock jumps. Each occurrence has one task, which is done once, at its time or when it can be made up for, and after an occurrence comes the next.
/// </summary>
internal sealed class Calendars : Scenario
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Watched = TimeSpan.FromHours(2);

    private readonly SortedDictionary<string, TaskId> _tasks = new(StringComparer.Ordinal);
    private DateTimeOffset _end;

    /// <summary>The latest that a clock has said.</summary>
    private DateTimeOffset _latest;

    public override void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Worker(this))
    {
        Durability = AgentDurability.Durable,
        TakesTasks = true,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        await World.Session.SpawnAsync("worker");
        _end = World.Now + Watched;
        var task = new TaskSpec("work") { Retry = new TaskRetry { AttemptsMax = 1_000, LossesMax = 1_000 } };
        await World.Session.SetScheduleAsync(new ScheduleSpec("interval", task) { Every = Every });
        await World.Session.SetScheduleAsync(new ScheduleSpec("cron", task) { Cron = "*/15 * * * *" });
    }

    public override async Task ActAsync()
    {
        foreach (SessionSchedule schedule in World.Session.Schedules())
        {
            bool isThere = schedule.LastTask.IsEmpty || World.Host.Find(World.Scope, schedule.LastTask) is not null;
            World.Require(isThere, $"The schedule {schedule.Spec.Name} says that its last occurrence, {schedule.Last:u}, has task {schedule.LastTask}, which is lost.");
        }

        while (World.Now < _end) await Task.Delay(TimeSpan.FromSeconds(30), World.Environment.Time);
    }

    public override void Observe()
    {
        DateTimeOffset now = World.Environment.Time.GetUtcNow();
        if (now > _latest) _latest = now;
    }

    public override Task JudgeAsync()
    {
        Agent worker = World.Session.Agents().Single();
        foreach (SessionTask task in World.Session.Tasks())
        {
            World.Require(task.State is TaskState.Succeeded or TaskState.Delayed, $"The task of {task.Spec.IdempotencyKey} is {task.State}: {task.Reason}");
            string occurrence = task.Spec.IdempotencyKey!;
            World.Require(!_tasks.TryGetValue(occurrence, out TaskId other) || other == task.Id, $"The occurrence {occurrence} has two tasks, {other} and {task.Id}.");
            _tasks[occurrence] = task.Id;
            int times = worker.Number(occurrence);
            World.Require(task.State is not TaskState.Succeeded || times == 1, $"The occurrence {occurrence} was done {times} times.");
        }

        foreach (SessionSchedule schedule in World.Session.Schedules())
        {
            DateTimeOffset last = _tasks.Keys.Where(key => key.StartsWith($"schedule:{schedule.Spec.Name}:", StringComparison.Ordinal)).Select(static key => At(key)).DefaultIfEmpty().Max();
            DateTimeOffset clock = World.Environment.Time.GetUtcNow();
            World.Require(schedule.Next > last, $"The schedule {schedule.Spec.Name} had its last occurrence at {last:u}, and its next one is at {schedule.Next:u}.");
            World.Require(schedule.Next > clock - TimeSpan.FromMinutes(1), $"It is {clock:u}, and the next occurrence of {schedule.Spec.Name}, at {schedule.Next:u}, has not come.");
        }

        return Task.CompletedTask;
    }

    private static DateTimeOffset At(string occurrence) => DateTimeOffset.Parse(occurrence.Split(':', 3)[2], CultureInfo.InvariantCulture);

    private sealed class Worker(Calendars scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

        public async ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt)
        {
            string occurrence = attempt.Spec.IdempotencyKey!;
            // The clock may have been put back since.
            scenario.World.Require(turn.Now >= attempt.Spec.NotBefore || scenario._latest >= attempt.Spec.NotBefore, $"The task of {occurrence} began at {turn.Now:u}, and it had not been later than {scenario._latest:u}.");
            await Task.Yield();
            turn.SetNumber(occurrence, turn.Number(occurrence) + 1);
            return default;
        }
    }
}
