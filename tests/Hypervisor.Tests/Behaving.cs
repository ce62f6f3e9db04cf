namespace Sirsi.Hypervisor.Tests;

/// <summary>A behaviour written where the test needs it.</summary>
internal sealed class Behaving(Func<AgentTurn, AgentMessage, ValueTask> onMessage) : IAgentBehavior
{
    public Behaving(Action<AgentTurn, AgentMessage> onMessage)
        : this((turn, message) =>
        {
            onMessage(turn, message);
            return ValueTask.CompletedTask;
        })
    {
    }

    public Action<AgentTurn>? OnStart { get; init; }

    public Action<AgentTurn>? OnStop { get; init; }

    public Action<AgentTurn, AgentMessage>? OnEvent { get; init; }

    public Action<AgentTurn, int>? OnMigrate { get; init; }

    public ValueTask OnStartAsync(AgentTurn turn)
    {
        OnStart?.Invoke(turn);
        return ValueTask.CompletedTask;
    }

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => onMessage(turn, message);

    public ValueTask OnEventAsync(AgentTurn turn, AgentMessage happened)
    {
        OnEvent?.Invoke(turn, happened);
        return ValueTask.CompletedTask;
    }

    public ValueTask MigrateStateAsync(AgentTurn turn, int from)
    {
        if (OnMigrate is null) throw new InvalidOperationException("There is no way.");
        OnMigrate(turn, from);
        return ValueTask.CompletedTask;
    }

    public ValueTask OnStopAsync(AgentTurn turn)
    {
        OnStop?.Invoke(turn);
        return ValueTask.CompletedTask;
    }
}
