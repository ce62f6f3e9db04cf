using Google.Protobuf;
using Sirsi.Bus.Events;
using Sirsi.Bus.Messages;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using static Sirsi.Bus.Messages.AgentLifecycle.Types;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>Tells the bus of agents' lives, as <c>agent.lifecycle.*</c>: what it does not take in time is let go.</summary>
internal static class AgentLifecycleEvents
{
    private const string Schema = "sirsi.v1.AgentLifecycle";

    public static void Spawned(EventRelay relay, Agent agent) => Add(relay, agent, Change.Spawned, "");

    public static void Reloaded(EventRelay relay, Agent agent) => Add(relay, agent, Change.Reloaded, "Another version took the place of its type.");

    public static void Changed(EventRelay relay, Agent agent, StatusChange change)
    {
        Change? what = change.Status switch
        {
            AgentStatus.Suspended => Change.Paused,
            AgentStatus.Idle => Change.Resumed,
            AgentStatus.Quarantined => Change.Failed,
            AgentStatus.Stopped or AgentStatus.Failed => Change.Terminated,
            _ => null,
        };
        if (what is { } told) Add(relay, agent, told, change.Reason);
    }

    private static void Add(EventRelay relay, Agent agent, Change change, string reason)
    {
        if (relay.IsFull) return;
        AgentHost host = agent.Host;
        var payload = new AgentLifecycle
        {
            AgentId = agent.Id.ToString(),
            AgentType = agent.Type.Name,
            Change = change,
            ParentId = agent.ParentId.IsEmpty ? "" : agent.ParentId.ToString(),
            Reason = reason,
        };
        long number = host.NextNumber();
        relay.Add(new OutgoingEvent(
            number, agent.Id, agent.Session.Id, agent.Session.Scope, host.Environment.Ids.Next<EventKind>(), $"agent.lifecycle.{change.ToString().ToLowerInvariant()}",
            agent.Id.ToString(), Schema, 1, EventPriority.Normal, host.Environment.Time.GetUtcNow(), host.BeginTrace(number), payload.ToByteArray()));
    }
}
