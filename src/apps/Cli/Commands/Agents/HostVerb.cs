using System.CommandLine;
using Sirsi.Cli.Commands.Modules;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>What a command does in the host of this machine.</summary>
internal delegate Task HostWork(LocalHost host, CommandCall call);

/// <summary>One run of such a command.</summary>
/// <param name="Parsed">What stands on the command line.</param>
/// <param name="Terminal">Where it answers.</param>
/// <param name="Json">Whether programs read the answer.</param>
/// <param name="Cancellation">Ends it.</param>
internal sealed record CommandCall(ParseResult Parsed, Terminal Terminal, bool Json, CancellationToken Cancellation)
{
    public T Get<T>(Argument<T> argument) => Parsed.GetRequiredValue(argument);

    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);
}

/// <summary>Where such a command works.</summary>
/// <param name="Home">The data folder; null for the default.</param>
/// <param name="Development">Whether modules are taken that nobody has signed.</param>
/// <param name="Project">The project.</param>
internal sealed record LocalPlace(string? Home, bool Development, LocalProject Project);

/// <summary>
/// Commands that host the agents of this machine while they run: each opens the folder, does its work, lets the agents come to rest, and closes it. Who comes second is told who has it.
/// </summary>
internal sealed class HostVerb(Terminal terminal, HostEnvironment environment)
{
    public Terminal Terminal => terminal;

    public HostEnvironment Environment => environment;

    /// <summary>Gives a verb its work and the options that all of these have.</summary>
    public Verb Create(Verb verb, HostWork work) => Create(verb, () => new LogSight(terminal.Error), (_, host, call) => work(host, call));

    /// <summary>As the other, for one that looks on.</summary>
    public Verb Create<TSight>(Verb verb, Func<TSight> sight, Func<TSight, LocalHost, CommandCall, Task> work)
        where TSight : HostSight
    {
        Option<string> wait = Durations.Option("--wait", "How long the agents may take to come to rest before the command ends without them.", "30s");
        Option<string?> home = DataFolder.Option(), project = LocalProject.Option();
        Option<bool> development = ModuleHome.Development(), json = ModuleHome.Json();
        verb.Add(wait);
        verb.Add(project);
        verb.Add(home);
        verb.Add(development);
        verb.Add(json);
        verb.SetAction(async (parsed, cancellation) =>
        {
            TSight seeing = sight();
            var place = new LocalPlace(parsed.GetValue(home), parsed.GetValue(development), LocalProject.Of(parsed.GetValue(project)));
            await using LocalHost host = await LocalHost.OpenAsync(terminal, environment, place, Durations.Read(parsed.GetRequiredValue(wait)), seeing, cancellation);
            try
            {
                await work(seeing, host, new CommandCall(parsed, terminal, parsed.GetValue(json), cancellation));
                await host.RestAsync(cancellation);
                return ExitCode.Ok;
            }
            catch (OperationCanceledException)
            {
                terminal.Messages.MarkupLine("[yellow]cancelled[/]: what was stored until then stays.");
                return ExitCode.Failed;
            }
            catch (ArgumentException misuse)
            {
                throw new CliException(CliErrors.Usage, misuse.Message);
            }
            finally
            {
                host.ShowDeadLetters();
            }
        });
        return verb;
    }
}
