using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary>Looking at tasks and changing what becomes of them: <c>sirsi task list</c>, <c>show</c>, <c>cancel</c>, <c>retry</c>, <c>dead</c>.</summary>
internal static class TaskVerbs
{
    public static Verb List(HostVerb hosts)
    {
        Option<string?> session = AgentCommand.SessionOption("Only tasks of this session.");
        var state = new Option<string?>("--state") { Description = "Only tasks in this state.", HelpName = "STATE" };
        state.AcceptOnlyFromAmong([.. Enum.GetValues<TaskState>().Select(TaskReport.Word)]);
        var verb = new Verb("list", "Lists tasks, those that ended not too long ago included.", "sirsi task list", "sirsi task list --session demo --state ready --json") { session, state };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            IReadOnlyList<SessionTask> tasks = call.Get(session) is { } id ? host.Session(id).Tasks() : host.AllTasks();
            TaskReport.List(call, [.. tasks.Where(task => call.Get(state) is not { } wanted || TaskReport.Word(task.State) == wanted)]);
        });
    }

    public static Verb Show(HostVerb hosts)
    {
        Argument<string> id = TaskCommand.Reference();
        var verb = new Verb("show", "Shows all there is to know of a task, and what it waits for.", "sirsi task show 3gwxyz", "sirsi task show 3gwxyz --json") { id };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            TaskReport.Explain(call, host.Task(call.Get(id)));
        });
    }

    public static Verb Cancel(HostVerb hosts)
    {
        Argument<string> id = TaskCommand.Reference();
        Option<string> reason = Reason("Cancelled");
        var verb = new Verb("cancel", "Ends a task, and those that it submitted.", "sirsi task cancel 3gwxyz --reason \"not needed any more\"") { id, reason };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionTask task = host.Task(call.Get(id));
            if (!await task.CancelAsync(call.Get(reason)!)) throw new CliException(CliErrors.TaskStateWrong, $"{task.Id} has {TaskReport.Word(task.State)} already.");
            await host.RestAsync(call.Cancellation);
            TaskReport.Show(call, [task], "Cancelled");
        });
    }

    public static Verb Retry(HostVerb hosts)
    {
        Argument<string> id = TaskCommand.Reference();
        Option<string> reason = Reason("Retried");
        var verb = new Verb("retry", "Has a task run again that failed, was cancelled or was skipped.", "sirsi task retry 3gwxyz --reason \"the server is back\"") { id, reason };
        return hosts.Create(verb, async (host, call) =>
        {
            SessionTask task = host.Task(call.Get(id));
            if (!await task.RetryAsync(call.Get(reason)!))
                throw new CliException(CliErrors.TaskStateWrong, $"{task.Id} is {TaskReport.Word(task.State)}; only what failed, was cancelled or was skipped runs again.");
            await host.RestAsync(call.Cancellation);
            TaskReport.Show(call, [task], "Retried");
        });
    }

    public static Verb Dead(HostVerb hosts)
    {
        Option<string?> session = AgentCommand.SessionOption("Only tasks of this session.");
        var verb = new Verb("dead", "Shows the tasks that failed for good, with all their errors.", "sirsi task dead", "sirsi task dead --session demo --json") { session };
        return hosts.Create(verb, async (host, call) =>
        {
            await host.RestAsync(call.Cancellation);
            IReadOnlyList<SessionTask> tasks = call.Get(session) is { } id ? host.Session(id).Tasks() : host.AllTasks();
            TaskReport.ExplainDead(call, [.. tasks.Where(static task => task.State is TaskState.Failed)]);
        });
    }

    private static Option<string> Reason(string done) =>
        new("--reason") { Description = "Why, for those who look later.", HelpName = "TEXT", DefaultValueFactory = _ => $"{done} by {Environment.UserName}." };
}
