using System.Text.Json;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Hypervisor.Modules.Registry;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Modules;

/// <summary>Shows versions of modules.</summary>
internal static class ModuleReport
{
    /// <summary>What one change left behind.</summary>
    public static void Show(Terminal terminal, InstalledModule module, string done, bool json)
    {
        if (json)
        {
            terminal.WriteJson("sirsi.module-version/1", writer => WriteMembers(writer, module));
            return;
        }

        terminal.Results.MarkupLineInterpolated($"{done} [bold]{module}[/]");
        if (module.State is not ModuleState.Waiting) return;
        terminal.Results.WriteLine("\nIt waits for a person, for it asks for more than this module was granted before:");
        WriteRequests(terminal, module);
        terminal.Results.WriteLine($"\nTo allow all of it: sirsi module grant {module}");
    }

    public static void WriteRequests(Terminal terminal, InstalledModule module)
    {
        var table = new Listing("Asks for", "Granted", "Reason");
        foreach (CapabilityRequest request in module.Manifest.Capabilities) table.Row(request.Capability.ToString(), Granted(module, request.Capability.ToString()), request.Reason);
        foreach (string host in module.Manifest.Network) table.Row("network:" + host, Granted(module, "network:" + host), "–");
        table.WriteTo(terminal.Results);
    }

    public static void WriteMembers(Utf8JsonWriter json, InstalledModule module)
    {
        ModuleManifest manifest = module.Manifest;
        json.WriteString("name", manifest.Name);
        json.WriteString("version", manifest.Version.ToString());
        json.WriteString("state", Word(module.State));
        json.WriteString("agentType", manifest.AgentType);
        json.WriteString("description", manifest.Description);
        json.WriteString("publisher", manifest.Publisher);
        json.WriteBoolean("signed", manifest.IsSigned);
        json.WriteString("digest", module.Digest.ToString());
        json.WriteString("addedAt", module.AddedAt);
        json.WriteString("grantedBy", module.Grant?.By);
        json.WriteStartArray("capabilities");
        foreach (CapabilityRequest request in manifest.Capabilities)
        {
            json.WriteStartObject();
            json.WriteString("capability", request.Capability.ToString());
            json.WriteString("reason", request.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteTexts("network", manifest.Network);
        json.WriteTexts("unanswered", module.Unanswered);
    }

    public static string Word(ModuleState state) => state.ToString().ToLowerInvariant();

    /// <summary>The publisher as tables show it.</summary>
    public static string Publisher(ModuleManifest manifest) => manifest.IsSigned ? manifest.Publisher : "nobody (unsigned)";

    private static string Granted(InstalledModule module, string asked) => module.Unanswered.Contains(asked, StringComparer.Ordinal) ? "no" : "yes";
}
