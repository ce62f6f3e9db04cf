using System.Text.Json;
using Sirsi.Core.Documents;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>Agents as JSON.</summary>
internal static class AgentDocument
{
    public const string Schema = "sirsi.agent/1";

    public static void WriteList(Utf8JsonWriter json, IReadOnlyList<Agent> agents)
    {
        json.WriteStartArray("agents");
        foreach (Agent agent in agents)
        {
            json.WriteStartObject();
            WriteHead(json, agent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, Agent agent, bool values)
    {
        WriteHead(json, agent);
        json.WriteTexts("children", agent.Children().Select(static child => child.Id.ToString()));
        json.WriteString("lastError", agent.LastError);
        WriteChanges(json, agent);
        WriteVariables(json, agent, values);
        WriteCapabilities(json, agent.Grant?.Snapshot());
        WriteApprovals(json, agent.Approvals());
        WriteUnknownStep(json, agent);
    }

    public static void WriteApprovals(Utf8JsonWriter json, IEnumerable<ApprovalRequest> approvals)
    {
        json.WriteStartArray("approvals");
        foreach (ApprovalRequest request in approvals)
        {
            json.WriteStartObject();
            json.WriteNumber("number", request.Number);
            json.WriteString("agent", request.Agent.ToString());
            json.WriteString("kind", request.Kind);
            json.WriteString("expiresAt", request.ExpiresAt);
            json.WriteBase64String("details", request.Details.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteHead(Utf8JsonWriter json, Agent agent)
    {
        json.WriteString("id", agent.Id.ToString());
        json.WriteString("type", agent.Type.Name);
        json.WriteString("status", AgentReport.Word(agent.Status));
        json.WriteString("session", agent.Session.Id.ToString());
        json.WriteString("parent", agent.ParentId.IsEmpty ? null : agent.ParentId.ToString());
        json.WriteNumber("mailbox", agent.MailboxCount);
    }

    private static void WriteChanges(Utf8JsonWriter json, Agent agent)
    {
        json.WriteStartArray("changes");
        foreach (StatusChange change in agent.Changes())
        {
            json.WriteStartObject();
            json.WriteString("status", AgentReport.Word(change.Status));
            json.WriteString("at", change.At);
            json.WriteString("reason", change.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteVariables(Utf8JsonWriter json, Agent agent, bool values)
    {
        json.WriteStartArray("variables");
        foreach ((string name, ReadOnlyMemory<byte> value) in agent.CopyVariables())
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("bytes", value.Length);
            if (values) json.WriteBase64String("value", value.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCapabilities(Utf8JsonWriter json, CapabilitySnapshot? grant)
    {
        json.WriteStartArray("capabilities");
        foreach (CapabilityUse use in grant?.Uses ?? [])
        {
            json.WriteStartObject();
            json.WriteString("capability", use.Capability.ToString());
            json.WriteNumber("used", use.Count);
            json.WriteBoolean("revoked", grant!.IsRevoked || grant.Revoked.Any(taken => taken.Covers(use.Capability)));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteTexts("revoked", (grant?.Revoked ?? []).Select(static capability => capability.ToString()));
        json.WriteNumber("refused", grant?.Refused ?? 0);
    }

    private static void WriteUnknownStep(Utf8JsonWriter json, Agent agent)
    {
        if (agent.UnknownStep is not { } step)
        {
            json.WriteNull("unknownStep");
            return;
        }

        json.WriteStartObject("unknownStep");
        json.WriteString("name", step.Name);
        json.WriteString("key", step.Key);
        json.WriteEndObject();
    }
}
