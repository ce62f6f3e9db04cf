using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Sirsi.Bus.Events;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Publishing;
using Sirsi.Hypervisor.Security;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>Publishes security events on the host's bus, as <c>agent.security.*</c> (<c>sirsi.v1.Audit</c>) in the scope of the agent's project. What is of no project is not published.</summary>
internal sealed class SecurityPublisher(EventBus bus) : ISecurityEvents
{
    public ValueTask WriteAsync(IReadOnlyList<SecurityEvent> events, CancellationToken cancellation)
    {
        EventMessage[] messages = [.. events.Where(static happened => !happened.Scope.Tenant.IsEmpty).Select(MessageOf)];
        return messages.Length == 0 ? ValueTask.CompletedTask : bus.PublishAsync(messages, cancellation);
    }

    private static EventMessage MessageOf(SecurityEvent happened)
    {
        // "capability-refused" is both the event and, in the ledger's words, what was done.
        string action = JsonNamingPolicy.KebabCaseLower.ConvertName(happened.Kind.ToString());
        string actor = happened.Agent.IsEmpty ? happened.Session.ToString() : happened.Agent.ToString();
        var payload = new Audit
        {
            ActorId = actor,
            Action = "agent." + action,
            Target = happened.What,
            Outcome = happened.Kind switch
            {
                SecurityEventKind.SecretUsed => Audit.Types.Outcome.Done,
                SecurityEventKind.SecretMissing or SecurityEventKind.Quarantined => Audit.Types.Outcome.Failed,
                _ => Audit.Types.Outcome.Denied,
            },
            Reason = happened.Why,
        };
        payload.Details.Add("agent_type", happened.AgentType);
        payload.Details.Add("count", happened.Count.ToString(CultureInfo.InvariantCulture));
        return new EventMessage
        {
            Scope = new TopicScope(happened.Scope.Tenant.ToString(), happened.Scope.Project.ToString()),
            Id = happened.Id,
            Subject = "agent.security." + action,
            Key = actor,
            Schema = "sirsi.v1.Audit",
            SchemaVersion = 1,
            Priority = EventPriority.High,
            Time = happened.At,
            Session = happened.Session,
            SourceAgent = happened.Agent,
            Payload = payload.ToByteArray(),
        };
    }
}
