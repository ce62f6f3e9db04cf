using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary><c>sirsi module configure</c>.</summary>
internal static class ConfigureVerb
{
    private const string Schema = "sirsi.module-configuration/1";

    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        Argument<string> name = ModuleHome.Reference("NAME");
        var pairs = new Argument<string[]>("VALUES") { HelpName = "KEY=VALUE", Description = "Values to keep; secrets as secret:NAME. Without any, shows what there is.", Arity = ArgumentArity.ZeroOrMore };
        pairs.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
                if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1) result.AddError("Values are KEY=VALUE.");
        });
        var unset = new Option<string[]>("--unset") { Description = "A value to forget, so that its default holds; any number of times.", HelpName = "KEY" };
        Option<string?> home = DataFolder.Option();
        Option<bool> json = ModuleHome.Json();
        var verb = new Verb("configure", "Keeps values for a module's configuration, or shows them. Its agents have them from the next command on.",
            "sirsi module configure cost-totals", "sirsi module configure cost-totals currency=USD", "sirsi module configure notifier token=secret:shop/token --unset level")
        {
            name, pairs, unset, home, json,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            string module = parsed.GetRequiredValue(name);
            ImmutableDictionary<string, string> values = Pairs.Read(parsed.GetValue(pairs));
            string[] forgotten = parsed.GetValue(unset) ?? [];
            bool changes = values.Count + forgotten.Length > 0;
            using ModuleRegistry registry = await ModuleHome.OpenAsync(environment, parsed.GetValue(home), write: changes, development: false, cancellation);
            InstalledModule configured = changes ? await registry.ConfigureAsync(module, values, forgotten, cancellation) : registry.Find(module);
            Show(terminal, configured, registry.Configuration(module), parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return verb;
    }

    /// <summary>The values that a version needs and that nobody has set.</summary>
    public static string[] Missing(ModuleManifest manifest, ImmutableSortedDictionary<string, string> values) =>
        [.. manifest.Configuration.Where(member => member.Value is { IsRequired: true, Default: null } && !values.ContainsKey(member.Key)).Select(static member => member.Key)];

    private static void Show(Terminal terminal, InstalledModule module, ImmutableSortedDictionary<string, string> values, bool json)
    {
        string[] missing = Missing(module.Manifest, values);
        if (json)
        {
            terminal.WriteJson(Schema, writer =>
            {
                writer.WriteString("module", module.ToString());
                WriteValues(writer, module.Manifest, values);
                writer.WriteTexts("missing", missing);
            });
            return;
        }

        if (module.Manifest.Configuration.IsEmpty)
        {
            terminal.Results.WriteLine($"{module} has no configuration.");
            return;
        }

        var table = new Listing("Configuration", "Type", "Is", "Because", "Description");
        foreach ((string name, ConfigurationEntry entry) in module.Manifest.Configuration)
        {
            string because = values.ContainsKey(name) ? "set" : entry.Default is not null ? "default" : entry.IsRequired ? "required" : "–";
            table.Row(name, Word(entry.Type), PlainText.Of(values.GetValueOrDefault(name) ?? entry.Default ?? "–"), because, entry.Description);
        }

        table.WriteTo(terminal.Results);
        if (missing.Length > 0) terminal.Results.MarkupLineInterpolated($"\nStill needed: {string.Join(", ", missing)}. Until then there are no agents of it.");
    }

    private static void WriteValues(Utf8JsonWriter json, ModuleManifest manifest, ImmutableSortedDictionary<string, string> values)
    {
        json.WriteStartArray("values");
        foreach ((string name, ConfigurationEntry entry) in manifest.Configuration)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("type", Word(entry.Type));
            json.WriteString("value", values.GetValueOrDefault(name) ?? entry.Default);
            json.WriteBoolean("set", values.ContainsKey(name));
            json.WriteBoolean("required", entry.IsRequired);
            json.WriteString("description", entry.Description);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Word(ConfigurationType type) => type.ToString().ToLowerInvariant();
}
