using System.CommandLine;
using System.Text.Json;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary><c>sirsi task graph</c>: who waits for whom.</summary>
internal static class GraphVerb
{
    public static Verb Create(HostVerb hosts)
    {
        var of = new Argument<string>("SESSION|TASK") { HelpName = "ID", Description = "A session, all of whose tasks are shown; or a task, with those that wait for it." };
        var mermaid = new Option<bool>("--mermaid") { Description = "Write a diagram in the language of Mermaid." };
        var verb = new Verb("graph", "Shows which tasks wait for which, with their states.", "sirsi task graph demo", "sirsi task graph 3gwxyz --json", "sirsi task graph demo --mermaid") { of, mermaid };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            TaskWaits waits = Find(host, call.Get(of));
            if (call.Json) call.Terminal.WriteJson("sirsi.task-graph/1", json => Write(json, waits));
            else if (call.Get(mermaid)) WriteMermaid(call.Terminal.Output, waits);
            else if (waits.All.Count == 0) call.Terminal.Results.WriteLine("The session has no tasks.");
            else WriteTree(call.Terminal.Output, waits);
        });
    }

    private static TaskWaits Find(LocalHost host, string text)
    {
        if (host.Sessions().FirstOrDefault(session => session.Options.Name == text || session.Id.ToString() == text) is { } named) return new TaskWaits(named.Tasks(), null);
        SessionTask[] tasks = [.. host.AllTasks()];
        if (tasks.Any(task => task.Id.ToString() == text || task.Spec.Name == text) || (text.Length >= 4 && tasks.Any(task => task.Id.ToString().Contains(text, StringComparison.Ordinal))))
        {
            SessionTask task = host.Task(text);
            return new TaskWaits(task.Session.Tasks(), task);
        }

        Session session = host.Session(text);
        return new TaskWaits(session.Tasks(), null);
    }

    private static void Write(Utf8JsonWriter json, TaskWaits waits)
    {
        json.WriteStartArray("tasks");
        foreach (SessionTask task in waits.All)
        {
            json.WriteStartObject();
            json.WriteString("id", task.Id.ToString());
            json.WriteString("name", task.Spec.DisplayName);
            json.WriteString("state", TaskReport.Word(task.State));
            TaskDocument.WriteDependencies(json, task);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTree(TextWriter output, TaskWaits waits)
    {
        foreach (string line in waits.Tree()) output.WriteLine(line);
    }

    private static void WriteMermaid(TextWriter output, TaskWaits waits)
    {
        output.WriteLine("graph TD");
        foreach (SessionTask task in waits.All)
            output.WriteLine($"  {task.Id}[\"{PlainText.Of(task.Spec.DisplayName).Replace("\"", "#quot;", StringComparison.Ordinal)}: {TaskReport.Word(task.State)}\"]");
        foreach (SessionTask task in waits.All)
        {
            foreach (TaskDependency dependency in task.After.Where(dependency => waits.Has(dependency.Task)))
                output.WriteLine($"  {dependency.Task} {(dependency.IsOnEnd ? "-.->" : "-->")} {task.Id}");
        }
    }
}
