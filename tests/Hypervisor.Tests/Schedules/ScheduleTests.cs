using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Tests.Tasks;

namespace Sirsi.Hypervisor.Tests.Schedules;

public sealed class ScheduleTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly ScheduleSpec Every10Minutes = new("tick", new TaskSpec("work", World.Bytes("payload"))) { Every = 10 * Minute };

    private static SessionSchedule Set(Work work, ScheduleSpec spec) => work.World.Machine.Run(() => work.World.Session.SetScheduleAsync(spec).AsTask());

    private static void Register(AgentTypes types) => types.Register(new AgentType("worker", static () => new Working(static (_, attempt) => ValueTask.FromResult(attempt.Spec.Payload)))
    {
        TakesTasks = true,
        Durability = AgentDurability.Durable,
    });

    private static Work Kept()
    {
        var work = new Work(World.Kept, session: new SessionOptions { Lifetime = TimeSpan.FromDays(300) });
        Register(work.World.Types);
        work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
        return work;
    }

    [Fact]
    public void Each_occurrence_is_a_task_that_says_which_it_is_and_an_agent_does_it()
    {
        var work = new Work();
        work.Spawn("worker");
        DateTimeOffset began = work.World.Machine.Environment.Time.GetUtcNow();
        SessionSchedule schedule = Set(work, Every10Minutes);
        Assert.Equal((began + 10 * Minute, null), (schedule.Next, schedule.Last));
        work.World.Machine.Advance(35 * Minute);
        SessionTask[] tasks = [.. work.World.Session.Tasks()];
        Assert.Equal([began + 10 * Minute, began + 20 * Minute, began + 30 * Minute], tasks.Select(static task => task.Spec.NotBefore!.Value));
        Assert.All(tasks, static task => Assert.Equal((TaskState.Succeeded, "tick"), (task.State, task.Spec.DisplayName)));
        Assert.Equal($"schedule:tick:{(began + 10 * Minute).UtcDateTime:O}", tasks[0].Spec.IdempotencyKey);
        Assert.Equal((began + 40 * Minute, began + 30 * Minute, tasks[2].Id), (schedule.Next, schedule.Last, schedule.LastTask));
        Assert.Equal([began + 40 * Minute, began + 50 * Minute], schedule.Upcoming(2));
    }

    [Fact]
    public void One_that_is_removed_or_over_occurs_no_more()
    {
        var work = new Work();
        DateTimeOffset began = work.World.Machine.Environment.Time.GetUtcNow();
        Set(work, Every10Minutes);
        SessionSchedule ending = Set(work, Every10Minutes with { Name = "ending", End = began + 25 * Minute });
        work.World.Machine.Advance(15 * Minute);
        Assert.True(work.World.Machine.Run(() => work.World.Session.RemoveScheduleAsync("tick").AsTask()));
        Assert.False(work.World.Machine.Run(() => work.World.Session.RemoveScheduleAsync("tick").AsTask()));
        work.World.Machine.Advance(TimeSpan.FromHours(5));
        Assert.Equal(["tick", "ending", "ending"], work.World.Session.Tasks().Select(static task => task.Spec.DisplayName));
        Assert.Null(ending.Next);
        Assert.Equal([ending], work.World.Session.Schedules());
        Assert.Throws<ArgumentException>(() => Set(work, ending.Spec with { Name = "late" }));
    }

    [Fact]
    public void One_that_is_set_again_with_the_same_times_goes_on_and_with_others_begins_anew()
    {
        var work = new Work();
        DateTimeOffset began = work.World.Machine.Environment.Time.GetUtcNow();
        Set(work, Every10Minutes);
        work.World.Machine.Advance(13 * Minute);
        SessionSchedule again = Set(work, Every10Minutes with { Task = new TaskSpec("other") });
        Assert.Equal((began + 20 * Minute, began + 10 * Minute), (again.Next, again.Last));
        SessionSchedule anew = Set(work, Every10Minutes with { Every = 5 * Minute });
        Assert.Equal(began + 18 * Minute, anew.Next);
        work.World.Machine.Advance(6 * Minute);
        Assert.Equal(2, work.World.Session.Tasks().Length);
        Assert.Equal([anew], work.World.Session.Schedules());
    }

    [Fact]
    public void What_was_missed_while_no_process_ran_is_made_up_for_by_one_task_or_let_pass()
    {
        Work work = Kept();
        DateTimeOffset began = work.World.Machine.Environment.Time.GetUtcNow();
        Set(work, Every10Minutes);
        Set(work, Every10Minutes with { Name = "skip", Missed = MissedOccurrences.Skip });
        work.World.Machine.Advance(15 * Minute);
        work.Restart(Register, downFor: 60 * Minute);
        work.World.Machine.Advance(10 * Minute);
        string[] tasks = [.. work.World.Session.Tasks().Select(task => $"{task.Spec.DisplayName} {(task.Spec.NotBefore!.Value - began).TotalMinutes}").Order(StringComparer.Ordinal)];
        Assert.Equal(["skip 10", "skip 80", "tick 10", "tick 20", "tick 80"], tasks);
    }

    [Fact]
    public void Schedules_come_back_as_they_were_from_the_journal_and_from_a_checkpoint()
    {
        Work work = Kept();
        DateTimeOffset began = work.World.Machine.Environment.Time.GetUtcNow();
        var full = new ScheduleSpec("full", new TaskSpec("work", World.Bytes("p")) { Name = "n", Labels = ["l"], Priority = TaskPriority.High, Tags = ["t"], Timeout = Minute })
        {
            Cron = "0 2 * * *",
            Zone = "Europe/Berlin",
            Start = began,
            End = began.AddDays(200),
            Missed = MissedOccurrences.Skip,
        };
        Set(work, full);
        Set(work, Every10Minutes);
        work.World.Machine.Run(() => work.World.Session.SetScheduleAsync(Every10Minutes with { Name = "gone" }).AsTask());
        work.World.Machine.Advance(12 * Minute);
        work.World.Machine.Run(() => work.World.Session.RemoveScheduleAsync("gone").AsTask());
        string before = Said();
        for (int i = 0; i < 2; i++)
        {
            work.Restart(Register);
            Assert.Equal(before, Said());
            SessionSchedule back = work.World.Session.FindSchedule("full")!;
            Assert.Equivalent(full with { Task = full.Task with { Payload = default } }, back.Spec with { Task = back.Spec.Task with { Payload = default } });
            Assert.Equal("p", World.Text(back.Spec.Task.Payload));
            work.World.Machine.Run(work.World.Host.CheckpointAsync);
        }

        string Said() => string.Join('\n', work.World.Session.Schedules().Select(static schedule => $"{schedule.Spec.Name} {schedule.SetAt:O} {schedule.Next:O} {schedule.Last:O} {schedule.LastTask}"));
    }

    [Fact]
    public void An_occurrence_that_finds_no_room_waits_for_it_and_says_why()
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { WaitingMax = 1 } });
        SessionTask full = work.Submit(new TaskSpec("full"));
        SessionSchedule schedule = Set(work, Every10Minutes);
        work.World.Machine.Advance(25 * Minute);
        Assert.Contains("quota", schedule.Problem, StringComparison.Ordinal);
        Assert.Equal(schedule.SetAt + 10 * Minute, schedule.Next);
        work.World.Machine.Run(() => full.CancelAsync("room").AsTask());
        work.World.Machine.Advance(Minute);
        Assert.Equal(("", schedule.SetAt + 10 * Minute, schedule.SetAt + 30 * Minute), (schedule.Problem, schedule.Last, schedule.Next));
    }

    [Fact]
    public void There_are_no_more_schedules_than_the_quota_allows_and_none_in_a_closed_session()
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { SchedulesMax = 1 } });
        Set(work, Every10Minutes);
        Set(work, Every10Minutes);
        Assert.Equal(HypervisorErrors.QuotaExceeded, Assert.Throws<HypervisorException>(() => Set(work, Every10Minutes with { Name = "second" })).Code);
        work.World.Machine.Run(() => work.World.Session.CloseAsync("over"));
        Assert.Equal(HypervisorErrors.SessionClosed, Assert.Throws<HypervisorException>(() => Set(work, Every10Minutes)).Code);
        work.World.Machine.Advance(TimeSpan.FromHours(1));
        Assert.Empty(work.World.Session.Tasks());
    }
}
