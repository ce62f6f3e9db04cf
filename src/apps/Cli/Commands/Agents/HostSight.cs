using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm.Extism;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Sees what happens in a host. Called by many threads; short, and throws nothing.</summary>
internal abstract class HostSight
{
    /// <summary>An agent logs.</summary>
    public abstract void OnLogged(AgentId agent, ExtismLogLevel level, string text);

    public virtual void OnStatusChanged(Agent agent, StatusChange change)
    {
    }

    public virtual void OnTurnEnded(Agent agent, TurnEnd turn)
    {
    }
}

/// <summary>Writes what agents log to standard error.</summary>
internal sealed class LogSight(TextWriter error) : HostSight
{
    private readonly Lock _lock = new();

    public override void OnLogged(AgentId agent, ExtismLogLevel level, string text)
    {
        lock (_lock) error.WriteLine($"{level.ToString().ToLowerInvariant()}: {agent}: {PlainText.Of(text)}");
    }
}
