using System.Text.Json;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;

namespace Sirsi.Core.Benchmarks;

internal static class PluginBenchmarks
{
    public static void Run()
    {
        Execute("execute a plug-in that does nothing, no CPU cap", new());
        Execute("execute a plug-in that does nothing, CPU accounting", new() { CpuCap = new CpuCap(100, CpuShareOf.AllCores) });
    }

    private static void Execute(string name, GovernorOptions options)
    {
        using var governor = new ResourceGovernor("process", options, HostEnvironment.Production);
        var registry = new PluginRegistry(HostEnvironment.Production, governor, new() { HostVersion = SemanticVersion.Of(0, 1, 0) });
        var echo = new Echo();
        PluginId id = registry.Register(echo).Id;
        registry.PrepareAsync(id, CancellationToken.None).Wait();
        registry.ActivateAsync(id, CancellationToken.None).Wait();
        JsonElement input = JsonDocument.Parse("{}").RootElement;
        Measurement.Print(name, 100_000, budgetNs: 0, times =>
        {
            for (int i = 0; i < times; i++) registry.ExecuteAsync(id, input, CancellationToken.None).GetAwaiter().GetResult();
        });
    }

    private sealed class Echo : IPlugin
    {
        public PluginMetadata Metadata { get; } = new()
        {
            Id = new PluginId("echo"),
            Version = SemanticVersion.Of(1, 0, 0),
            Description = "Gives back what it is given.",
        };

        public ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation) => ValueTask.FromResult(input);
    }
}
