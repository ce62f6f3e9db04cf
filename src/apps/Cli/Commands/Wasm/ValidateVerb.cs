using System.CommandLine;
using System.Collections.Immutable;
using Sirsi.Cli.Output;
using Sirsi.Wasm;
using Sirsi.Wasm.Text;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm validate</c>: whether files are modules the engine takes.</summary>
internal static class ValidateVerb
{
    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        var paths = new Argument<string[]>("FILE") { Description = "Modules: binary (.wasm) or text (.wat).", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("validate", "Says whether modules are valid, and what is wrong where; the exit code is 1 when one is not.",
            "sirsi wasm validate plugin.wasm", "sirsi wasm validate a.wasm b.wat --json")
        {
            paths, json,
        };
        verb.SetAction(parsed =>
        {
            var engine = new WasmEngine(time);
            (ModuleFile File, ImmutableArray<Problem> Problems)[] judged = [.. parsed.GetRequiredValue(paths)
                .Select(ModuleFile.Read).Select(file => (file, Judge(engine, file)))];
            if (parsed.GetValue(json)) WriteJson(terminal, judged);
            else WriteText(terminal, judged);
            return judged.All(static one => one.Problems.IsEmpty) ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static ImmutableArray<Problem> Judge(WasmEngine engine, ModuleFile file)
    {
        ReadOnlyMemory<byte> binary = file.Content;
        if (file.IsText)
        {
            WatResult text = WatParser.Parse(file.Content);
            if (text.Module is not { } assembled)
                return [.. text.Problems.Select(static one => new Problem("malformed text", one.Message, one.Line, one.Column, -1))];
            binary = assembled;
        }

        return [.. engine.Check(binary).Select(static one => new Problem(ModuleFile.Word(one.Kind), one.Message, 0, 0, one.Offset))];
    }

    private static void WriteText(Terminal terminal, (ModuleFile File, ImmutableArray<Problem> Problems)[] judged)
    {
        foreach ((ModuleFile file, ImmutableArray<Problem> problems) in judged)
        {
            if (problems.IsEmpty) terminal.Results.MarkupLineInterpolated($"{file.Path}: [green]valid[/]");
            foreach (Problem problem in problems)
            {
                string place = problem.Line > 0 ? $":{problem.Line}:{problem.Column}" : "";
                terminal.Results.MarkupLineInterpolated($"{file.Path}{place}: [red]{problem.Kind}[/]: {problem.Message}");
            }
        }
    }

    private static void WriteJson(
        Terminal terminal, (ModuleFile File, ImmutableArray<Problem> Problems)[] judged) => terminal.WriteJson("sirsi.wasm-validation/1", json =>
    {
        json.WriteStartArray("modules");
        foreach ((ModuleFile file, ImmutableArray<Problem> problems) in judged)
        {
            json.WriteStartObject();
            json.WriteString("file", file.Path);
            json.WriteBoolean("valid", problems.IsEmpty);
            json.WriteStartArray("problems");
            foreach (Problem problem in problems)
            {
                json.WriteStartObject();
                json.WriteString("kind", problem.Kind);
                json.WriteString("message", problem.Message);
                if (problem.Line > 0)
                {
                    json.WriteNumber("line", problem.Line);
                    json.WriteNumber("column", problem.Column);
                }

                if (problem.Offset >= 0) json.WriteNumber("offset", problem.Offset);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>What is wrong; a place in the text, or in the bytes, or neither (0, 0, -1).</summary>
    private sealed record Problem(string Kind, string Message, int Line, int Column, long Offset);
}
