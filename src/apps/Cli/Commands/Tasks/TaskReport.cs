using System.Globalization;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Tasks;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary>Shows tasks to people.</summary>
internal static class TaskReport
{
    public static string Word(TaskState state) => state.ToString().ToLowerInvariant();

    /// <summary>What one change left behind.</summary>
    public static void Show(CommandCall call, IReadOnlyList<SessionTask> tasks, string done)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson(TaskDocument.ListSchema, json => TaskDocument.WriteList(json, tasks));
            return;
        }

        if (tasks is [var task])
        {
            call.Terminal.Results.MarkupLineInterpolated($"{done} [bold]{task.Id}[/] ({PlainText.Of(task.Spec.DisplayName)}), which {State(task)}");
            return;
        }

        call.Terminal.Results.WriteLine($"{done} {Amounts.Count(tasks.Count, "task")}:");
        WriteTable(call.Terminal.Results, tasks);
    }

    /// <summary>Writes what came of tasks, one after the other, as it is.</summary>
    /// <exception cref="CliException">One has not succeeded.</exception>
    public static void WriteResult(CommandCall call, IReadOnlyList<SessionTask> tasks)
    {
        if (call.Json) call.Terminal.WriteJson(TaskDocument.ListSchema, json => TaskDocument.WriteList(json, tasks));
        if (tasks.FirstOrDefault(static task => task.State is not TaskState.Succeeded) is { } open) throw new CliException(CliErrors.TaskNotDone, $"{open.Id} ({PlainText.Of(open.Spec.DisplayName)}) {State(open)}");
        if (call.Json) return;
        foreach (SessionTask task in tasks) call.Terminal.OutputBytes.Write(task.Result.Span);
        call.Terminal.OutputBytes.Flush();
    }

    public static void List(CommandCall call, IReadOnlyList<SessionTask> tasks)
    {
        if (call.Json) call.Terminal.WriteJson(TaskDocument.ListSchema, json => TaskDocument.WriteList(json, tasks));
        else if (tasks.Count == 0) call.Terminal.Results.WriteLine("There is no such task. 'sirsi task submit TYPE --session ID' submits one.");
        else WriteTable(call.Terminal.Results, tasks);
    }

    public static void Explain(CommandCall call, SessionTask task)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.task/1", json => TaskDocument.Write(json, task));
            return;
        }

        IAnsiConsole console = call.Terminal.Results;
        console.MarkupLineInterpolated($"[bold]{task.Id}[/] ({PlainText.Of(task.Spec.DisplayName)}) {State(task)}");
        var facts = new Listing("", "");
        facts.Row("Type", PlainText.Of(task.Spec.Type));
        facts.Row("Session", SessionReport.Label(task.Session));
        facts.Row("Priority", task.Spec.Priority.ToString().ToLowerInvariant());
        facts.Row("Attempts", $"{Amounts.Count(task.Attempt)}; {Amounts.Count(task.Spec.Retry.AttemptsMax)} may fail");
        facts.Row("Agent", SessionReport.Text(task.Agent.ToString()));
        if (!task.Parent.IsEmpty) facts.Row("Submitted by", task.Parent.ToString());
        if (task.Spec.IdempotencyKey is { } key) facts.Row("Key", PlainText.Of(key));
        if (task.Spec.NotBefore is { } from) facts.Row("Not before", SessionReport.Instant(from));
        if (task.Spec.Deadline is { } deadline) facts.Row("Deadline", SessionReport.Instant(deadline));
        if (task.EndedAt is { } ended) facts.Row("Ended", SessionReport.Instant(ended));
        if (task.State is TaskState.Succeeded) facts.Row("Result", PlainText.Of(task.Result.Span));
        else facts.Row("Payload", PlainText.Of(task.Spec.Payload.Span));
        facts.WriteTo(console);
        if (!task.After.IsEmpty)
        {
            console.WriteLine();
            var after = new Listing("After", "Name", "Is");
            Dictionary<TaskId, SessionTask> all = task.Session.Tasks().ToDictionary(static one => one.Id);
            foreach (TaskDependency dependency in task.After)
            {
                SessionTask? known = all.GetValueOrDefault(dependency.Task);
                after.Row(dependency.Task.ToString(), known is null ? "–" : PlainText.Of(known.Spec.DisplayName), known is null ? "no longer kept" : Word(known.State));
            }

            after.WriteTo(console);
        }

        WriteErrors(console, task);
    }

    public static void ExplainDead(CommandCall call, IReadOnlyList<SessionTask> tasks)
    {
        if (call.Json || tasks.Count == 0)
        {
            if (call.Json) call.Terminal.WriteJson(TaskDocument.ListSchema, json => TaskDocument.WriteList(json, tasks));
            else call.Terminal.Results.WriteLine("No task is dead.");
            return;
        }

        foreach (SessionTask task in tasks)
        {
            if (task != tasks[0]) call.Terminal.Results.WriteLine();
            call.Terminal.Results.MarkupLineInterpolated($"[bold]{task.Id}[/] ({PlainText.Of(task.Spec.DisplayName)}), of {SessionReport.Label(task.Session)}. To have it run again: sirsi task retry {task.Id}");
            WriteErrors(call.Terminal.Results, task);
        }
    }

    private static void WriteErrors(IAnsiConsole console, SessionTask task)
    {
        if (task.Errors is not { Length: > 0 } errors) return;
        console.WriteLine();
        var table = new Listing(">Attempt", "At", "Error", "What happened");
        foreach (TaskError error in errors) table.Row(Amounts.Count(error.Attempt), SessionReport.Instant(error.At), PlainText.Of(error.Kind), PlainText.Of(error.Text));
        table.WriteTo(console);
    }

    private static void WriteTable(IAnsiConsole console, IReadOnlyList<SessionTask> tasks)
    {
        var table = new Listing("Task", "Name", "State", ">Attempts", "Session", "Why");
        foreach (SessionTask task in tasks)
            table.Row(task.Id.ToString(), PlainText.Of(task.Spec.DisplayName), Word(task.State), Amounts.Count(task.Attempt), SessionReport.Label(task.Session), SessionReport.Text(Why(task)));
        table.WriteTo(console);
    }

    /// <summary>The end of a sentence: where it is, and why.</summary>
    private static string State(SessionTask task)
    {
        string word = task.State switch
        {
            TaskState.Succeeded or TaskState.Failed => $"has {Word(task.State)}",
            TaskState.Cancelled or TaskState.Skipped => $"was {Word(task.State)}",
            _ => $"is {Word(task.State)}",
        };
        return Why(task) is { Length: > 0 } why ? $"{word}: {why.TrimEnd('.')}." : word + ".";
    }

    private static string Why(SessionTask task) => task.State switch
    {
        TaskState.Blocked => $"It waits for {Amounts.Count(task.After.Length, "task")}.",
        TaskState.Delayed => $"It is due {task.Due?.ToString("u", CultureInfo.InvariantCulture)}. {PlainText.Of(task.Reason)}".TrimEnd(),
        TaskState.Ready => Wanted(task),
        _ => PlainText.Of(task.Reason),
    };

    /// <summary>What kind of agent it waits for.</summary>
    private static string Wanted(SessionTask task)
    {
        TaskSpec spec = task.Spec;
        string type = spec.AgentType is { } name ? $" of the type '{name}'" : !spec.Agent.IsEmpty ? $", {spec.Agent}" : "";
        string labels = spec.Labels.IsEmpty ? "" : $" with {string.Join(", ", spec.Labels)}";
        string capability = spec.Capability is { } wanted ? $" that may {wanted}" : "";
        bool any = task.Session.Agents().Any(static agent => agent.Type.TakesTasks);
        return $"It waits for an agent{type}{labels}{capability}{(any ? "." : "; none of the session takes tasks.")}";
    }
}
