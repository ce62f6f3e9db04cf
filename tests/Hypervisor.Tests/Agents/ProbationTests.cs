using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Tests.Tasks;

namespace Sirsi.Hypervisor.Tests.Agents;

/// <summary>What is held against a new version on probation, and what is its agents' and their host's own.</summary>
public sealed class ProbationTests
{
    private const long Millisecond = 1_000_000;

    private static readonly BudgetLimits OfAgent = new()
    {
        Money = 100,
        HostCalls = 1_000,
        BytesStored = 100,
        CpuTime = 500 * Millisecond,
        RenewsEvery = TimeSpan.FromHours(1),
    };

    private readonly List<string> _rolledBack = [];

    private World Open(SessionOptions? session = null) => new(session: session, options: World.Kept with
    {
        Budgets = new HostBudgetOptions { EachTenant = new BudgetLimits { Money = long.MaxValue, HostCalls = long.MaxValue, BytesStored = long.MaxValue, CpuTime = long.MaxValue } },
        RolledBack = (_, reason) => _rolledBack.Add(reason),
    });

    /// <summary>Does what the message's type says, as many times as its payload has characters. The second version fails at "bad".</summary>
    private static AgentType Version(World world, int version) => new("doer", () => new Behaving(async (turn, message) =>
    {
        foreach (byte time in message.Payload.ToArray())
        {
            switch (message.Type)
            {
                case "buy":
                    await turn.StepAsync("buy", StepPolicy.SameKey, static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(default), new BudgetAmounts { Money = 60 });
                    break;
                case "buy too much":
                    await turn.StepAsync("buy", StepPolicy.SameKey, static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(default), new BudgetAmounts { Money = 200 });
                    break;
                case "store":
                    if (!turn.SetVariable($"{(char)time}", new byte[60])) throw new InvalidOperationException("There is no room.");
                    break;
                case "compute":
                    world.Machine.Compute(TimeSpan.FromMilliseconds(20));
                    await Task.Delay(TimeSpan.FromMilliseconds(1), world.Machine.Environment.Time, turn.Cancellation);
                    break;
                case "share":
                    turn.PutContext("shared", new byte[60]);
                    await Task.Delay(TimeSpan.FromSeconds(1), world.Machine.Environment.Time, turn.Cancellation);
                    break;
                case "spawn":
                    turn.Spawn("other");
                    break;
                case "wait":
                    await Task.Delay(Timeout.InfiniteTimeSpan, world.Machine.Environment.Time, turn.Cancellation);
                    break;
                case "bad" when version == 2:
                    throw new InvalidOperationException("version 2 cannot");
            }
        }

        if (message.IsAsked) turn.Reply(World.Bytes($"v{version}"));
    }))
    {
        ProbationTurns = 3,
        Supervision = new SupervisionOptions { AttemptsMax = 1 },
    };

    private static Agent Spawn(World world, params ReadOnlySpan<string> capabilities)
    {
        world.Types.Register(Version(world, 1));
        world.Types.Register(new AgentType("other", static () => new Behaving(static (_, _) => { })));
        var options = new SpawnOptions { Budget = OfAgent, Capabilities = CapabilitySet.Parse([.. capabilities]), CapabilitiesExpireAt = world.Machine.Environment.Time.GetUtcNow().AddHours(1) };
        Agent agent = world.Machine.Run(() => world.Session.SpawnAsync("doer", options).AsTask());
        world.Machine.RunUntilIdle();
        return agent;
    }

    [Theory]
    [InlineData("buy", "a", "b")]
    [InlineData("store", "a", "b")]
    [InlineData("compute", "a", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]
    public void A_budget_that_is_used_up_is_not_held_against_the_new_version(string deed, string before, string after)
    {
        World world = Open();
        Agent agent = Spawn(world);
        Assert.Equal(ReplyOutcome.Replied, world.Ask(agent, deed, before).Outcome);
        world.Types.Replace(Version(world, 2));
        Assert.Equal(ReplyOutcome.Failed, world.Ask(agent, deed, after).Outcome);
        AssertStillOnProbation(world, agent);
    }

    [Fact]
    public void A_budget_of_the_session_that_somebody_else_uses_up_before_the_turn_ends_is_not_held_against_the_new_version()
    {
        World world = Open(new SessionOptions { Budget = new BudgetLimits { BytesStored = 150 }, Capabilities = CapabilitySet.Parse(["context.write:shared"]) });
        Agent agent = Spawn(world, "context.write:shared");
        world.Types.Replace(Version(world, 2));
        world.Tell(agent, "share", "a");
        world.Machine.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(ContextOutcome.Written, world.Machine.Run(() => world.Session.Context.PutAsync("others", new byte[100]).AsTask()).Outcome);
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("does not have", agent.LastError, StringComparison.Ordinal);
        AssertStillOnProbation(world, agent);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_capability_that_was_taken_away_or_has_expired_is_not_held_against_the_new_version(bool isRevoked)
    {
        World world = Open();
        Agent agent = Spawn(world, "agent.spawn:other");
        Assert.Equal(ReplyOutcome.Replied, world.Ask(agent, "spawn", "a").Outcome);
        if (isRevoked) world.Machine.Run(() => agent.RevokeAsync(null).AsTask());
        else world.Machine.Advance(TimeSpan.FromHours(2));
        world.Types.Replace(Version(world, 2));
        Assert.Equal(ReplyOutcome.Failed, world.Ask(agent, "spawn", "a").Outcome);
        AssertStillOnProbation(world, agent);
    }

    [Theory, InlineData("spawn"), InlineData("buy too much")]
    public void What_its_agents_never_had_is_held_against_the_new_version_that_asks_for_it(string deed)
    {
        World world = Open();
        Agent agent = Spawn(world);
        world.Types.Replace(Version(world, 2));
        Assert.Equal(ReplyOutcome.Failed, world.Ask(agent, deed, "a").Outcome);
        Assert.Single(_rolledBack);
    }

    [Fact]
    public void A_turn_whose_agent_is_ended_by_force_is_not_held_against_the_new_version()
    {
        World world = Open();
        Agent agent = Spawn(world);
        world.Types.Replace(Version(world, 2));
        world.Tell(agent, "wait", "a");
        world.Machine.Run(() => agent.StopAsync("enough", TimeSpan.FromSeconds(1)));
        Assert.True(agent.HasEnded);
        Assert.Empty(_rolledBack);
    }

    [Fact]
    public void A_task_that_is_cancelled_or_finds_no_budget_is_not_held_against_the_new_version()
    {
        var work = new Work(World.Kept with
        {
            Budgets = new HostBudgetOptions { EachTenant = new BudgetLimits { Money = 100, HostCalls = 1_000 } },
            RolledBack = (_, reason) => _rolledBack.Add(reason),
        });
        Agent worker = work.Spawn("worker", async (turn, attempt) =>
        {
            if (attempt.Spec.Type == "wait") await Task.Delay(Timeout.InfiniteTimeSpan, work.World.Machine.Environment.Time, turn.Cancellation);
            await turn.StepAsync("buy", StepPolicy.SameKey, static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(default), new BudgetAmounts { Money = 60 });
            return default;
        });
        work.Wait(work.Submit(new TaskSpec("buy")));
        AgentType before = work.World.Types.Get("worker"), newer = new("worker", before.CreateBehavior) { TakesTasks = true };
        work.World.Types.Replace(newer);
        SessionTask waiting = work.Submit(new TaskSpec("wait"));
        work.World.Machine.RunUntilIdle();
        Assert.Equal(TaskState.Running, waiting.State);
        work.World.Machine.Run(() => waiting.CancelAsync("enough").AsTask());
        SessionTask poor = work.Submit(new TaskSpec("buy") { Retry = Work.Once });
        work.Wait(poor);
        Assert.Equal(TaskState.Failed, poor.State);
        Assert.Same(newer, worker.Type);
        Assert.Equal(2, worker.Failures);
        Assert.Empty(_rolledBack);
    }

    [Fact]
    public void A_task_that_is_refused_on_purpose_is_not_held_against_the_new_version_and_one_that_fails_is()
    {
        var work = new Work(World.Kept with { RolledBack = (_, reason) => _rolledBack.Add(reason) });
        Agent worker = work.Spawn("worker", static (_, attempt) => attempt.Spec.Type switch
        {
            "refused" => throw new TaskFailedException("card refused", "The card is refused.", isFinal: true),
            "broken" => throw new InvalidOperationException("It is broken."),
            _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(default),
        });
        work.Wait(work.Submit(new TaskSpec("fine")));
        AgentType before = work.World.Types.Get("worker"), newer = new("worker", before.CreateBehavior) { TakesTasks = true };
        work.World.Types.Replace(newer);
        SessionTask refused = work.Submit(new TaskSpec("refused"));
        work.Wait(refused);
        Assert.Equal((TaskState.Failed, "card refused"), (refused.State, refused.Errors[0].Kind));
        Assert.Same(newer, worker.Type);
        Assert.Empty(_rolledBack);
        work.Wait(work.Submit(new TaskSpec("broken") { Retry = Work.Once }));
        Assert.Same(before, worker.Type);
        Assert.Single(_rolledBack);
    }

    /// <summary>The new version is there, and its own failure sends it away.</summary>
    private void AssertStillOnProbation(World world, Agent agent)
    {
        Assert.Empty(_rolledBack);
        Assert.Equal(1, agent.Failures);
        world.Machine.Advance(TimeSpan.FromHours(2));
        Assert.Equal("v2", World.Text(world.Ask(agent, "good", "a").Payload));
        Assert.Equal("v1", World.Text(world.Ask(agent, "bad", "a").Payload));
        Assert.Single(_rolledBack);
    }
}
