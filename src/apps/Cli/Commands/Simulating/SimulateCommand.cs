using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Simulation;
using Sirsi.Simulation.Running;
using Sirsi.Simulation.Scenarios;

namespace Sirsi.Cli.Commands.Simulating;

/// <summary><c>sirsi simulate</c>: runs whole hosts in simulated time, with faults from seeds, and says which promises were broken.</summary>
internal static partial class SimulateCommand
{
    /// <summary>The verb.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var seeds = new Option<string?>("--seeds") { HelpName = "A..B", Description = "The seeds to run, each a run of its own; default 1..1000." };
        var seed = new Option<int?>("--seed") { HelpName = "N", Description = "One seed." };
        var scenario = new Option<string?>("--scenario") { HelpName = "NAME", Description = "Only this scenario; without it each seed is for the next one." };
        var trace = new Option<bool>("--trace") { Description = "With --seed: tell all that happened." };
        var list = new Option<bool>("--list") { Description = "List the scenarios, and run none." };
        var parallel = new Option<int>("--parallel") { HelpName = "N", Description = "Seeds at a time; default one for each core." };
        parallel.Bound(static count => count is >= 1 and <= 256, "--parallel must be 1 to 256.");
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("simulate", "Runs whole hosts in simulated time, with crashes, failing disks, lost answers and jumping clocks from a seed, and says which promises they broke; the exit code is 1 when one was.",
            "sirsi simulate --seeds 1..10000", "sirsi simulate --seeds 1..500 --scenario graphs", "sirsi simulate --seed 4711 --trace", "sirsi simulate --list")
        {
            seeds, seed, scenario, trace, list, parallel, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            ImmutableArray<ScenarioType> scenarios = Scenarios(parsed.GetValue(scenario));
            bool asJson = parsed.GetValue(json);
            if (parsed.GetValue(list)) return SimulationText.List(terminal, scenarios, asJson);
            if (parsed.GetValue(seed) is { } one)
            {
                if (parsed.GetValue(seeds) is not null) throw new CliException(CliErrors.Usage, "--seed is for one run and --seeds for many: give one of them.");
                SimulationReport report = Simulator.Run(Simulator.Of(one, scenarios), one, keepsHistory: parsed.GetValue(trace));
                return SimulationText.Show(terminal, report, parsed.GetValue(scenario), asJson);
            }

            if (parsed.GetValue(trace)) throw new CliException(CliErrors.Usage, "--trace tells of one run: name it with --seed.");
            (int first, int last) = Range(parsed.GetValue(seeds) ?? "1..1000");
            var progress = new StageProgress(terminal, environment.Time, quiet: asJson || !terminal.IsErrorInteractive);
            var options = new CampaignOptions { Progress = soFar => progress.Report((double)soFar.Seeds / ((long)last - first + 1)) };
            if (parsed.GetValue(parallel) is > 0 and var count) options = options with { Parallelism = count };
            CampaignReport campaign = await progress.RunAsync(
                "Simulate", () => Simulator.RunAsync(environment, scenarios, first, last, options, cancellation), static report => Amounts.Count(report.Seeds, "seed"));
            return SimulationText.Show(terminal, campaign, parsed.GetValue(scenario), asJson);
        });
        return verb;
    }

    private static ImmutableArray<ScenarioType> Scenarios(string? name)
    {
        if (name is null) return BuiltIn.All;
        return BuiltIn.Find(name) is { } found
            ? [found]
            : throw new CliException(CliErrors.NotFound, $"There is no scenario '{PlainName(name)}'; there are {string.Join(", ", BuiltIn.All.Select(static scenario => scenario.Name))}.");
    }

    private static string PlainName(string name) => Agents.PlainText.Of(name);

    private static (int First, int Last) Range(string text)
    {
        Match parts = RangePattern().Match(text);
        if (parts.Success
            && int.TryParse(parts.Groups["first"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts.Groups["last"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int last) && first <= last)
            return (first, last);
        throw new CliException(CliErrors.Usage, $"--seeds is '{PlainName(text)}'; it is two whole numbers, the first not the larger: 1..1000.");
    }

    [GeneratedRegex(@"^(?<first>-?\d{1,10})\.\.(?<last>-?\d{1,10})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex RangePattern();
}
