using System.Text.Json;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;

namespace Sirsi.Cli.Commands.Plugins;

/// <summary>
/// Counts what Terraform files hold: <c>{"paths": ["shop.tfstate"]}</c> gives the number of resources, by cloud and by kind, and of relations.
/// </summary>
internal sealed class EstatePlugin(HostExecutor executor) : IPlugin
{
    /// <inheritdoc/>
    public PluginMetadata Metadata { get; } = new()
    {
        Id = new PluginId("sirsi.estate"),
        Version = SemanticVersion.Parse("1.0.0"),
        Description = "Counts the resources of Terraform states and plans by cloud and kind.",
        Capabilities = ["file.read"],
    };

    /// <inheritdoc/>
    public async ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation)
    {
        if (input.ValueKind is not JsonValueKind.Object || !input.TryGetProperty("paths", out JsonElement paths) || paths.ValueKind is not JsonValueKind.Array
            || paths.GetArrayLength() == 0 || paths.EnumerateArray().Any(static path => path.ValueKind is not JsonValueKind.String))
            throw new ArgumentException("The input needs 'paths', a list of texts.", nameof(input));
        Estate estate = await EstateSource.ReadAsync(
            [.. paths.EnumerateArray().Select(static path => path.GetString()!)], executor: executor, cancellationToken: cancellation);
        return JsonValue.Of(json =>
        {
            json.WriteNumber("resources", estate.Resources.Length);
            json.WriteNumber("relations", estate.Resources.Sum(static resource => resource.Relations.Length));
            WriteCounts(json, "byCloud", estate.Resources.Select(static resource => resource.Cloud.Word()));
            WriteCounts(json, "byKind", estate.Resources.Select(static resource => resource.Kind.Name));
        });
    }

    private static void WriteCounts(Utf8JsonWriter json, string name, IEnumerable<string> words)
    {
        json.WriteStartObject(name);
        foreach (IGrouping<string, string> group in words.GroupBy(static word => word, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal))
            json.WriteNumber(group.Key, group.Count());
        json.WriteEndObject();
    }
}
