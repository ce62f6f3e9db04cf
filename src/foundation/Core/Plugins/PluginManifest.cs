using System.Collections.Immutable;
using System.Text.Json;

namespace Sirsi.Core.Plugins;

/// <summary>
/// The file <c>plugin.json</c> of a plug-in folder: a JSON object with <c>schema</c> (<see cref="Schema"/>), <c>id</c>, <c>version</c>, <c>description</c>,
/// <c>assembly</c> (a file name in the folder), <c>type</c> (the full name of a public class with a constructor without
/// parameters) and, if wanted, <c>capabilities</c> (texts) and <c>host</c> (a range of versions). What it says is known, and judged, before any
/// code of the plug-in runs; the plug-in itself must say the same.
/// </summary>
/// <param name="Metadata">What the plug-in is.</param>
/// <param name="Assembly">The file name of its assembly.</param>
/// <param name="Type">The full name of its class.</param>
public sealed record PluginManifest(PluginMetadata Metadata, string Assembly, string Type)
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "plugin.json";

    /// <summary>The name and version of the layout (<c>docs/schemas/plugin.md</c>); no other is read.</summary>
    public const string Schema = "sirsi.plugin/1";

    /// <summary>The largest manifest that is read, in bytes.</summary>
    public const int BytesMax = 64 * 1024;

    private static readonly string[] Fields = ["schema", "id", "version", "description", "assembly", "type", "capabilities", "host"];

    /// <summary>Reads a manifest; gives every problem there is, and null if there is any.</summary>
    public static PluginManifest? Read(ReadOnlyMemory<byte> json, out ImmutableArray<string> problems)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        PluginManifest? manifest = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            manifest = document.RootElement.ValueKind is JsonValueKind.Object ? Read(document.RootElement, found) : null;
            if (document.RootElement.ValueKind is not JsonValueKind.Object) found.Add("It must be a JSON object.");
        }
        catch (JsonException failure)
        {
            found.Add($"It is not valid JSON: {failure.Message}");
        }

        problems = found.ToImmutable();
        return problems.IsEmpty ? manifest : null;
    }

    private static PluginManifest? Read(JsonElement root, ImmutableArray<string>.Builder problems)
    {
        foreach (JsonProperty property in root.EnumerateObject())
            if (!Fields.Contains(property.Name, StringComparer.Ordinal)) problems.Add($"'{property.Name}' is no field of a manifest.");
        if (!root.TryGetProperty("schema", out JsonElement schema) || schema.ValueKind is not JsonValueKind.String || !schema.ValueEquals(Schema))
            problems.Add($"'schema' must be \"{Schema}\".");
        string assembly = Text(root, "assembly", problems);
        if (assembly.Length > 0 && (assembly != Path.GetFileName(assembly) || assembly.Contains('\\', StringComparison.Ordinal)
            || !assembly.EndsWith(".dll", StringComparison.Ordinal) || assembly[0] == '.')) problems.Add("'assembly' must be the name of a .dll file in the folder.");
        string type = Text(root, "type", problems);
        string id = Text(root, "id", problems);
        string description = Text(root, "description", problems);
        if (!SemanticVersion.TryParse(Text(root, "version", problems), out SemanticVersion? version)) problems.Add("'version' must be a semantic version.");
        VersionRange? host = VersionRange.Any;
        if (root.TryGetProperty("host", out _) && !VersionRange.TryParse(Text(root, "host", problems), out host))
            problems.Add("'host' must be a range of versions.");
        ImmutableArray<string> capabilities = Texts(root, "capabilities", problems);
        if (problems.Count > 0) return null;
        var metadata = new PluginMetadata
        {
            Id = new PluginId(id),
            Version = version!,
            Description = description,
            Capabilities = capabilities,
            HostVersions = host!,
        };
        problems.AddRange(metadata.Problems());
        return new PluginManifest(metadata, assembly, type);
    }

    private static string Text(JsonElement root, string name, ImmutableArray<string>.Builder problems)
    {
        if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            return text;
        problems.Add($"'{name}' must be a text that is not empty.");
        return "";
    }

    private static ImmutableArray<string> Texts(JsonElement root, string name, ImmutableArray<string>.Builder problems)
    {
        if (!root.TryGetProperty(name, out JsonElement list)) return [];
        if (list.ValueKind is JsonValueKind.Array && list.EnumerateArray().All(static item => item.ValueKind is JsonValueKind.String))
            return [.. list.EnumerateArray().Select(static item => item.GetString()!)];
        problems.Add($"'{name}' must be a list of texts.");
        return [];
    }
}
