using System.CommandLine;
using System.Text.RegularExpressions;
using Sirsi.Cli.Commands;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Commands.Bus;
using Sirsi.Cli.Commands.Contexts;
using Sirsi.Cli.Commands.Migrate;
using Sirsi.Cli.Commands.Modules;
using Sirsi.Cli.Commands.Plugins;
using Sirsi.Cli.Commands.Prices;
using Sirsi.Cli.Commands.Schedules;
using Sirsi.Cli.Commands.Secrets;
using Sirsi.Cli.Commands.Simulating;
using Sirsi.Cli.Commands.Store;
using Sirsi.Cli.Commands.Tasks;
using Sirsi.Cli.Commands.Wasm;
using Sirsi.Cli.Output;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Spectre.Console;

namespace Sirsi.Cli;

/// <summary>The whole program as a function from arguments to an exit code.</summary>
internal static partial class CommandLine
{
    /// <summary>Parses the arguments, runs the verb they name, and maps every failure to a message and an exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, HostEnvironment environment, CancellationToken cancellation)
    {
        RootCommand root = Root(terminal, environment);
        // An argument that begins with @ is an argument: options take @FILE themselves.
        ParseResult parsed = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (arguments.Length == 0)
        {
            await root.Parse(["--help"]).InvokeAsync(new InvocationConfiguration { Output = terminal.Output }, cancellation);
            return ExitCode.Usage;
        }

        if (parsed.Errors.Count > 0) return ShowMisuse(parsed, terminal);

        var invocation = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellation);
        }
        catch (SirsiException failure)
        {
            terminal.Show(failure);
            return failure.Code == CliErrors.Usage ? ExitCode.Usage : ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            terminal.Messages.MarkupLine("[yellow]cancelled[/]: nothing was changed.");
            return ExitCode.Failed;
        }
#pragma warning disable CA1031 // The outermost place: whatever comes here is told to the user without a stack trace.
        catch (Exception failure)
        {
            terminal.ShowUnexpected(failure);
            return ExitCode.Failed;
        }
#pragma warning restore CA1031
    }

    private static RootCommand Root(Terminal terminal, HostEnvironment environment)
    {
        var root = new RootCommand("SirsiNexus moves systems between clouds and hosts the agents that do it.")
        {
            MigrateCommand.Create(terminal, environment.Time),
            PricesCommand.Create(terminal),
            ChecksCommand.Create(terminal),
            PluginsCommand.Create(terminal, environment),
            StoreCommand.Create(terminal, environment),
            WasmCommand.Create(terminal, environment),
            BusCommand.Create(terminal, environment),
            ModuleCommand.Create(terminal, environment),
            SessionCommand.Create(terminal, environment),
            AgentCommand.Create(terminal, environment),
            ContextCommand.Create(terminal, environment),
            TaskCommand.Create(terminal, environment),
            ScheduleCommand.Create(terminal, environment),
            SecretCommand.Create(terminal, environment),
            SimulateCommand.Create(terminal, environment),
        };
        // Without an action of its own the parser reports a missing verb on top of every misspelt one.
        root.SetAction(static _ => ExitCode.Usage);
        Verb.ShowExamples(root);
        return root;
    }

    private static int ShowMisuse(ParseResult parsed, Terminal terminal)
    {
        foreach (string message in parsed.Errors.Select(static error => InPlainWords(error.Message)).Distinct(StringComparer.Ordinal))
            terminal.Messages.MarkupLineInterpolated($"[red]error {CliErrors.Usage}[/]: {message}");
        terminal.Messages.MarkupLineInterpolated($"  See: {string.Join(' ', Names(parsed.CommandResult))} --help");
        return ExitCode.Usage;
    }

    /// <summary>The parser names types of .NET, which say nothing to who typed a wrong value.</summary>
    private static string InPlainWords(string message) => TypeExpected().Replace(message, static found => found.Groups["type"].Value switch
    {
        "Int32" or "Int64" or "UInt64" => " as a whole number.",
        "Double" or "Decimal" => " as a number.",
        _ => ".",
    });

    [GeneratedRegex(@" as expected type 'System\.(?<type>\w+)[^']*'\.", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex TypeExpected();

    private static List<string> Names(System.CommandLine.Parsing.CommandResult command)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = command; at is System.CommandLine.Parsing.CommandResult result; at = at.Parent)
            names.Add(result.Command is RootCommand ? "sirsi" : result.Command.Name);
        names.Reverse();
        return names;
    }
}
