using System.CommandLine;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module list</c>.</summary>
internal static class ListVerb
{
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Option<string?> home = DataFolder.Option();
        Option<bool> json = ModuleHome.Json();
        var verb = new Verb("list", "Lists the modules there are, every version of each.", "sirsi module list", "sirsi module list --home ./data --json") { home, json };
        verb.SetAction(async (parsed, cancellation) =>
        {
            using ModuleRegistry registry = await ModuleHome.OpenAsync(environment, parsed.GetValue(home), write: false, development: false, cancellation);
            foreach (string damage in registry.Damage) terminal.Messages.MarkupLineInterpolated($"[yellow]damaged[/]: {damage}");
            if (parsed.GetValue(json)) WriteJson(terminal, registry);
            else WriteTable(terminal, registry);
            return registry.Damage.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static void WriteTable(Terminal terminal, ModuleRegistry registry)
    {
        var modules = registry.List();
        if (modules.IsEmpty)
        {
            terminal.Results.WriteLine("There are no modules. 'sirsi module add FOLDER' takes one in.");
            return;
        }

        var table = new Listing("Module", "Version", "State", "Publisher", "Does");
        foreach (InstalledModule module in modules)
            table.Row(module.Manifest.Name, module.Manifest.Version.ToString(), ModuleReport.Word(module.State), ModuleReport.Publisher(module.Manifest), module.Manifest.Description);
        table.WriteTo(terminal.Results);
    }

    private static void WriteJson(Terminal terminal, ModuleRegistry registry) => terminal.WriteJson("sirsi.module-list/1", json =>
    {
        json.WriteStartArray("modules");
        foreach (InstalledModule module in registry.List())
        {
            json.WriteStartObject();
            ModuleReport.WriteMembers(json, module);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
