using System.Collections.Immutable;
using System.CommandLine;
using Sirsi.Cli.Commands.Wasm;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module inspect</c>.</summary>
internal static class InspectVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> subject = ModuleHome.Reference("NAME[@VERSION]|FILE");
        Option<string?> home = DataFolder.Option();
        Option<bool> json = ModuleHome.Json();
        var verb = new Verb("inspect", "Shows what a module is, what it asks for and what it would be able to do; runs nothing of it.",
            "sirsi module inspect tag-policy", "sirsi module inspect tag-policy@1.2.0 --json", "sirsi module inspect ./build/release.wasm")
        {
            subject, home, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            string text = parsed.GetRequiredValue(subject);
            if (text.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || File.Exists(text))
            {
                Show(terminal, null, ModuleInspection.Of(ModuleFile.Read(text).Binary(), environment.Time), text, parsed.GetValue(json));
                return ExitCode.Ok;
            }

            using ModuleRegistry registry = await ModuleHome.OpenAsync(environment, parsed.GetValue(home), write: false, development: false, cancellation);
            (string name, SemanticVersion? version) = ModuleHome.Parse(text);
            InstalledModule module = registry.Find(name, version);
            ModuleInspection inspection = await registry.InspectAsync(name, module.Manifest.Version, cancellation);
            Show(terminal, module, inspection, module.ToString(), parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Show(Terminal terminal, InstalledModule? module, ModuleInspection inspection, string subject, bool json)
    {
        if (json)
        {
            terminal.WriteJson("sirsi.module-inspection/1", writer =>
            {
                writer.WriteString("subject", subject);
                writer.WriteString("kind", inspection.Kind.ToString().ToLowerInvariant());
                writer.WriteNumber("bytes", inspection.Bytes);
                writer.WriteTexts("imports", inspection.Imports);
                writer.WriteTexts("exports", inspection.Exports);
                writer.WriteTexts("abilities", inspection.Abilities);
                if (module is null) return;
                writer.WriteStartObject("module");
                ModuleReport.WriteMembers(writer, module);
                writer.WriteEndObject();
            });
            return;
        }

        terminal.Results.MarkupLineInterpolated($"[bold]{subject}[/]  {Kind(inspection.Kind)}, {Amounts.Count(inspection.Bytes, "byte")}");
        if (module is not null)
        {
            terminal.Results.WriteLine($"{ModuleReport.Word(module.State)}, by {ModuleReport.Publisher(module.Manifest)}, {module.Digest}");
            terminal.Results.WriteLine(module.Manifest.Description);
        }

        Texts(terminal, "It", inspection.Abilities);
        Texts(terminal, "Import", inspection.Imports);
        Texts(terminal, "Export", inspection.Exports);
        if (module is null || module.Manifest.Configuration.IsEmpty) return;
        terminal.Results.WriteLine("");
        var table = new Listing("Configuration", "Type", "Default", "Description");
        foreach ((string name, ConfigurationEntry entry) in module.Manifest.Configuration)
            table.Row(name, entry.Type.ToString().ToLowerInvariant(), entry.Default ?? (entry.IsRequired ? "required" : "–"), entry.Description);
        table.WriteTo(terminal.Results);
    }

    private static string Kind(ModuleKind kind) => kind is ModuleKind.Command ? "WASI command" : "Extism plug-in";

    private static void Texts(Terminal terminal, string title, ImmutableArray<string> texts)
    {
        if (texts.IsEmpty) return;
        terminal.Results.WriteLine("");
        var table = new Listing(title);
        foreach (string text in texts) table.Row(text);
        table.WriteTo(terminal.Results);
    }
}
