using System.Collections.Immutable;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>Which task comes next, and which agent does it.</summary>
public sealed class PlacementTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static Func<AgentTurn, TaskAttempt, ValueTask<ReadOnlyMemory<byte>>> Taking(World world, TimeSpan time) => async (turn, _) =>
    {
        await Task.Delay(time, world.Machine.Environment.Time, turn.Cancellation);
        return default;
    };

    private static TaskSpec Named(string name, TaskPriority priority = TaskPriority.Normal) => new("work") { Name = name, Priority = priority };

    [Fact]
    public void The_more_urgent_comes_first_and_among_equals_the_older()
    {
        var work = new Work();
        work.Submit(Named("n1"), Named("low", TaskPriority.Low), Named("n2"), Named("highest", TaskPriority.Highest), Named("lowest", TaskPriority.Lowest), Named("high", TaskPriority.High));
        work.Spawn("worker", Taking(work.World, Second));
        work.World.Machine.Advance(10 * Second);
        Assert.Equal(["highest", "high", "n1", "n2", "low", "lowest"], work.Begun);
    }

    [Fact]
    public void Nobody_waits_for_ever_behind_those_that_are_more_urgent()
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { AgeingTime = 10 * Second } });
        work.Spawn("worker", Taking(work.World, Second));
        SessionTask patient = work.Submit(Named("patient", TaskPriority.Lowest));
        SessionTask second = work.Submit(Named("second", TaskPriority.Lowest));
        Assert.NotNull(patient);
        for (int i = 0; i < 100 && !second.HasEnded; i++)
        {
            work.Submit(Named("urgent", TaskPriority.Highest), Named("urgent", TaskPriority.Highest));
            work.World.Machine.Advance(Second);
        }

        Assert.Equal(TaskState.Succeeded, second.State);
        // The urgent ones come twice as fast as they are done, so those that wait grow older too, at half the speed.
        Assert.InRange(work.Begun.IndexOf("second"), 60, 90);
    }

    [Fact]
    public void An_agent_is_chosen_by_type_label_capability_or_name()
    {
        var work = new Work(session: new SessionOptions { Capabilities = CapabilitySet.Parse(["cloud.aws"]) });
        Agent plain = work.Spawn("plain");
        Agent labelled = work.Spawn("labelled", configure: static type => type with { Labels = ["gpu", "linux"] });
        Agent trusted = work.Spawn("trusted", options: new SpawnOptions { Capabilities = CapabilitySet.Parse(["cloud.aws:ec2.*"]) });
        ImmutableArray<SessionTask> tasks = work.Submit(
            Named("type") with { AgentType = "plain" },
            Named("label") with { Labels = ["gpu"] },
            Named("capability") with { Capability = "cloud.aws:ec2.describe" },
            Named("name") with { Agent = trusted.Id },
            Named("nobody") with { Labels = ["gpu", "windows"] },
            Named("nobody") with { Capability = "cloud.aws:s3.list" });
        work.World.Machine.RunUntilIdle();
        Assert.Equal([plain.Id, labelled.Id, trusted.Id, trusted.Id], tasks[..4].Select(static task => task.Agent));
        Assert.All(tasks[4..], static task => Assert.Equal(TaskState.Ready, task.State));
    }

    [Fact]
    public void Tasks_that_nobody_can_do_hold_up_no_others()
    {
        var work = new Work();
        work.Submit([.. Enumerable.Range(0, 1_000).Select(static i => Named("stuck", TaskPriority.Highest) with { AgentType = $"missing{i % 100}" })]);
        work.Spawn("worker");
        SessionTask task = work.Submit(Named("fine", TaskPriority.Lowest));
        work.Wait(task);
        Assert.Equal(["fine"], work.Begun);
    }

    [Fact]
    public void Work_is_spread_over_all_agents_and_none_has_two_at_a_time()
    {
        var work = new Work();
        int running = 0, most = 0;
        for (int i = 0; i < 4; i++)
        {
            work.Spawn("worker", async (turn, _) =>
            {
                most = Math.Max(most, ++running);
                await Task.Delay(Second, work.World.Machine.Environment.Time, turn.Cancellation);
                running--;
                return default;
            });
        }

        ImmutableArray<SessionTask> tasks = work.Submit([.. Enumerable.Range(0, 40).Select(static i => Named($"{i}"))]);
        work.World.Machine.Advance(10.5 * Second);
        Assert.All(tasks, static task => Assert.Equal(TaskState.Succeeded, task.State));
        Assert.Equal(4, most);
        Assert.All(tasks.CountBy(static task => task.Agent), static count => Assert.Equal(10, count.Value));
    }

    [Fact]
    public void An_agent_that_rests_is_given_nothing_and_what_it_was_given_goes_to_another_when_it_ends()
    {
        var work = new Work();
        Agent resting = work.Spawn("worker", Taking(work.World, 10 * Second));
        Assert.True(work.World.Suspend(resting));
        SessionTask task = work.Submit(Named("work"));
        work.World.Machine.RunUntilIdle();
        Assert.Equal(TaskState.Ready, task.State);
        Assert.True(work.World.Resume(resting));
        work.World.Machine.RunUntilIdle();
        Assert.Equal(TaskState.Running, task.State);

        Agent other = work.Spawn("worker");
        work.World.Machine.Run(() => resting.StopAsync("enough", Second));
        work.Wait(task);
        Assert.Equal((TaskState.Succeeded, other.Id), (task.State, task.Agent));
    }

    [Fact]
    public void Of_tasks_with_one_key_one_runs_at_a_time_in_their_order()
    {
        var work = new Work();
        for (int i = 0; i < 4; i++) work.Spawn("worker", Taking(work.World, Second));
        ImmutableArray<SessionTask> keyed = work.Submit([.. Enumerable.Range(0, 5).Select(static i => Named($"keyed {i}") with { ConcurrencyKey = "db" })]);
        SessionTask free = work.Submit(Named("free"));
        work.World.Machine.Advance(1.5 * Second);
        Assert.Equal(TaskState.Succeeded, free.State);
        Assert.Equal([TaskState.Succeeded, TaskState.Running, TaskState.Ready, TaskState.Ready, TaskState.Ready], keyed.Select(static task => task.State));
        work.Wait(keyed.AsSpan());
        Assert.Equal(["keyed 0", "keyed 1", "keyed 2", "keyed 3", "keyed 4"], work.Begun.Where(static name => name != "free"));
    }

    [Fact]
    public void No_more_run_at_once_than_the_host_allows()
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { RunningMax = 3 } });
        for (int i = 0; i < 10; i++) work.Spawn("worker", Taking(work.World, Second));
        ImmutableArray<SessionTask> tasks = work.Submit([.. Enumerable.Range(0, 9).Select(static i => Named($"{i}"))]);
        work.World.Machine.Advance(0.5 * Second);
        Assert.Equal(3, tasks.Count(static task => task.State is TaskState.Running));
        work.World.Machine.Advance(3 * Second);
        Assert.All(tasks, static task => Assert.Equal(TaskState.Succeeded, task.State));
    }

    [Fact]
    public void Ten_tenants_of_whom_one_floods_a_thousand_to_one_have_equal_shares()
    {
        double[] done = ShareOfTenants(static _ => 1);
        Assert.True(Jain(done) >= 0.98, $"Jain's index is {Jain(done):0.000}: {string.Join(' ', done)}.");
    }

    [Fact]
    public void A_tenant_of_three_times_the_weight_has_three_times_the_share()
    {
        int asked = 0;
        double[] done = ShareOfTenants(_ => ++asked == 1 ? 3 : 1);
        Assert.True(Jain([done[0] / 3, .. done[1..]]) >= 0.98, string.Join(' ', done));
    }

    /// <summary>How many tasks of each of ten tenants were done while all had some: the first submits a thousand times as many as the others, before them.</summary>
    private static double[] ShareOfTenants(Func<Core.Identity.Id<Core.Identity.TenantKind>, int> weight)
    {
        var work = new Work(new AgentHostOptions { Tasks = new TaskOptions { RunningMax = 8, TenantWeight = weight } });
        World world = work.World;
        var sessions = new Session[10];
        var tasks = new ImmutableArray<SessionTask>[10];
        for (int tenant = 0; tenant < 10; tenant++)
        {
            ProjectScope scope = world.NewScope();
            Session session = sessions[tenant] = world.Machine.Run(() => world.Host.OpenSessionAsync(scope).AsTask());
            for (int i = 0; i < 8; i++) work.Spawn("worker", Taking(world, Second), session: session);
        }

        for (int tenant = 0; tenant < 10; tenant++)
        {
            Session session = sessions[tenant];
            tasks[tenant] = world.Machine.Run(() => session.SubmitAsync([.. Enumerable.Range(0, tenant == 0 ? 20_000 : 200).Select(static i => Named($"{i}"))]).AsTask());
            world.Machine.Advance(TimeSpan.FromMilliseconds(50));
        }

        world.Machine.Advance(TimeSpan.FromSeconds(50));
        return [.. tasks.Select(static of => (double)of.Count(static task => task.State is TaskState.Succeeded))];
    }

    private static double Jain(double[] shares) => shares.Sum() * shares.Sum() / (shares.Length * shares.Sum(static share => share * share));
}
