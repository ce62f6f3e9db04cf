using System.CommandLine;
using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Plugins;

/// <summary><c>sirsi plugins</c>: the plug-ins of this program and of the plug-in folders.</summary>
internal static class PluginsCommand
{
    /// <summary>The verb and what is below it; without more it lists.</summary>
    public static Verb Create(Terminal terminal, HostEnvironment environment)
    {
        var folders = new Option<string[]>("--folder", "-f")
        {
            Description = "A folder with a plug-in in it (plugin.json); may be given more than once. Always searched: SIRSI_HOME/plugins.",
            HelpName = "DIR",
            Recursive = true,
        };
        var json = new Option<bool>("--json") { Description = "Answer with one JSON document.", Recursive = true };
        var verb = new Verb("plugins", "Lists, checks and runs plug-ins.",
            "sirsi plugins", "sirsi plugins --folder ./our-plugin", "sirsi plugins run sirsi.prices --input '{\"size\":\"m5.large\"}'")
        {
            Check(terminal, environment, folders, json),
            Run(terminal, environment, folders),
        };
        verb.Add(folders);
        verb.Add(json);
        verb.SetAction(parsed =>
        {
            using PluginHost host = PluginHost.Open(environment, parsed.GetValue(folders) ?? []);
            if (parsed.GetValue(json)) WriteJson(terminal, host);
            else WriteTable(terminal, host);
            return host.Refusals.IsEmpty ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static void WriteTable(Terminal terminal, PluginHost host)
    {
        var table = new Listing("Plug-in", "Version", "State", "From", "What it does", "Capabilities");
        foreach (PluginListing plugin in host.Registry.List())
            table.Row(plugin.Id.Value, plugin.Version.ToString(), plugin.State.ToString(), plugin.Origin == "code" ? "built in" : plugin.Origin,
                plugin.Description, plugin.Capabilities.IsEmpty ? "–" : string.Join(", ", plugin.Capabilities));
        table.WriteTo(terminal.Results);
        foreach (Core.Errors.Diagnostic refusal in host.Refusals)
            terminal.Messages.MarkupLineInterpolated($"[red]error {refusal.Code}[/]: {refusal.Position}: {refusal.Message}");
    }

    private static void WriteJson(Terminal terminal, PluginHost host) => terminal.WriteJson("sirsi.plugins/1", json =>
    {
        json.WriteStartArray("plugins");
        foreach (PluginListing plugin in host.Registry.List())
        {
            json.WriteStartObject();
            json.WriteString("id", plugin.Id.Value);
            json.WriteString("version", plugin.Version.ToString());
            json.WriteString("state", plugin.State.ToString());
            json.WriteString("origin", plugin.Origin);
            json.WriteString("description", plugin.Description);
            json.WriteStartArray("capabilities");
            foreach (string capability in plugin.Capabilities) json.WriteStringValue(capability);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("refused");
        foreach (Core.Errors.Diagnostic refusal in host.Refusals) json.WriteStringValue(refusal.ToString());
        json.WriteEndArray();
    });

    private static Verb Check(Terminal terminal, HostEnvironment environment, Option<string[]> folders, Option<bool> json)
    {
        var verb = new Verb("check", "Asks every plug-in how it is.", "sirsi plugins check");
        verb.SetAction(async (parsed, cancellation) =>
        {
            using PluginHost host = PluginHost.Open(environment, parsed.GetValue(folders) ?? []);
            await host.ActivateAllAsync(cancellation);
            PluginHealthReport[] reports = [.. await host.Registry.CheckHealthAsync(cancellation)];
            if (parsed.GetValue(json))
            {
                terminal.WriteJson("sirsi.plugin-health/1", writer =>
                {
                    writer.WriteStartArray("plugins");
                    foreach (PluginHealthReport report in reports)
                    {
                        writer.WriteStartObject();
                        writer.WriteString("id", report.Id.Value);
                        writer.WriteString("condition", report.Health.Condition.ToString());
                        writer.WriteString("detail", report.Health.Detail);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                });
            }
            else
            {
                var table = new Listing("Plug-in", "Condition", "Detail");
                foreach (PluginHealthReport report in reports)
                    table.Row(report.Id.Value, report.Health.Condition.ToString(), report.Health.Detail.Length == 0 ? "–" : report.Health.Detail);
                table.WriteTo(terminal.Results);
            }

            bool well = host.Refusals.IsEmpty && reports.All(static report => report.Health.Condition is PluginCondition.Healthy);
            return well ? ExitCode.Ok : ExitCode.Failed;
        });
        return verb;
    }

    private static Verb Run(Terminal terminal, HostEnvironment environment, Option<string[]> folders)
    {
        var id = new Argument<string>("PLUGIN") { Description = "The plug-in's id, as listed." };
        var input = new Option<string>("--input", "-i") { Description = "Its input as JSON.", HelpName = "JSON", DefaultValueFactory = static _ => "{}" };
        var verb = new Verb("run", "Runs a plug-in once under the governor and prints its output as JSON.",
            "sirsi plugins run sirsi.prices --input '{\"size\":\"m5.large\",\"region\":\"us-east-1\"}'")
        {
            id, input,
        };
        verb.SetAction(async (parsed, cancellation) =>
        {
            JsonElement value = ParseInput(parsed.GetRequiredValue(input));
            using PluginHost host = PluginHost.Open(environment, parsed.GetValue(folders) ?? []);
            var plugin = new PluginId(parsed.GetRequiredValue(id));
            await host.ActivateAsync(plugin, cancellation);
            JsonElement output = await host.Registry.ExecuteAsync(plugin, value, cancellation);
            terminal.WriteJson(output);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static JsonElement ParseInput(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException failure)
        {
            throw new CliException(CliErrors.Usage, $"--input is no JSON: {failure.Message}");
        }
    }
}
