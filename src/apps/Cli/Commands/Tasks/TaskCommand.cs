using System.CommandLine;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;

namespace Sirsi.Cli.Commands.Tasks;

/// <summary><c>sirsi task</c>: work of sessions that outlives commands, done by agents that take tasks.</summary>
internal static class TaskCommand
{
    /// <summary>The verb and what is below it.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var hosts = new HostVerb(terminal, environment);
        return new Verb("task", "Submits tasks to sessions and tells what became of them, on this machine. Agents of modules with on_task do them.")
        {
            SubmitVerb.Create(hosts),
            TaskVerbs.List(hosts),
            TaskVerbs.Show(hosts),
            TaskVerbs.Cancel(hosts),
            TaskVerbs.Retry(hosts),
            TaskVerbs.Dead(hosts),
            GraphVerb.Create(hosts),
        };
    }

    /// <summary>The argument that names a task.</summary>
    public static Argument<string> Reference() => new("TASK") { HelpName = "ID", Description = "The task: its id, a beginning or ending of it that no other has, or its name." };
}
