using System.Text.Json;
using Sample.Words;
using Sirsi.Core.Plugins;

namespace Sample.Greeting;

/// <summary>A small plug-in in a folder of its own: takes <c>{"name": …}</c>, gives <c>{"text": …}</c>.</summary>
public sealed class GreetingPlugin : IPlugin
{
#if VERSION1
    private const string Version = "1.0.0";
#else
    private const string Version = "2.0.0";
#endif

    /// <inheritdoc/>
    public PluginMetadata Metadata { get; } = new()
    {
        Id = new PluginId("sample.greeting"),
        Version = SemanticVersion.Parse(Version),
        Description = "Greets whom it is given.",
        Capabilities = ["speak"],
        HostVersions = VersionRange.Parse(">=0.1.0 <1.0.0"),
    };

    /// <inheritdoc/>
    public async ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation)
    {
        await Task.Yield();
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("text", $"{Vocabulary.Greeting}, {input.GetProperty("name").GetString()}!");
            writer.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }
}
