using System.CommandLine;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Wasm;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary><c>sirsi wasm inspect</c>: what a module is made of, asks for and could do.</summary>
internal static class InspectVerb
{
    public static Verb Create(Terminal terminal, TimeProvider time)
    {
        Argument<string> path = ModuleFile.Argument();
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document." };
        var verb = new Verb("inspect", "Shows what a module is made of, what it asks for and offers, and what it could reach.",
            "sirsi wasm inspect plugin.wasm", "sirsi wasm inspect samples/wasm/hello.wat --json")
        {
            path, json,
        };
        verb.SetAction(parsed =>
        {
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            ReadOnlyMemory<byte> binary = file.Binary();
            WasmModule module = file.Load(new WasmEngine(time));
            List<string> features = ModuleFacts.FeaturesUsed(binary, time);
            if (parsed.GetValue(json)) WriteJson(terminal, file, binary, module, features);
            else WriteText(terminal, file, binary, module, features);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void WriteText(
        Terminal terminal, ModuleFile file, ReadOnlyMemory<byte> binary, WasmModule module, List<string> features)
    {
        IAnsiConsole console = terminal.Results;
        string name = module.Name.Length == 0 ? "" : $" ({module.Name})";
        console.MarkupLineInterpolated($"[bold]{file.Path}[/]{name}  {Amounts.Count(binary.Length, "byte")}");
        console.WriteLine();
        var facts = new Listing("", "");
        facts.Row("Needs", features.Count == 0 ? "WebAssembly 2.0" : "WebAssembly 2.0, " + string.Join(", ", features));
        facts.Row("Holds", string.Join(" · ", ModuleFacts.Counts(module).Where(static part => part.Count > 0)
            .Select(static part => Amounts.Count(part.Count, part.One, part.Many))));
        foreach (string storage in ModuleFacts.Storage(module)) facts.Row("Storage", storage);
        List<string> reach = ModuleFacts.Reach(module);
        facts.Row("Could reach", reach.Count == 0 ? "nothing outside of itself" : string.Join("; ", reach));
        facts.WriteTo(console);
        Section(console, new Listing("Section", ">At byte", ">Bytes"), ModuleSection.Of(binary),
            static section => [section.Name, $"{section.Offset:#,##0}", $"{section.Bytes:#,##0}"]);
        Section(console, new Listing("Import", "Type"), module.Imports,
            static import => [$"{import.Module}.{import.Name}", ExternText.Describe(import.Type)]);
        Section(console, new Listing("Export", "Type"), module.Exports, static export => [export.Name, ExternText.Describe(export.Type)]);
    }

    private static void Section<T>(IAnsiConsole console, Listing table, IReadOnlyCollection<T> items, Func<T, string[]> row)
    {
        if (items.Count == 0) return;
        console.WriteLine();
        foreach (T item in items) table.Row(row(item));
        table.WriteTo(console);
    }

    private static void WriteJson(
        Terminal terminal, ModuleFile file, ReadOnlyMemory<byte> binary, WasmModule module, List<string> features) => terminal.WriteJson("sirsi.wasm-module/1", json =>
    {
        json.WriteString("file", file.Path);
        json.WriteString("name", module.Name);
        json.WriteNumber("bytes", binary.Length);
        WriteTexts(json, "features", features);
        WriteTexts(json, "storage", ModuleFacts.Storage(module));
        WriteTexts(json, "reach", ModuleFacts.Reach(module));
        json.WriteStartObject("counts");
        foreach ((_, string many, int count) in ModuleFacts.Counts(module)) json.WriteNumber(many, count);
        json.WriteEndObject();
        json.WriteStartArray("sections");
        foreach (ModuleSection section in ModuleSection.Of(binary))
        {
            json.WriteStartObject();
            json.WriteString("name", section.Name);
            json.WriteNumber("offset", section.Offset);
            json.WriteNumber("bytes", section.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("imports");
        foreach (WasmImport import in module.Imports) WriteExtern(json, import.Module, import.Name, import.Type);
        json.WriteEndArray();
        json.WriteStartArray("exports");
        foreach (WasmExport export in module.Exports) WriteExtern(json, null, export.Name, export.Type);
        json.WriteEndArray();
    });

    private static void WriteExtern(Utf8JsonWriter json, string? module, string name, WasmExternType type)
    {
        json.WriteStartObject();
        if (module is not null) json.WriteString("module", module);
        json.WriteString("name", name);
        json.WriteString("kind", ExternText.Word(type.Kind));
        json.WriteString("type", ExternText.Describe(type));
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
