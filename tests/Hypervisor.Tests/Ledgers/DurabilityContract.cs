using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Tests.Tasks;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>What durable agents promise wherever they are kept: written once, run for each kind of ledger.</summary>
public abstract class DurabilityContract
{
    protected abstract Task<Site> CreateSiteAsync();

    private async Task<Lives> BeginAsync(params AgentType[] types) => await Lives.BeginAsync(await CreateSiteAsync(), known =>
    {
        foreach (AgentType type in types) known.Register(type);
    });

    private static AgentType Durable(string name, IAgentBehavior behavior) => new(name, () => behavior) { Durability = AgentDurability.Durable, TakesTasks = behavior is Working };

    private static AgentType Durable(string name, Action<AgentTurn, AgentMessage> onMessage) => Durable(name, new Behaving(onMessage));

    private static string Text(AgentTurn turn, string name) => turn.TryGetVariable(name, out ReadOnlyMemory<byte> value) ? World.Text(value) : "";

    /// <summary>Counts what it handles, and writes it down.</summary>
    private static AgentType Counter { get; } = Durable("counter", static (turn, message) =>
    {
        string seen = Text(turn, "seen");
        turn.SetVariable("seen", World.Bytes($"{seen}{message.Type} "));
        if (message.IsAsked) turn.Reply(World.Bytes((seen.Count(' ') + 1).ToString(CultureInfo.InvariantCulture)));
    });

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_durable_agent_goes_on_where_it_was(bool losesPower)
    {
        await using Lives lives = await BeginAsync(Counter);
        Agent agent = await lives.SpawnAsync("counter");
        for (int i = 0; i < 5; i++) Assert.Equal(SendOutcome.Accepted, await lives.TellAsync(agent, "add"));
        await lives.AgainAsync(losesPower);
        Assert.Equal("6", World.Text((await lives.AskAsync(agent, "add")).Payload));
    }

    [Fact]
    public async Task What_was_answered_is_stored()
    {
        await using Lives lives = await BeginAsync(Counter);
        Agent agent = await lives.SpawnAsync("counter");
        for (int i = 1; i <= 4; i++)
        {
            Assert.Equal($"{i}", World.Text((await lives.AskAsync(agent, "add")).Payload));
            await lives.AgainAsync();
        }
    }

    [Fact]
    public async Task What_was_taken_is_handled_after_a_restart_in_its_order_and_what_has_a_key_once()
    {
        await using Lives lives = await BeginAsync(Counter);
        Agent agent = await lives.SpawnAsync("counter");
        await lives.SuspendAsync(agent);
        foreach (string type in (string[])["one", "two"]) await lives.TellAsync(agent, type);
        Assert.Equal(SendOutcome.Accepted, await lives.TellAsync(agent, "three", key: "3"));
        await lives.AgainAsync();
        Assert.Equal((AgentStatus.Suspended, 3), (lives.Find(agent).Status, lives.Find(agent).MailboxCount));
        Assert.Equal(SendOutcome.Repeated, await lives.TellAsync(agent, "three", key: "3"));
        await lives.Site.RunAsync(() => lives.Find(agent).ResumeAsync("again").AsTask());
        await lives.UntilAsync(agent, "seen", "one two three ");
    }

    [Fact]
    public async Task Messages_and_children_of_a_turn_come_out_with_it()
    {
        await using Lives lives = await BeginAsync(Counter, Durable("parent", static (turn, message) =>
        {
            AgentId child = turn.Spawn("counter");
            turn.SetVariable("child", World.Bytes(child.ToString()));
            turn.Tell(child, "hello", default);
        }));
        Agent parent = await lives.SpawnAsync("parent");
        await lives.TellAsync(parent, "go");
        await lives.Site.UntilAsync(() => lives.Read(parent, "child").Length > 0);
        await lives.AgainAsync();
        Agent child = Assert.Single(lives.Session.Agents(), agent => agent.Id != parent.Id);
        Assert.Equal(child.Id.ToString(), lives.Read(parent, "child"));
        await lives.UntilAsync(child, "seen", "hello ");
    }

    [Fact]
    public async Task An_agents_schedule_comes_back_and_fires_once()
    {
        await using Lives lives = await BeginAsync(Durable("ticking", static (turn, message) =>
        {
            if (message.Type == "go") turn.Schedule(TimeSpan.FromSeconds(1), "tick", default);
            turn.SetVariable("seen", World.Bytes($"{Text(turn, "seen")}{message.Type} "));
        }));
        Agent agent = await lives.SpawnAsync("ticking");
        await lives.AskAsync(agent, "go");
        await lives.UntilAsync(agent, "seen", "go ");
        await lives.AgainAsync();
        await lives.UntilAsync(agent, "seen", "go tick ");
        await lives.AgainAsync();
        Assert.Equal("go tick ", lives.Read(agent, "seen"));
    }

    [Fact]
    public async Task A_turn_that_waits_for_a_person_goes_on_with_the_steps_it_has_done()
    {
        int paid = 0;
        await using Lives lives = await BeginAsync(Durable("buyer", new Behaving(async (turn, message) =>
        {
            ReadOnlyMemory<byte> receipt = await turn.StepAsync("pay", StepPolicy.SameKey, _ => ValueTask.FromResult(World.Bytes($"receipt {++paid}")));
            ApprovalAnswer answer = await turn.ApprovalAsync("ship", default, TimeSpan.FromHours(1));
            turn.SetVariable("done", World.Bytes($"{World.Text(receipt)}, {answer.Decision} by {answer.By}"));
        })));
        Agent buyer = await lives.SpawnAsync("buyer");
        await lives.TellAsync(buyer, "go");
        await lives.Site.UntilAsync(() => lives.Find(buyer).Approvals().Any());
        await lives.AgainAsync();
        await lives.Site.UntilAsync(() => lives.Find(buyer).Approvals().Any());
        long number = lives.Find(buyer).Approvals().Single().Number;
        Assert.True(await lives.Site.RunAsync(() => lives.Find(buyer).AnswerApprovalAsync(number, new ApprovalAnswer(ApprovalDecision.Approved, "ada", "")).AsTask()));
        await lives.UntilAsync(buyer, "done", "receipt 1, Approved by ada");
        await lives.AgainAsync();
        Assert.Equal(("receipt 1, Approved by ada", 1), (lives.Read(buyer, "done"), paid));
        Assert.Empty(lives.Find(buyer).Approvals());
    }

    [Fact]
    public async Task Tasks_wait_for_each_other_over_restarts_and_end_once()
    {
        await using Lives lives = await BeginAsync(Durable("worker", new Working(static (turn, attempt) =>
        {
            turn.SetVariable("done", World.Bytes($"{Text(turn, "done")}{attempt.Spec.Type} "));
            return ValueTask.FromResult(World.Bytes($"{attempt.Spec.Type} is done"));
        })));
        ImmutableArray<SessionTask> tasks = await lives.Site.RunAsync(() => lives.Session.SubmitAsync([new TaskSpec("first"), new TaskSpec("second") { After = [TaskDependency.On(0)] }]).AsTask());
        await lives.AgainAsync();
        Agent worker = await lives.SpawnAsync("worker");
        await lives.UntilAsync(worker, "done", "first second ");
        await lives.AgainAsync();
        SessionTask[] ended = [.. tasks.Select(task => lives.Host.Find(lives.Scope, task.Id)!)];
        Assert.Equal(["first is done", "second is done"], ended.Select(static task => World.Text(task.Result)));
        Assert.All(ended, static task => Assert.Equal((TaskState.Succeeded, 1), (task.State, task.Attempt)));
        Assert.Equal("first second ", lives.Read(worker, "done"));
    }

    [Fact]
    public async Task A_schedule_of_the_session_has_one_task_for_each_occurrence()
    {
        await using Lives lives = await BeginAsync(Durable("worker", new Working(static (_, _) => default)));
        await lives.SpawnAsync("worker");
        await lives.Site.RunAsync(() => lives.Session.SetScheduleAsync(new ScheduleSpec("poll", new TaskSpec("poll")) { Every = TimeSpan.FromSeconds(1) }).AsTask());
        for (int life = 1; life <= 2; life++)
        {
            int expected = life;
            await lives.Site.UntilAsync(() => lives.Session.Tasks().Count(static task => task.State is TaskState.Succeeded) >= expected);
            await lives.AgainAsync();
        }

        string[] keys = [.. lives.Session.Tasks().Select(static task => task.Spec.IdempotencyKey!)];
        Assert.Equal(keys.Distinct(StringComparer.Ordinal), keys);
        Assert.NotNull(lives.Session.FindSchedule("poll")!.Next);
    }

    [Fact]
    public async Task The_context_has_its_entries_and_versions()
    {
        await using Lives lives = await BeginAsync(Counter);
        ContextWrite first = await lives.Site.RunAsync(() => lives.Session.Context.PutAsync("plan", World.Bytes("one")).AsTask());
        await lives.AgainAsync();
        ContextWrite second = await lives.Site.RunAsync(() => lives.Session.Context.PutAsync("plan", World.Bytes("two"), expectedVersion: first.Version).AsTask());
        await lives.AgainAsync();
        ContextEntry entry = lives.Session.Context.Get("plan")!;
        Assert.Equal(("two", 2, second.Revision), (World.Text(entry.Value), entry.Version, lives.Session.Context.Revision));
    }

    [Fact]
    public async Task A_checkpoint_holds_all_that_was_before_it()
    {
        await using Lives lives = await BeginAsync(Counter);
        Agent agent = await lives.SpawnAsync("counter"), resting = await lives.SpawnAsync("counter");
        await lives.SuspendAsync(resting);
        await lives.TellAsync(resting, "waits");
        for (int i = 1; i <= 3; i++)
        {
            await lives.AskAsync(agent, "before");
            await lives.Site.RunAsync(() => lives.Host.CheckpointAsync());
            await lives.AskAsync(agent, "after");
            await lives.AgainAsync(losesPower: i != 2);
            Assert.Equal(2 * i, lives.Read(agent, "seen").Count(' '));
            Assert.Equal((AgentStatus.Suspended, 1), (lives.Find(resting).Status, lives.Find(resting).MailboxCount));
        }
    }

    [Fact]
    public async Task A_turn_may_store_almost_two_mebibytes()
    {
        const int parts = 7;
        string part = new('x', 290_000);
        AgentType archive = Durable("archive", (turn, _) =>
        {
            for (int i = 0; i < parts; i++) turn.SetVariable($"{i}", World.Bytes(part));
        });
        await using Lives lives = await BeginAsync(archive with { VariableBytesMax = 4 << 20 });
        Agent agent = await lives.SpawnAsync("archive");
        await lives.TellAsync(agent, "keep");
        await lives.UntilAsync(agent, "6", part);
        await lives.AgainAsync();
        Assert.All(Enumerable.Range(0, parts), i => Assert.Equal(part, lives.Read(agent, $"{i}")));
    }

    [Fact]
    public async Task A_second_host_is_refused_and_told_who_has_the_ledger()
    {
        await using Lives lives = await BeginAsync(Counter);
        AgentHostOptions options = await lives.Site.OptionsAsync();
        HypervisorException refused = await Assert.ThrowsAsync<HypervisorException>(() => lives.Site.RunAsync(() => AgentHost.OpenAsync(lives.Site.Environment, new AgentTypes(), options)));
        Assert.Equal(HypervisorErrors.FolderInUse, refused.Code);
        Assert.Contains("in use by ", refused.Message, StringComparison.Ordinal);
    }
}

public sealed class FolderDurabilityTests : DurabilityContract
{
    protected override Task<Site> CreateSiteAsync() => Task.FromResult<Site>(new FolderSite());
}

public sealed class SqliteDurabilityTests : DurabilityContract
{
    protected override Task<Site> CreateSiteAsync() => Task.FromResult<Site>(new SqliteSite());
}

[Trait("Suite", "slow")]
public sealed class PostgresDurabilityTests : DurabilityContract
{
    protected override async Task<Site> CreateSiteAsync() => await PostgresSite.CreateAsync();
}
