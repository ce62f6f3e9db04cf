using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Tests.Tasks;

public sealed class DependencyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>An agent that fails at tasks called "bad".</summary>
    private static Work Begin(int agents = 1)
    {
        var work = new Work();
        for (int i = 0; i < agents; i++)
        {
            work.Spawn("worker", async (turn, attempt) =>
            {
                await Task.Delay(Second, work.World.Machine.Environment.Time, turn.Cancellation);
                return attempt.Spec.DisplayName.StartsWith("bad", StringComparison.Ordinal) ? throw new InvalidOperationException("bad") : default;
            });
        }

        return work;
    }

    private static TaskSpec Named(string name, params ImmutableArray<TaskDependency> after) => new("work") { Name = name, After = after, Retry = Work.Once };

    [Fact]
    public void A_task_begins_when_all_it_waits_for_have_succeeded()
    {
        Work work = Begin(agents: 4);
        ImmutableArray<SessionTask> tasks = work.Submit(
            Named("last", TaskDependency.On(1), TaskDependency.On(2), TaskDependency.On(3)), Named("one"), Named("two"), Named("three", TaskDependency.On(2)));
        work.World.Machine.Advance(1.5 * Second);
        Assert.Equal([TaskState.Blocked, TaskState.Succeeded, TaskState.Succeeded, TaskState.Running], tasks.Select(static task => task.State));
        work.Wait(tasks.AsSpan());
        Assert.Equal("last", work.Begun[^1]);
        SessionTask after = work.Submit(Named("after", TaskDependency.On(tasks[0].Id)));
        work.Wait(after);
        Assert.Equal(TaskState.Succeeded, after.State);
    }

    [Fact]
    public void What_waits_for_the_success_of_one_that_failed_is_skipped_or_fails_and_so_on_down_the_line()
    {
        Work work = Begin();
        ImmutableArray<SessionTask> tasks = work.Submit(
            Named("bad"),
            Named("skipped", TaskDependency.On(0)),
            Named("failed", TaskDependency.On(1)) with { WhenDependencyFails = WhenDependencyFails.Fail },
            Named("skipped too", TaskDependency.On(2)),
            Named("runs", TaskDependency.On(0).WhateverComesOfIt(), TaskDependency.On(3).WhateverComesOfIt()),
            Named("independent"));
        work.Wait(tasks.AsSpan());
        Assert.Equal(
            [TaskState.Failed, TaskState.Skipped, TaskState.Failed, TaskState.Skipped, TaskState.Succeeded, TaskState.Succeeded], tasks.Select(static task => task.State));
        Assert.Contains("'bad'", tasks[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_several_is_enough_when_the_task_says_so()
    {
        Work work = Begin(agents: 3);
        ImmutableArray<SessionTask> tasks = work.Submit(
            Named("bad"), Named("good"), Named("bad too"),
            Named("any", TaskDependency.On(0), TaskDependency.On(1)) with { AfterAny = true },
            Named("none", TaskDependency.On(0), TaskDependency.On(2)) with { AfterAny = true });
        work.Wait(tasks.AsSpan());
        Assert.Equal([TaskState.Succeeded, TaskState.Skipped], tasks[3..].Select(static task => task.State));
    }

    [Fact]
    public void A_cycle_is_refused_with_its_names_and_nothing_of_the_submission_is_taken()
    {
        Work work = Begin();
        ArgumentException refused = Assert.Throws<ArgumentException>(() => work.Submit(
            Named("free"), Named("a", TaskDependency.On(3)), Named("b", TaskDependency.On(1), TaskDependency.On(0)), Named("c", TaskDependency.On(2)), Named("behind", TaskDependency.On(1))));
        Assert.Contains("'a' → 'c' → 'b' → 'a'", refused.Message, StringComparison.Ordinal);
        Assert.Empty(work.World.Session.Tasks());
        Assert.Throws<ArgumentException>(() => work.Submit(Named("self", TaskDependency.On(0))));
    }

    [Fact]
    public void A_task_that_is_not_known_cannot_be_waited_for()
    {
        Work work = Begin();
        TaskId unknown = work.World.Machine.Environment.Ids.Next<Core.Identity.TaskKind>();
        ArgumentException refused = Assert.Throws<ArgumentException>(() => work.Submit(Named("one"), Named("two", TaskDependency.On(unknown))));
        Assert.Contains(unknown.ToString(), refused.Message, StringComparison.Ordinal);
        Session other = work.World.Machine.Run(() => work.World.Host.OpenSessionAsync(work.World.Scope).AsTask());
        SessionTask elsewhere = work.World.Machine.Run(() => other.SubmitAsync(new TaskSpec("work")).AsTask());
        Assert.Throws<ArgumentException>(() => work.Submit(Named("two", TaskDependency.On(elsewhere.Id))));
        work.Wait(work.Submit(Named("fine")));
    }

    [Fact]
    public void Graphs_run_in_an_order_that_their_dependencies_allow()
    {
        Check.That(seed: 61, runs: 60, random =>
        {
            Work work = new(seed: random.Next(), order: Core.Hosting.StepOrder.Seeded);
            for (int i = random.Next(1, 5); i > 0; i--) work.Spawn("worker", async (_, _) =>
            {
                await Task.Yield();
                return default;
            });
            int count = random.Next(1, 60);
            int[] order = [.. Enumerable.Range(0, count)];
            random.Shuffle(order);
            var specs = new TaskSpec[count];
            for (int i = 0; i < count; i++)
            {
                ImmutableArray<TaskDependency> after = [.. Enumerable.Range(0, i).Where(_ => random.Next(count) < 4).Select(earlier => TaskDependency.On(order[earlier]))];
                specs[order[i]] = Named($"{order[i]}", after);
            }

            ImmutableArray<SessionTask> tasks = work.Submit([.. specs]);
            work.Wait(tasks.AsSpan());
            Assert.Equal(count, work.Begun.Distinct().Count());
            Assert.Equal(count, work.Begun.Count);
            for (int i = 0; i < count; i++)
            {
                int place = work.Begun.IndexOf($"{i}");
                Assert.All(specs[i].After, dependency => Assert.True(work.Begun.IndexOf($"{dependency.Place}") < place));
            }
        });
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_that_cannot_come_to_be_ends_at_once()
    {
        Work work = Begin();
        const int Length = 100_000;
        ImmutableArray<SessionTask> tasks = work.Submit([.. Enumerable.Range(0, Length).Select(static i => i == 0 ? Named("bad") : Named("next", TaskDependency.On(i - 1)))]);
        work.Wait(tasks[^1]);
        Assert.Equal(Length - 1, tasks.Count(static task => task.State is TaskState.Skipped));
    }
}
