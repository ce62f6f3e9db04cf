using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Security;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor;

/// <summary>What those who watch over the host are told.</summary>
public sealed partial class AgentHost
{
    private long _refusals;

    /// <summary>How often an agent was refused what it has no capability for.</summary>
    public long RefusalCount => Interlocked.Read(ref _refusals);

    /// <summary>How many security events nobody took down, because too many came at once; repeats counted each.</summary>
    public long SecurityEventsDropped => Security?.Dropped ?? 0;

    /// <summary>Takes security events down; null when nobody does.</summary>
    internal SecurityEventLog? Security { get; private set; }

    /// <summary>Whether the operator lets agents run a native program.</summary>
    internal bool AllowsNative(string path) => _options.NativePrograms.Contains(path);

    internal void OnRefused(Session session, CapabilityRefusal refusal)
    {
        Interlocked.Increment(ref _refusals);
        if (Security is not { } security) return;
        // One that was not made yet, or never is, is its parent's doing.
        Agent? agent = FindByText(refusal.Holder) ?? (refusal.Parent is { } parent ? FindByText(parent) : null);
        security.Add(SecurityEventKind.CapabilityRefused, session, agent, refusal.Asked, refusal.ToString());
    }

    /// <summary>Takes down what those who watch over the host want to know.</summary>
    internal void Note(SecurityEventKind kind, Agent agent, string what, string why) => Security?.Add(kind, agent.Session, agent, what, why);

    private Agent? FindByText(string id) => AgentId.TryParse(id, out AgentId agent) ? _agents.GetValueOrDefault(agent) : null;
}
