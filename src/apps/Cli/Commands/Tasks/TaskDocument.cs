using System.Text.Json;
using Sirsi.Core.Documents;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary>Tasks as JSON.</summary>
internal static class TaskDocument
{
    public const string ListSchema = "sirsi.task-list/1";

    public static void WriteList(Utf8JsonWriter json, IReadOnlyList<SessionTask> tasks)
    {
        json.WriteStartArray("tasks");
        foreach (SessionTask task in tasks)
        {
            json.WriteStartObject();
            Write(json, task);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, SessionTask task)
    {
        json.WriteString("id", task.Id.ToString());
        json.WriteString("name", task.Spec.DisplayName);
        json.WriteString("type", task.Spec.Type);
        json.WriteString("state", TaskReport.Word(task.State));
        json.WriteString("reason", task.Reason);
        json.WriteString("session", task.Session.Id.ToString());
        json.WriteString("parent", task.Parent.ToString());
        json.WriteString("priority", task.Spec.Priority.ToString().ToLowerInvariant());
        json.WriteString("agentType", task.Spec.AgentType);
        json.WriteString("key", task.Spec.IdempotencyKey);
        json.WriteTexts("tags", task.Spec.Tags);
        json.WriteNumber("attempt", task.Attempt);
        json.WriteNumber("attemptsMax", task.Spec.Retry.AttemptsMax);
        json.WriteString("agent", task.Agent.ToString());
        json.WriteNumber("progress", task.Progress);
        WriteInstant(json, "notBefore", task.Spec.NotBefore);
        WriteInstant(json, "deadline", task.Spec.Deadline);
        WriteInstant(json, "due", task.Due);
        WriteInstant(json, "endedAt", task.EndedAt);
        json.WriteBase64String("payload", task.Spec.Payload.Span);
        json.WriteBase64String("result", task.Result.Span);
        WriteDependencies(json, task);
        json.WriteStartArray("errors");
        foreach (TaskError error in task.Errors)
        {
            json.WriteStartObject();
            json.WriteNumber("attempt", error.Attempt);
            json.WriteString("at", error.At);
            json.WriteString("kind", error.Kind);
            json.WriteString("text", error.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WriteDependencies(Utf8JsonWriter json, SessionTask task)
    {
        json.WriteStartArray("after");
        foreach (TaskDependency dependency in task.After)
        {
            json.WriteStartObject();
            json.WriteString("task", dependency.Task.ToString());
            json.WriteString("on", dependency.IsOnEnd ? "end" : "success");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteInstant(Utf8JsonWriter json, string name, DateTimeOffset? instant)
    {
        if (instant is { } given) json.WriteString(name, given);
        else json.WriteNull(name);
    }
}
