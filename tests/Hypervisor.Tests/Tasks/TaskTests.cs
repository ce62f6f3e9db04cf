using System.Collections.Immutable;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Tests.Modules;

namespace Sirsi.Hypervisor.Tests.Tasks;

public sealed class TaskTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_task_is_done_by_an_agent_that_takes_tasks_and_has_a_result()
    {
        var work = new Work();
        Agent agent = work.Spawn("worker", static (_, attempt) => ValueTask.FromResult<ReadOnlyMemory<byte>>(World.Bytes(World.Text(attempt.Spec.Payload) + "!")));
        SessionTask task = work.Submit(new TaskSpec("greet", World.Bytes("hello")));
        work.Wait(task);
        Assert.Equal((TaskState.Succeeded, "hello!", agent.Id, 1), (task.State, World.Text(task.Result), task.Agent, task.Attempt));
        Assert.Same(task, work.World.Host.Find(work.World.Scope, task.Id));
        Assert.Null(work.World.Host.Find(work.World.NewScope(), task.Id));
    }

    [Fact]
    public void It_waits_for_an_agent_and_a_new_one_takes_it_at_once()
    {
        var work = new Work();
        SessionTask task = work.Submit(new TaskSpec("greet"));
        work.World.Machine.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TaskState.Ready, task.State);
        work.Spawn("worker");
        work.World.Machine.RunUntilIdle();
        Assert.Equal(TaskState.Succeeded, task.State);
    }

    [Fact]
    public void A_failed_attempt_is_repeated_after_a_pause_that_doubles_whatever_the_errors_are_until_the_task_is_dead_with_all_of_them()
    {
        var work = new Work();
        var times = new List<double>();
        DateTimeOffset began = work.World.Machine.Environment.Time.GetUtcNow();
        work.Spawn("worker", (turn, attempt) =>
        {
            times.Add((turn.Now - began).TotalSeconds);
            throw attempt.Number % 2 == 0 ? new TaskFailedException("odd", "It is odd.") : new InvalidOperationException("It is even.");
        });
        SessionTask task = work.Submit(new TaskSpec("fail") { Retry = new TaskRetry { AttemptsMax = 4, PauseMin = Second, Jitter = 0 } });
        work.Wait(task);
        Assert.Equal([0, 1, 3, 7], times);
        Assert.Equal(TaskState.Failed, task.State);
        Assert.Equal(["InvalidOperationException", "odd", "InvalidOperationException", "odd"], task.Errors.Select(static error => error.Kind));
        Assert.Equal("It is odd.", task.Reason);
    }

    [Fact]
    public void Jitter_moves_the_pause_by_its_part_and_not_more()
    {
        var rules = new TaskRetry { PauseMin = Second, PauseMax = 10 * Second, Jitter = 0.5 };
        Assert.Equal(0.5 * Second, rules.PauseAfter(1, 0));
        Assert.Equal(1 * Second, rules.PauseAfter(1, 0.5));
        Assert.True(rules.PauseAfter(1, 0.999_999) < 1.5 * Second);
        Assert.Equal(10 * Second, rules.PauseAfter(60, 0.5));
    }

    [Fact]
    public void Only_the_kinds_that_the_task_names_are_tried_again_and_a_final_error_is_not()
    {
        var work = new Work();
        work.Spawn("worker", static (_, attempt) => throw new TaskFailedException(attempt.Spec.Type, "no", isFinal: attempt.Spec.Type == "final"));
        TaskRetry busyOnly = new() { AttemptsMax = 5, PauseMin = TimeSpan.Zero, Kinds = ["busy"] };
        SessionTask[] tasks = [work.Submit(new TaskSpec("busy") { Retry = busyOnly }), work.Submit(new TaskSpec("broken") { Retry = busyOnly }), work.Submit(new TaskSpec("final"))];
        work.Wait(tasks);
        Assert.Equal([5, 1, 1], tasks.Select(static task => task.Attempt));
    }

    [Fact]
    public void Failing_tasks_bring_no_agent_into_quarantine()
    {
        var work = new Work();
        Agent agent = work.Spawn("worker", static (_, _) => throw new InvalidOperationException("no"));
        SessionTask task = work.Submit(new TaskSpec("fail") { Retry = new TaskRetry { AttemptsMax = 50, PauseMin = TimeSpan.Zero } });
        work.Wait(task);
        Assert.Equal(AgentStatus.Idle, agent.Status);
        Assert.Equal(50, agent.Failures);
        Assert.Equal(SessionTask.ErrorsMax, task.Errors.Length);
    }

    [Fact]
    public void An_attempt_that_takes_too_long_loses_the_task_and_what_it_did_comes_to_nothing()
    {
        var work = new Work();
        var slow = new TaskCompletionSource();
        work.Spawn("worker", async (turn, attempt) =>
        {
            turn.SetVariable("by", World.Bytes($"{attempt.Number}"));
            if (attempt.Number == 1) await slow.Task;
            return World.Bytes($"{attempt.Number}");
        });
        Agent other = work.Spawn("worker");
        SessionTask task = work.Submit(new TaskSpec("work") { Timeout = 10 * Second, Retry = new TaskRetry { PauseMin = Second, Jitter = 0 } });
        work.World.Machine.Advance(9 * Second);
        AgentId first = task.Agent;
        work.Wait(task);
        Assert.Equal(("2", 2), (World.Text(task.Result), task.Attempt));
        Assert.NotEqual(first, task.Agent);
        Assert.Equal("timeout", Assert.Single(task.Errors).Kind);
        slow.SetResult();
        work.World.Machine.RunUntilIdle();
        Assert.Empty(work.World.Host.Find(work.World.Scope, first)!.CopyVariables());
        Assert.Equal("2", World.Text(task.Result));
        Assert.Equal("2", World.Text(work.World.Host.Find(work.World.Scope, task.Agent)!.CopyVariables()["by"]));
        Assert.NotNull(other);
    }

    [Fact]
    public void The_turn_of_a_late_attempt_is_cancelled_and_its_agent_is_free_when_it_has_ended()
    {
        var work = new Work();
        bool isCancelled = false;
        work.Spawn("worker", async (turn, attempt) =>
        {
            if (attempt.Number > 1) return default;
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, turn.Cancellation);
            }
            catch (OperationCanceledException)
            {
                isCancelled = true;
                throw;
            }

            return default;
        });
        SessionTask task = work.Submit(new TaskSpec("work") { Timeout = 3 * Second, Retry = new TaskRetry { PauseMin = TimeSpan.Zero } });
        work.Wait(task);
        Assert.True(isCancelled);
        Assert.Equal(2, task.Attempt);
    }

    [Fact]
    public void A_silent_attempt_is_lost_before_its_time_out_and_one_that_is_heard_of_is_not()
    {
        var work = new Work();
        TimeProvider time = work.World.Machine.Environment.Time;
        work.Spawn("worker", async (turn, attempt) =>
        {
            for (int i = 1; i <= 10; i++)
            {
                if (attempt.Number == 1 && i == 5) await Task.Delay(Timeout.InfiniteTimeSpan, time, turn.Cancellation);
                await Task.Delay(2 * Second, time, turn.Cancellation);
                attempt.Progress(i / 10d);
            }

            return default;
        });
        SessionTask task = work.Submit(new TaskSpec("work") { Timeout = 60 * Second, Heartbeat = 3 * Second, Retry = new TaskRetry { PauseMin = TimeSpan.Zero } });
        work.World.Machine.Advance(6.5 * Second);
        Assert.Equal(0.3, task.Progress);
        work.World.Machine.Advance(5 * Second);
        Assert.Contains("not heard of", Assert.Single(task.Errors).Text, StringComparison.Ordinal);
        work.Wait(task);
        Assert.Equal((TaskState.Succeeded, 2), (task.State, task.Attempt));
    }

    [Fact]
    public void Cancelling_reaches_the_running_turn_and_the_tasks_it_submitted()
    {
        var work = new Work(session: new SessionOptions { Capabilities = CapabilitySet.Parse(["task.submit"]) });
        TaskId child = default;
        bool isCancelled = false;
        work.Spawn("worker", async (turn, attempt) =>
        {
            if (attempt.Spec.Type == "first") child = turn.Submit(new TaskSpec("child") { NotBefore = turn.Now + TimeSpan.FromDays(1) });
            if (attempt.Spec.Type == "first") return default;
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, turn.Cancellation);
            }
            finally
            {
                isCancelled = turn.Cancellation.IsCancellationRequested;
            }

            return default;
        }, options: new SpawnOptions { Capabilities = CapabilitySet.Parse(["task.submit"]) });
        SessionTask first = work.Submit(new TaskSpec("first"));
        work.World.Machine.RunUntilIdle();
        Assert.Equal(TaskState.Delayed, work.World.Host.Find(work.World.Scope, child)!.State);
        SessionTask running = work.Submit(new TaskSpec("running"));
        work.World.Machine.RunUntilIdle();
        Assert.True(work.World.Machine.Run(() => running.CancelAsync("enough").AsTask()));
        work.World.Machine.RunUntilIdle();
        Assert.True(isCancelled);
        Assert.Equal((TaskState.Cancelled, "enough"), (running.State, running.Reason));
        Assert.Equal(first.Id, work.World.Host.Find(work.World.Scope, child)!.Parent);
        // It has ended, and what it submitted has not.
        Assert.True(work.World.Machine.Run(() => first.CancelAsync("not that either").AsTask()));
        SessionTask submitted = work.World.Host.Find(work.World.Scope, child)!;
        Assert.Equal((TaskState.Succeeded, TaskState.Cancelled), (first.State, submitted.State));
        Assert.Contains("not that either", submitted.Reason, StringComparison.Ordinal);
        Assert.False(work.World.Machine.Run(() => first.CancelAsync("too late").AsTask()));
        SessionTask next = work.Submit(new TaskSpec("first"));
        work.Wait(next);
    }

    [Fact]
    public void Cancelling_reaches_all_that_was_submitted_below_also_after_a_restart_and_forgets_what_the_host_forgets()
    {
        CapabilitySet submits = CapabilitySet.Parse(["task.submit"]);
        void Register(AgentTypes types) => types.Register(new AgentType("worker", static () => new Working(static (turn, attempt) =>
        {
            if (attempt.Spec.Name is "1" or "2" or "3") turn.Submit([new TaskSpec("next") { Name = $"{int.Parse(attempt.Spec.Name, null) + 1}" }, new TaskSpec("leaf")]);
            if (attempt.Spec.Name == "3") turn.Submit(new TaskSpec("later") { NotBefore = turn.Now + TimeSpan.FromDays(30) });
            return ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
        }))
        {
            TakesTasks = true,
        });
        var work = new Work(World.Kept with { Tasks = new TaskOptions { ResultsMax = 6 } }, session: new SessionOptions { Capabilities = submits });
        Register(work.World.Types);
        work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker", new SpawnOptions { Capabilities = submits }).AsTask());
        TaskId top = work.Submit(new TaskSpec("top") { Name = "1" }).Id;
        work.World.Machine.RunUntilIdle();
        SessionTask[] known = work.World.Session.Tasks().ToArray();
        // Three leaves and four tasks have ended, one of which is forgotten; one waits.
        Assert.Equal(7, known.Length);
        Assert.All(known, task => Assert.All(task.Children ?? [], child => Assert.Contains(child, known)));
        work.Restart(Register);
        SessionTask later = work.World.Session.Tasks().Single(static task => task.Spec.Type == "later");
        SessionTask eldest = work.World.Session.Tasks()[0];
        Assert.NotEqual(top, eldest.Id);
        Assert.True(work.World.Machine.Run(() => eldest.CancelAsync("enough").AsTask()));
        Assert.Equal(TaskState.Cancelled, later.State);
    }

    [Fact]
    public void Who_may_not_submit_is_refused_and_what_a_failed_turn_submitted_does_not_come_to_be()
    {
        var work = new Work(session: new SessionOptions { Capabilities = CapabilitySet.Parse(["task.submit"]) });
        string? refused = null;
        Agent without = work.World.Spawn((turn, _) =>
        {
            HypervisorException failure = Assert.Throws<HypervisorException>(() => turn.Submit(new TaskSpec("work")));
            refused = failure.Code.ToString();
        });
        work.World.Tell(without, "go");
        work.World.Machine.RunUntilIdle();
        Assert.Equal(HypervisorErrors.CapabilityRefused.ToString(), refused);
        work.World.Types.Register(new AgentType("failing", static () => new Behaving(static (turn, _) =>
        {
            turn.Submit(new TaskSpec("work"));
            throw new InvalidOperationException("after all");
        })));
        Agent failing = work.World.Machine.Run(() => work.World.Session.SpawnAsync("failing", new SpawnOptions { Capabilities = CapabilitySet.Parse(["task.submit:work"]) }).AsTask());
        work.World.Tell(failing, "go");
        work.World.Machine.Advance(10 * Second);
        Assert.Empty(work.World.Session.Tasks());
    }

    [Fact]
    public void Time_decides_when_a_task_begins_at_the_earliest_and_ends_at_the_latest()
    {
        var work = new Work();
        DateTimeOffset now = work.World.Machine.Environment.Time.GetUtcNow();
        SessionTask later = work.Submit(new TaskSpec("later") { NotBefore = now + 10 * Second });
        SessionTask never = work.Submit(new TaskSpec("never") { AgentType = "missing", Deadline = now + 20 * Second });
        work.Spawn("worker");
        work.World.Machine.Advance(9 * Second);
        Assert.Equal(TaskState.Delayed, later.State);
        work.World.Machine.Advance(2 * Second);
        Assert.Equal(TaskState.Succeeded, later.State);
        work.World.Machine.Advance(10 * Second);
        Assert.Equal((TaskState.Failed, "deadline"), (never.State, Assert.Single(never.Errors).Kind));
    }

    [Fact]
    public void There_is_one_task_of_a_key_also_when_two_submit_it_at_one_time()
    {
        var work = new Work(World.Kept);
        TaskSpec spec = new("work") { IdempotencyKey = "order-1" };
        SessionTask[] both = work.World.Machine.Run(() => Task.WhenAll(work.World.Session.SubmitAsync(spec).AsTask(), work.World.Session.SubmitAsync(spec).AsTask()));
        Assert.Same(both[0], both[1]);
        Assert.Single(work.World.Session.Tasks());
        work.Restart(static _ => { });
        Assert.Equal(both[0].Id, Assert.Single(work.World.Session.Tasks()).Id);
    }

    [Fact]
    public void Who_comes_second_with_a_key_submits_when_nothing_came_of_the_first()
    {
        CapabilitySet maySubmit = CapabilitySet.Parse(["task.submit"]);
        var work = new Work(session: new SessionOptions { Capabilities = maySubmit });
        TaskSpec spec = new("work") { IdempotencyKey = "order-1" };
        var decision = new TaskCompletionSource();
        work.World.Types.Register(new AgentType("undecided", () => new Behaving(async (turn, _) =>
        {
            turn.Submit(spec);
            await decision.Task;
            throw new InvalidOperationException("It changes its mind.");
        }))
        {
            Supervision = new SupervisionOptions { AttemptsMax = 1 },
        });
        Agent undecided = work.World.Machine.Run(() => work.World.Session.SpawnAsync("undecided", new SpawnOptions { Capabilities = maySubmit }).AsTask());
        work.World.Tell(undecided, "go");
        work.World.Machine.RunUntilIdle();
        Task<SessionTask> second = work.World.Machine.Environment.Executor.RunAsync(() => work.World.Session.SubmitAsync(spec).AsTask());
        work.World.Machine.RunUntilIdle();
        Assert.False(second.IsCompleted);
        Assert.Empty(work.World.Session.Tasks());
        SessionTask made = work.World.Machine.Run(() =>
        {
            decision.SetResult();
            return second;
        });
        Assert.Same(made, Assert.Single(work.World.Session.Tasks()));
    }

    [Fact]
    public void A_key_that_is_there_twice_in_one_submission_is_refused_and_leaves_nothing()
    {
        var work = new Work();
        TaskSpec spec = new("work") { IdempotencyKey = "order-1" };
        ArgumentException refused = Assert.Throws<ArgumentException>(() => work.Submit(spec, spec));
        Assert.Contains("has the key 'order-1', as one before it has", refused.Message, StringComparison.Ordinal);
        Assert.Empty(work.World.Session.Tasks());
        Assert.Single(work.Submit([spec]));
    }

    [Fact]
    public void A_key_names_one_task_while_it_is_known()
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { ResultsKept = 60 * Second } });
        work.Spawn("worker");
        SessionTask first = work.Submit(new TaskSpec("work") { IdempotencyKey = "order-1" });
        Assert.Same(first, work.Submit(new TaskSpec("work") { IdempotencyKey = "order-1" }));
        work.Wait(first);
        Assert.Same(first, work.Submit(new TaskSpec("work") { IdempotencyKey = "order-1" }));
        work.World.Machine.Advance(61 * Second);
        work.Wait(work.Submit(new TaskSpec("other")));
        Assert.Null(work.World.Host.Find(work.World.Scope, first.Id));
        Assert.NotSame(first, work.Submit(new TaskSpec("work") { IdempotencyKey = "order-1" }));
    }

    [Fact]
    public void A_dead_task_runs_again_when_a_person_says_so()
    {
        var work = new Work();
        bool isMended = false;
        work.Spawn("worker", (_, _) => isMended ? ValueTask.FromResult<ReadOnlyMemory<byte>>(World.Bytes("done")) : throw new InvalidOperationException("broken"));
        ImmutableArray<SessionTask> tasks = work.Submit(new TaskSpec("first") { Retry = Work.Once }, new TaskSpec("second") { After = [TaskDependency.On(0)] });
        work.Wait(tasks.AsSpan());
        Assert.Equal([TaskState.Failed, TaskState.Skipped], tasks.Select(static task => task.State));
        isMended = true;
        foreach (SessionTask task in tasks)
        {
            Assert.True(work.World.Machine.Run(() => task.RetryAsync("mended").AsTask()));
            work.Wait(task);
            Assert.Equal(TaskState.Succeeded, task.State);
        }
    }

    [Fact]
    public void Quotas_refuse_with_the_reason_and_a_closed_session_ends_its_tasks()
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { WaitingMax = 2, PayloadBytesMax = 100 } });
        SessionTask[] tasks = [work.Submit(new TaskSpec("one", new byte[60])), work.Submit(new TaskSpec("two"))];
        Assert.Contains("quota", Refused(new TaskSpec("three")), StringComparison.Ordinal);
        work.World.Machine.Run(() => tasks[1].CancelAsync("room").AsTask());
        Assert.Contains("payloads", Refused(new TaskSpec("three", new byte[60])), StringComparison.Ordinal);
        work.Submit(new TaskSpec("three", new byte[40]));
        work.World.Machine.Run(() => work.World.Session.CloseAsync("enough"));
        Assert.Equal(TaskState.Cancelled, tasks[0].State);
        Assert.Empty(work.World.Session.Tasks());

        string Refused(TaskSpec spec) => Assert.Throws<HypervisorException>(() => work.Submit(spec)).Message;
    }

    [Fact]
    public void Whatever_breaks_a_rule_is_said()
    {
        var work = new Work();
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => work.Submit(new TaskSpec("") { Timeout = TimeSpan.Zero, Labels = [""], Retry = new TaskRetry { AttemptsMax = 0 } }));
        foreach (string part in (string[])["Type", "Timeout", "labels", "AttemptsMax"]) Assert.Contains(part, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_has_on_task_does_tasks()
    {
        var work = new Work();
        work.World.Types.Register(Guests.Load("""
            (func (export "on_task") (result i32) (call $output (call $input) (call $input_length)) (i32.const 0))
            """, work.World).ToType("echo"));
        work.World.Machine.Run(() => work.World.Session.SpawnAsync("echo").AsTask());
        SessionTask task = work.Submit(new TaskSpec("work", World.Bytes("as it came")));
        work.Wait(task);
        Assert.Equal("as it came", World.Text(task.Result));
    }
}
