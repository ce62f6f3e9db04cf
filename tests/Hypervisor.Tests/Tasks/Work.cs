using System.Collections.Immutable;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>A behaviour that does tasks as the test says.</summary>
internal sealed class Working(Func<AgentTurn, TaskAttempt, ValueTask<ReadOnlyMemory<byte>>> onTask) : IAgentBehavior
{
    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

    public ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt) => onTask(turn, attempt);
}

/// <summary>A world with agents that do tasks, and what they did.</summary>
internal sealed class Work
{
    public static readonly TaskRetry Once = new() { AttemptsMax = 1 };

    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    public Work(AgentHostOptions? options = null, int seed = 1, StepOrder order = StepOrder.Arrival, SessionOptions? session = null, Func<HostEnvironment, HostEnvironment>? change = null, Func<HostEnvironment, EventBus>? bus = null) =>
        World = new World(seed, order, options, session, bus, change);

    public World World { get; private set; }

    /// <summary>The names of tasks in the order in which they were begun.</summary>
    public List<string> Begun { get; } = [];

    public Agent Spawn(
        string type, Func<AgentTurn, TaskAttempt, ValueTask<ReadOnlyMemory<byte>>>? onTask = null, Func<AgentType, AgentType>? configure = null, SpawnOptions? options = null, Session? session = null)
    {
        if (World.Types.Find(type) is null)
        {
            AgentType made = new(type, () => new Working(async (turn, attempt) =>
            {
                Begun.Add(attempt.Spec.DisplayName);
                return onTask is null ? World.Bytes($"done {attempt.Spec.DisplayName}") : await onTask(turn, attempt);
            }))
            {
                TakesTasks = true,
            };
            World.Types.Register(configure?.Invoke(made) ?? made);
        }

        return World.Machine.Run(() => (session ?? World.Session).SpawnAsync(type, options).AsTask());
    }

    public SessionTask Submit(TaskSpec spec) => World.Machine.Run(() => World.Session.SubmitAsync(spec).AsTask());

    public ImmutableArray<SessionTask> Submit(params ImmutableArray<TaskSpec> specs) => World.Machine.Run(() => World.Session.SubmitAsync(specs).AsTask());

    public void Wait(params ReadOnlySpan<SessionTask> tasks)
    {
        foreach (SessionTask task in tasks) Assert.True(World.Machine.Run(() => task.WaitAsync(Patience)), $"{task.Spec.DisplayName} is {task.State}: {task.Reason}");
    }

    public void Restart(Action<AgentTypes> register, bool losesPower = true, TimeSpan downFor = default) => World = World.Restart(register, losesPower, downFor: downFor);
}
