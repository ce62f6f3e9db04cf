using System.CommandLine;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Core.Errors;
using Sirsi.Wasm;
using Sirsi.Wasm.Spec;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm spectest</c>: runs scripts of the specification suite.</summary>
internal static class SpecTestVerb
{
    private const int FailuresShown = 50;

    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        var paths = new Argument<string[]>("SCRIPT")
        {
            Description = "Scripts as wast2json writes them (*.json), or folders that hold some.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string> engine = EngineOptions.EngineOption();
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("spectest", "Runs scripts of the WebAssembly specification suite; the exit code is 1 when something fails.",
            "sirsi wasm spectest wasm-spec/core", "sirsi wasm spectest wasm-spec/core/simd_const/simd_const.json --engine interpreter --json")
        {
            paths, engine, json,
        };
        verb.SetAction((parsed, cancellation) =>
        {
            string[] scripts = [.. parsed.GetRequiredValue(paths).SelectMany(Scripts)];
            WasmEngineKind kind = EngineOptions.Kind(parsed.GetRequiredValue(engine));
            bool asJson = parsed.GetValue(json);
            var progress = new StageProgress(terminal, time, quiet: asJson || !terminal.IsErrorInteractive);
            SpecReport report = progress.Run(
                "Run", () => Run(scripts, kind, time, progress, cancellation), static report => $"{Amounts.Count(report.Passed, "assertion")} held");
            if (asJson) WriteJson(terminal, scripts, report);
            else WriteText(terminal, report);
            return Task.FromResult(report.Failed == 0 ? ExitCode.Ok : ExitCode.Failed);
        });
        return verb;
    }

    private static IEnumerable<string> Scripts(string path)
    {
        if (File.Exists(path)) return [path];
        string[] found = Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : throw new CliException(CoreErrors.FileInaccessible, $"{path}: there is no such file or folder.");
        return found.Length > 0 ? found : throw new CliException(CliErrors.NotFound, $"{path} holds no script (*.json).");
    }

    private static SpecReport Run(
        string[] scripts, WasmEngineKind kind, TimeProvider time, StageProgress progress, CancellationToken cancellation)
    {
        var report = new SpecReport();
        for (int i = 0; i < scripts.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress.Report((double)i / scripts.Length);
            try
            {
                SpecScript.Run(scripts[i], new WasmEngine(time, SpecScript.Options(scripts[i]) with { Engine = kind }), report);
            }
            catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
                or IOException or UnauthorizedAccessException)
            {
                throw new CliException(CoreErrors.FileInaccessible, $"{scripts[i]} is no script of the specification suite: {failure.Message}");
            }
        }

        return report;
    }

    private static void WriteText(Terminal terminal, SpecReport report)
    {
        foreach (string failure in report.Failures.Take(FailuresShown)) terminal.Messages.MarkupLineInterpolated($"[red]failed[/] {failure}");
        if (report.Failures.Count > FailuresShown) terminal.Messages.WriteLine($"… and {report.Failures.Count - FailuresShown} more");
        var table = new Listing("Command", ">Passed", ">Failed", ">Skipped");
        foreach ((string type, SpecCount count) in report.Counts)
            table.Row(type, Amounts.Count(count.Passed), Amounts.Count(count.Failed), Amounts.Count(count.Skipped));
        table.WriteTo(terminal.Results);
        terminal.Results.WriteLine();
        terminal.Results.WriteLine($"{report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped");
    }

    private static void WriteJson(Terminal terminal, string[] scripts, SpecReport report) => terminal.WriteJson("sirsi.wasm-spectest/1", json =>
    {
        json.WriteNumber("scripts", scripts.Length);
        json.WriteNumber("passed", report.Passed);
        json.WriteNumber("failed", report.Failed);
        json.WriteNumber("skipped", report.Skipped);
        json.WriteStartObject("commands");
        foreach ((string type, SpecCount count) in report.Counts)
        {
            json.WriteStartObject(type);
            json.WriteNumber("passed", count.Passed);
            json.WriteNumber("failed", count.Failed);
            json.WriteNumber("skipped", count.Skipped);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("failures");
        foreach (string failure in report.Failures) json.WriteStringValue(failure);
        json.WriteEndArray();
    });
}
