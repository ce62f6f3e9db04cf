using Sirsi.Core.Identity;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Simulation.Scenarios;

/// <summary>One tenant floods a host that runs one task at a time, and two others have a little to do. Who has a task that is ready, and an agent for it, does not see a tenant have two turns more than it has; and all is done in the end.</summary>
internal sealed class Shares : Scenario
{
    private const int Tenants = 3, StreakMax = 2;

    private static readonly int[] Counts = [40, 5, 5];

    private readonly ProjectScope[] _scopes = new ProjectScope[Tenants];
    private readonly SessionId[] _sessions = new SessionId[Tenants];

    /// <summary>How many turns in a row a tenant has had, while another one could have had one: by both.</summary>
    private readonly int[,] _streaks = new int[Tenants, Tenants];
    private readonly bool[] _isSubmitted = new bool[Tenants];
    private int _boot;

    public override AgentHostOptions Host => base.Host with { Tasks = new TaskOptions { RunningMax = 1 } };

    public override void Register(AgentTypes types) => types.Register(new AgentType("worker", () => new Worker(this))
    {
        Durability = AgentDurability.Durable,
        TakesTasks = true,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int tenant = 0; tenant < Tenants; tenant++)
        {
            _scopes[tenant] = new ProjectScope(World.Environment.Ids.Next<TenantKind>(), World.Environment.Ids.Next<ProjectKind>());
            Session session = await World.Host.OpenSessionAsync(_scopes[tenant]);
            _sessions[tenant] = session.Id;
            var number = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { ["tenant"] = BitConverter.GetBytes(tenant) };
            for (int i = 0; i < 2; i++) await session.SpawnAsync("worker", new SpawnOptions { Variables = number });
        }
    }

    public override async Task ActAsync()
    {
        for (int tenant = 0; tenant < Tenants; tenant++)
        {
            if (!_isSubmitted[tenant]) await SessionOf(tenant).SubmitAsync([.. Enumerable.Range(0, Counts[tenant]).Select(TaskOf)]);
            _isSubmitted[tenant] = true;
            // The flood is there first.
            await Task.Delay(TimeSpan.FromSeconds(2), World.Environment.Time);
        }

        for (int tenant = 0; tenant < Tenants; tenant++)
        {
            while (SessionOf(tenant).Tasks().Any(static task => task.State < TaskState.Succeeded)) await Task.Delay(TimeSpan.FromSeconds(5), World.Environment.Time);
        }
    }

    public override Task JudgeAsync()
    {
        for (int tenant = 0; tenant < Tenants; tenant++)
        {
            int done = SessionOf(tenant).Tasks().Count(static task => task.State is TaskState.Succeeded);
            World.Require(done == Counts[tenant], $"Tenant {tenant} submitted {Counts[tenant]} tasks, and {done} were done.");
        }

        return Task.CompletedTask;
    }

    private static TaskSpec TaskOf(int number) => new("work") { IdempotencyKey = $"{number}", Retry = new TaskRetry { AttemptsMax = 1_000, LossesMax = 1_000 } };

    private Session SessionOf(int tenant) => World.Host.FindSession(_scopes[tenant], _sessions[tenant])!;

    private void Begin(int tenant)
    {
        // Who is how far is forgotten with the process.
        if (_boot != World.Boots) Array.Clear(_streaks);
        _boot = World.Boots;
        for (int other = 0; other < Tenants; other++)
        {
            _streaks[other, tenant] = 0;
            bool couldHave = other != tenant && SessionOf(other).Tasks().Any(static task => task.State is TaskState.Ready) && SessionOf(other).Agents().Any(static agent => agent.Status is AgentStatus.Idle);
            _streaks[tenant, other] = couldHave ? _streaks[tenant, other] + 1 : 0;
            World.Require(_streaks[tenant, other] <= StreakMax, $"Tenant {tenant} had {_streaks[tenant, other]} turns in a row, and tenant {other} had tasks that were ready and agents for them.");
        }
    }

    private sealed class Worker(Shares scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

        public async ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt)
        {
            scenario.Begin(turn.Number("tenant"));
            await Task.Delay(TimeSpan.FromMilliseconds(100), scenario.World.Environment.Time, turn.Cancellation);
            return default;
        }
    }
}
