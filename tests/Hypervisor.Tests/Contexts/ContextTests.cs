using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Tests.Tasks;

namespace Sirsi.Hypervisor.Tests.Contexts;

public sealed class ContextTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void Increments_of_many_agents_by_compare_and_set_lose_none(bool isDurable)
    {
        const int agents = 60, messages = 5;
        var world = new World(7, StepOrder.Seeded, isDurable ? World.Kept : null, Shared.Allowing);
        var type = new AgentType("counter", static () => new Behaving(Shared.IncrementAsync));
        world.Types.Register(isDurable ? Shared.Durable(type) : type);
        var spawned = new List<Agent>();
        for (int i = 0; i < agents; i++) spawned.Add(world.Machine.Run(() => world.Session.SpawnAsync("counter", new SpawnOptions { Capabilities = Shared.Everything }).AsTask()));
        foreach (Agent agent in spawned)
            for (int i = 0; i < messages; i++) _ = world.Machine.Environment.Executor.RunAsync(() => agent.TellAsync("n", default).AsTask());
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        ContextEntry entry = world.Session.Context.Get("n")!;
        Assert.Equal((agents * messages, agents * messages), (Shared.Number(entry), entry.Version));
        Assert.Equal(agents * messages, spawned.Sum(Shared.Handled));
        // It was contended for, and nobody failed for it.
        Assert.True(world.Session.Context.Conflicts > 0);
        Assert.Equal(0, spawned.Sum(static agent => agent.Failures));
    }

    [Fact]
    public void A_conflict_names_the_key_and_both_versions()
    {
        var world = new World();
        Assert.Equal(new ContextWrite(ContextOutcome.Written, "a", 1, 0, 1), world.Put("a", "x", 0));
        Assert.Equal("'a' was expected not to exist (version 0), and has version 1.", world.Put("a", "y", 0).ToString());
        Assert.Equal(2, world.Put("a", "y").Version);
        ContextWrite lost = world.Put("a", "z", 1);
        Assert.Equal(new ContextWrite(ContextOutcome.Conflict, "a", 2, 1, 0), lost);
        HypervisorException thrown = Assert.Throws<HypervisorException>(() => lost.ThrowIfConflict());
        Assert.Equal((HypervisorErrors.ContextConflict, "'a' was expected to have version 1, and has version 2."), (thrown.Code, thrown.Message));
        Assert.Equal("'b' was expected to have version 4, and does not exist (version 0).", world.Delete("b", 4).ToString());
        Assert.True(world.Delete("b").IsWritten);
        Assert.Equal(2, world.Session.Context.Revision);
    }

    [Fact]
    public void A_turn_sees_its_own_writes_and_others_see_them_when_it_has_ended_well()
    {
        var world = new World(session: Shared.Allowing);
        var seen = new List<string>();
        Agent agent = world.SpawnSharing((turn, message) =>
        {
            seen.Add(turn.TryGetContext("k", out ContextEntry? before) ? $"{World.Text(before.Value)} {before.Version}" : "none");
            Assert.Equal(1, turn.PutContext("k", World.Bytes("one"), 0).Version);
            Assert.False(turn.PutContext("k", default, 0).IsWritten);
            Assert.Equal(2, turn.PutContext("k", World.Bytes("two"), 1).Version);
            Assert.True(turn.TryGetContext("k", out ContextEntry? own));
            seen.Add($"{World.Text(own.Value)} {own.Version}");
            Assert.Null(world.Session.Context.Get("k"));
            if (message.Type == "fail") throw new InvalidOperationException("It fails.");
            if (message.Type == "delete") Assert.True(turn.DeleteContext("k", 2).IsWritten);
        }, static type => type with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        world.Tell(agent, "fail");
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, world.Session.Context.Revision);
        world.Tell(agent, "delete");
        world.Machine.RunUntilIdle();
        Assert.Equal((3L, 0), (world.Session.Context.Revision, world.Session.Context.Count));
        world.Tell(agent, "keep");
        world.Machine.RunUntilIdle();
        Assert.Equal(["none", "two 2", "none", "two 2", "none", "two 2"], seen);
        Assert.Equal([1, 2, 0, 1, 2], world.Session.Context.History("k").Select(static entry => entry.Version));
    }

    [Fact]
    public void A_turn_that_loses_the_race_runs_again_without_counting_as_an_attempt_and_then_fails()
    {
        var world = new World(options: new AgentHostOptions { Context = new ContextOptions { ConflictsMax = 2 } }, session: Shared.Allowing);
        var attempts = new List<int>();
        int races = 2;
        Agent agent = world.SpawnSharing(() => new Behaving(async (turn, message) =>
        {
            attempts.Add(message.Attempt);
            turn.TryGetContext("k", out ContextEntry? entry);
            turn.PutContext("k", World.Bytes("mine"), entry?.Version ?? 0);
            turn.SetVariable("done", default);
            if (races-- > 0) await world.Session.Context.PutAsync("k", World.Bytes("theirs"));
        }), static type => type with { Supervision = new SupervisionOptions { AttemptsMax = 2 } });
        world.Tell(agent, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal([1, 1, 1], attempts);
        Assert.Equal((3, "mine", 0, 2), (world.Session.Context.Get("k")!.Version, World.Text(world.Session.Context.Get("k")!.Value), agent.Failures, world.Session.Context.Conflicts));
        attempts.Clear();
        races = 100;
        world.Tell(agent, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 1, 1, 2], attempts);
        Assert.Contains("'k' was expected to have version 6, and has version 7.", agent.LastError, StringComparison.Ordinal);
        Assert.Contains("has version 7", Assert.Single(world.Host.DeadLetters.Kept()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_turn_that_expects_what_never_was_fails_like_any_other()
    {
        var world = new World(session: Shared.Allowing);
        world.Put("k", "value");
        int runs = 0;
        Agent agent = world.SpawnSharing((turn, _) =>
        {
            runs++;
            turn.PutContext("k", default, 7).ThrowIfConflict();
        }, static type => type with { Supervision = new SupervisionOptions { AttemptsMax = 2 } });
        world.Tell(agent, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((2, 2, 0), (runs, agent.Failures, world.Session.Context.Conflicts));
        Assert.Contains("'k' was expected to have version 7, and has version 1.", agent.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_was_deleted_and_made_again_is_not_the_one_that_the_turn_saw()
    {
        var world = new World(session: Shared.Allowing);
        world.Put("k", "first");
        int races = 1;
        Agent agent = world.SpawnSharing(() => new Behaving(async (turn, _) =>
        {
            turn.TryGetContext("k", out ContextEntry? entry);
            turn.PutContext("k", World.Bytes(World.Text(entry!.Value) + "+"), entry.Version);
            if (races-- <= 0) return;
            await world.Session.Context.DeleteAsync("k");
            await world.Session.Context.PutAsync("k", World.Bytes("second"));
        }));
        world.Tell(agent, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal(("second+", 2), (World.Text(world.Session.Context.Get("k")!.Value), world.Session.Context.Get("k")!.Version));
    }

    [Fact]
    public void What_is_not_granted_is_refused_by_key()
    {
        var world = new World(session: Shared.Allowing);
        var seen = new List<string>();
        Agent agent = world.SpawnSharing((turn, message) =>
        {
            string[] parts = message.Type.Split(' ');
            try
            {
                if (parts[0] == "read") turn.TryGetContext(parts[1], out _);
                else if (parts[0] == "write") turn.PutContext(parts[1], default);
                else turn.DeleteContext(parts[1]);
                seen.Add("may");
            }
            catch (HypervisorException refused) when (refused.Code == HypervisorErrors.CapabilityRefused)
            {
                seen.Add(refused.Message[(refused.Message.LastIndexOf(' ') + 1)..]);
            }
        }, capabilities: CapabilitySet.Parse(["context.read:plan/*", "context.write:plan/a"]));
        foreach (string what in (string[])["read plan/a", "read other", "write plan/a", "write plan/b", "delete plan/b"]) world.Tell(agent, what);
        world.Machine.RunUntilIdle();
        Assert.Equal(["may", "context.read:other.", "may", "context.write:plan/b.", "context.write:plan/b."], seen);
    }

    [Fact]
    public void Sessions_and_projects_have_contexts_of_their_own()
    {
        var world = new World(session: Shared.Allowing);
        world.Put("k", "mine");
        Session sister = world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask());
        Session stranger = world.Machine.Run(() => world.Host.OpenSessionAsync(world.NewScope()).AsTask());
        foreach (Session other in (Session[])[sister, stranger])
        {
            Assert.Null(other.Context.Get("k"));
            Assert.Equal(1, world.Machine.Run(() => other.Context.PutAsync("k", World.Bytes("other"), 0).AsTask()).Version);
            Assert.Equal(1, other.Context.Revision);
        }

        Assert.Equal("mine", World.Text(world.Session.Context.Get("k")!.Value));
    }

    [Fact]
    public void Pages_follow_each_other_in_the_order_of_keys()
    {
        var world = new World();
        foreach (string key in (string[])["b/2", "a", "b/1", "c", "b/10", "b"]) world.Put(key, key);
        SessionContext context = world.Session.Context;
        Assert.Equal(["a", "b", "b/1", "b/10", "b/2", "c"], context.List().Select(static entry => entry.Key));
        Assert.Equal(["b/1", "b/10"], context.List("b/", limit: 2).Select(static entry => entry.Key));
        Assert.Equal(["b/2"], context.List("b/", after: "b/10", limit: 2).Select(static entry => entry.Key));
        Assert.Equal(["b/1", "b/10", "b/2"], context.List("b/", after: "a").Select(static entry => entry.Key));
        Assert.Empty(context.List("b/", after: "b/2"));
        world.Delete("b/10");
        Assert.Equal(["b/2"], context.List("b/", after: "b/10").Select(static entry => entry.Key));
    }

    [Fact]
    public void A_task_ends_together_with_what_it_wrote_and_again_when_it_lost_the_race()
    {
        var work = new Work(World.Kept, session: Shared.Allowing);
        int runs = 0;
        work.Spawn("worker", async (turn, _) =>
        {
            turn.TryGetContext("done", out ContextEntry? entry);
            turn.PutContext("done", Shared.Number(Shared.Number(entry) + 1), entry?.Version ?? 0);
            if (runs++ == 0) await work.World.Session.Context.PutAsync("done", Shared.Number(10));
            return default;
        }, Shared.Durable, new SpawnOptions { Capabilities = Shared.Everything });
        SessionTask[] tasks = [.. work.Submit(new TaskSpec("one") { Retry = Work.Once }, new TaskSpec("two") { Retry = Work.Once })];
        work.Wait(tasks);
        Assert.All(tasks, static task => Assert.Equal((TaskState.Succeeded, 1), (task.State, task.Attempt)));
        Assert.Equal((12, 3), (Shared.Number(work.World.Session.Context.Get("done")), runs));
    }

    [Fact]
    public void The_session_pays_for_what_its_context_holds()
    {
        HostBudgetOptions budgets = new() { EachTenant = new BudgetLimits { BytesStored = 100 } };
        var world = new World(options: World.Kept with { Budgets = budgets }, session: Shared.Allowing);
        world.Put("1234567890", new string('x', 50));
        Assert.Equal(60, Stored(world));
        Assert.Equal(HypervisorErrors.BudgetExhausted, Assert.Throws<HypervisorException>(() => world.Put("b", new string('y', 40))).Code);
        var refusals = new List<string>();
        Agent agent = world.SpawnSharing((turn, _) =>
        {
            turn.PutContext("c", World.Bytes("1234567"));
            try
            {
                turn.PutContext("b", World.Bytes(new string('y', 40)));
            }
            catch (HypervisorException refused)
            {
                refusals.Add(refused.Message);
            }
        }, Shared.Durable);
        world.Tell(agent, "go");
        world.Machine.RunUntilIdle();
        Assert.Single(refusals);
        Assert.Equal(68, Stored(world));
        world.Put("1234567890", "short");
        Assert.Equal(23, Stored(world));
        world = world.Restart(types => types.Register(Shared.Durable(new AgentType(agent.Type.Name, static () => new Behaving(static (_, _) => { })))), budgets: budgets);
        Assert.Equal(23, Stored(world));
        world.Delete("c");
        Assert.Equal(15, Stored(world));
        BudgetAccount account = world.Session.Budget!;
        world.Machine.Run(() => world.Session.CloseAsync("for the test"));
        Assert.Equal(0, account.Snapshot().Used.BytesStored);

        static long Stored(World world) => world.Session.Budget!.Snapshot().Used.BytesStored;
    }
}
