using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Simulation;
using Sirsi.Simulation.Running;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Simulating;

/// <summary>What came of simulated runs, as text and as JSON.</summary>
internal static class SimulationText
{
    public static int List(Terminal terminal, ImmutableArray<ScenarioType> scenarios, bool asJson)
    {
        if (asJson)
        {
            terminal.WriteJson("sirsi.simulation-scenarios/1", json =>
            {
                json.WriteStartArray("scenarios");
                foreach (ScenarioType scenario in scenarios)
                {
                    json.WriteStartObject();
                    json.WriteString("name", scenario.Name);
                    json.WriteString("promise", scenario.Promise);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        var table = new Listing("Scenario", "Holds the host to");
        foreach (ScenarioType scenario in scenarios) table.Row(scenario.Name, scenario.Promise);
        table.WriteTo(terminal.Results);
        return ExitCode.Ok;
    }

    /// <summary>One run, with its history as far as it was kept.</summary>
    public static int Show(Terminal terminal, SimulationReport report, string? scenario, bool asJson)
    {
        if (asJson)
        {
            terminal.WriteJson("sirsi.simulation/1", json =>
            {
                WriteRun(json, report);
                json.WriteStartArray("history");
                foreach (HistoryEntry entry in report.History)
                {
                    json.WriteStartObject();
                    json.WriteString("at", Instant(entry.At));
                    json.WriteNumber("step", entry.Step);
                    json.WriteString("text", entry.Text);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
        else
        {
            foreach (HistoryEntry entry in report.History)
                terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.At:HH:mm:ss.fff}  {entry.Step,7}  {entry.Text}"));
            if (report.History.Length > 0) terminal.Results.WriteLine();
            terminal.Results.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"seed {report.Seed} of {report.Scenario}: {report.Steps:#,##0} steps, {Hours(report.VirtualTime)}, the process ended {report.Crashes} times, fingerprint {report.Fingerprint:x16}"));
            Say(terminal, report, scenario);
        }

        return report.Violation is null ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Many runs.</summary>
    public static int Show(Terminal terminal, CampaignReport report, string? scenario, bool asJson)
    {
        double perSecond = report.Seeds / Math.Max(report.RealTime.TotalSeconds, 0.001), faster = report.VirtualTime / report.RealTime;
        if (asJson)
        {
            terminal.WriteJson("sirsi.simulation-campaign/1", json =>
            {
                json.WriteNumber("seeds", report.Seeds);
                json.WriteNumber("steps", report.Steps);
                json.WriteNumber("processEnds", report.Crashes);
                json.WriteNumber("virtualHours", Math.Round(report.VirtualTime.TotalHours, 2));
                json.WriteNumber("seconds", Math.Round(report.RealTime.TotalSeconds, 3));
                json.WriteStartArray("failures");
                foreach (SimulationReport failure in report.Failures)
                {
                    json.WriteStartObject();
                    WriteRun(json, failure);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            });
        }
        else
        {
            foreach (SimulationReport failure in report.Failures) Say(terminal, failure, scenario);
            terminal.Results.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Seeds:#,##0} seeds ({perSecond:#,##0}/s), {report.Crashes:#,##0} ends of processes, {report.Steps:#,##0} steps, {Hours(report.VirtualTime)}, {faster:#,##0} times as fast as life"));
            terminal.Results.WriteLine($"{report.Seeds - report.Failures.Length} held, {report.Failures.Length} broken");
        }

        return report.Failures.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Say(Terminal terminal, SimulationReport report, string? scenario)
    {
        if (report.Violation is null) return;
        terminal.Messages.MarkupLineInterpolated($"[red]broken[/] {report.Scenario}: {report.Violation}");
        string only = scenario is null ? "" : $" --scenario {scenario}";
        terminal.Messages.MarkupLineInterpolated($"  again: sirsi simulate --seed {report.Seed}{only} --trace");
    }

    private static void WriteRun(Utf8JsonWriter json, SimulationReport report)
    {
        json.WriteNumber("seed", report.Seed);
        json.WriteString("scenario", report.Scenario);
        json.WriteString("violation", report.Violation);
        json.WriteNumber("steps", report.Steps);
        json.WriteNumber("processEnds", report.Crashes);
        json.WriteNumber("virtualHours", Math.Round(report.VirtualTime.TotalHours, 3));
        json.WriteString("fingerprint", report.Fingerprint.ToString("x16", CultureInfo.InvariantCulture));
    }

    private static string Instant(DateTimeOffset at) => at.ToString("O", CultureInfo.InvariantCulture);

    private static string Hours(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:#,##0.0} virtual hours");
}
