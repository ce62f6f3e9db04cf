using System.Text.Json;
using Sirsi.Cli.Commands.Prices;
using Sirsi.Clouds.Prices;
using Sirsi.Core.Plugins;

namespace Sirsi.Cli.Commands.Plugins;

/// <summary>
/// Looks up machine prices: <c>{"size": "m5.large", "region": "us-east-1"}</c> gives <c>{"offers": […]}</c>, the size itself first and then
/// its nearest neighbours on the other clouds; no offers when the size or region is not known.
/// </summary>
internal sealed class PricesPlugin : IPlugin
{
    /// <inheritdoc/>
    public PluginMetadata Metadata { get; } = new()
    {
        Id = new PluginId("sirsi.prices"),
        Version = SemanticVersion.Parse("1.0.0"),
        Description = "Looks up machine prices and their nearest equivalents, offline.",
    };

    /// <inheritdoc/>
    public ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation)
    {
        string size = Text(input, "size") ?? throw new ArgumentException("The input needs 'size', a text.", nameof(input));
        VmDescription? description = PriceCatalogue.Embedded.Describe(size, Text(input, "region"));
        return ValueTask.FromResult(JsonValue.Of(json =>
        {
            json.WriteStartArray("offers");
            if (description is not null)
            {
                SizePrices.WriteOffer(json, description.Offer);
                foreach (VmOffer offer in description.Equivalents) SizePrices.WriteOffer(json, offer);
            }

            json.WriteEndArray();
        }));
    }

    private static string? Text(JsonElement input, string name) =>
        input.ValueKind is JsonValueKind.Object && input.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;
}
