using System.Collections.Immutable;
using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Core.Errors;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary><c>sirsi task submit</c>: one task, or a file of tasks that wait for each other.</summary>
internal static class SubmitVerb
{
    public static Verb Create(HostVerb hosts)
    {
        var type = new Argument<string?>("TYPE") { Description = "What kind of work it is, in the words of those who do it.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> session = AgentCommand.SessionOption("The session it is submitted to.");
        session.Required = true;
        var file = new Option<string?>("--file", "-f") { Description = "A file of tasks (YAML or JSON) instead of one: all of them are submitted, or none.", HelpName = "FILE" };
        var options = new SpecOptions();
        var after = new Option<string[]>("--after") { Description = "A task whose success it waits for; any number of times.", HelpName = "TASK" };
        Option<string?> notBefore = Instants.Option("--not-before", "It does not begin before.");
        Option<string?> deadline = Instants.Option("--deadline", "It fails when it has not ended by then.");
        var key = new Option<string?>("--key") { Description = "Names the task: of those submitted to the session with one key there is one.", HelpName = "KEY" };
        var result = new Option<bool>("--result") { Description = "Write what comes of the task as it is, and fail unless it succeeds while the command waits (--wait)." };
        var verb = new Verb("submit", "Submits a task, or a file of tasks; they are on disk when the command ends, and done if there are agents for them.",
            "sirsi task submit count --session demo", "sirsi task submit import --session demo --payload @orders.json --after 3gwxyz --attempts 5 --timeout 2m --key orders-7",
            "sirsi task submit --file nightly.yaml --session demo", "sirsi task submit count --session demo --result --wait 1m")
        {
            type, session, file,
        };
        ImmutableArray<Option> ofOne = [.. options.All, after, notBefore, deadline, key];
        foreach (Option option in ofOne.Add(result)) verb.Add(option);
        return hosts.Create(verb, async (host, call) =>
        {
            if (call.Parsed.GetValue(type) is null == call.Get(file) is null) throw new CliException(CliErrors.Usage, "Name the TYPE of one task, or a file of tasks with --file.");
            if (call.Get(file) is not null && ofOne.FirstOrDefault(option => call.Parsed.GetResult(option) is { Implicit: false }) is { } misplaced)
                throw new CliException(CliErrors.Usage, $"{misplaced.Name} is of one task; in a file each task says it for itself.");
            Session to = host.Session(call.Get(session)!);
            DateTimeOffset now = hosts.Environment.Time.GetUtcNow();
            ImmutableArray<TaskSpec> specs = call.Get(file) is { } path ? Read(path, now) :
            [
                options.Read(call, call.Parsed.GetValue(type)!) with
                {
                    After = [.. (call.Get(after) ?? []).Select(text => TaskDependency.On(host.Task(text).Id))],
                    NotBefore = Instants.Read(call.Get(notBefore), now),
                    Deadline = Instants.Read(call.Get(deadline), now),
                    IdempotencyKey = call.Get(key),
                },
            ];
            ImmutableArray<SessionTask> tasks = await to.SubmitAsync(specs);
            await host.RestAsync(call.Cancellation);
            if (call.Get(result)) TaskReport.WriteResult(call, tasks);
            else TaskReport.Show(call, tasks, "Submitted");
        });
    }

    private static ImmutableArray<TaskSpec> Read(string path, DateTimeOffset now)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{path}: {failure.Message}");
        }

        return new TaskFile(path, now).Read(text);
    }
}
