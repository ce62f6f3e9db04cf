using System.Collections.Concurrent;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;
using Sirsi.Wasm.Extism;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Shows what happens in one project; agents of others run unseen. Called by many threads.</summary>
internal sealed class ProjectSight(HostSight sight, ProjectScope scope)
{
    private const int EarlyMax = 1_000;

    /// <summary>What was logged before the host could say whose it is.</summary>
    private readonly ConcurrentQueue<(AgentId Agent, ExtismLogLevel Level, string Text)> _early = new();
    private volatile AgentHost? _host;

    /// <summary>The host is open.</summary>
    public void Begin(AgentHost host)
    {
        _host = host;
        ShowEarly(host);
    }

    public void OnLogged(AgentId agent, ExtismLogLevel level, string text)
    {
        if (_host is { } host)
        {
            Show(host, agent, level, text);
            return;
        }

        if (_early.Count < EarlyMax) _early.Enqueue((agent, level, text));
        // It may have opened meanwhile.
        if (_host is { } opened) ShowEarly(opened);
    }

    public void OnStatusChanged(Agent agent, StatusChange change)
    {
        if (agent.Session.Scope == scope) sight.OnStatusChanged(agent, change);
    }

    public void OnTurnEnded(Agent agent, TurnEnd turn)
    {
        if (agent.Session.Scope == scope) sight.OnTurnEnded(agent, turn);
    }

    private void ShowEarly(AgentHost host)
    {
        while (_early.TryDequeue(out (AgentId Agent, ExtismLogLevel Level, string Text) early)) Show(host, early.Agent, early.Level, early.Text);
    }

    private void Show(AgentHost host, AgentId agent, ExtismLogLevel level, string text)
    {
        if (host.Find(scope, agent) is not null) sight.OnLogged(agent, level, text);
    }
}
