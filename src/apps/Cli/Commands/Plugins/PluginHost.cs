using System.Collections.Immutable;
using System.Reflection;
using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;

namespace Sirsi.Cli.Commands.Plugins;

/// <summary>The plug-ins this program knows: its own, and those of folders.</summary>
internal sealed class PluginHost : IDisposable
{
    private readonly ResourceGovernor _governor;

    private PluginHost(ResourceGovernor governor, PluginRegistry registry, ImmutableArray<Diagnostic> refusals)
    {
        _governor = governor;
        Registry = registry;
        Refusals = refusals;
    }

    /// <summary>Those that were taken in.</summary>
    public PluginRegistry Registry { get; }

    /// <summary>Why others were not.</summary>
    public ImmutableArray<Diagnostic> Refusals { get; }

    /// <summary>Takes in the built-in plug-ins, those below <c>SIRSI_HOME/plugins</c>, and those of the given folders.</summary>
    public static PluginHost Open(HostEnvironment environment, IEnumerable<string> folders)
    {
        var governor = new ResourceGovernor("sirsi", GovernorOptions.Production, environment);
        var registry = new PluginRegistry(environment, governor, new PluginRegistryOptions { HostVersion = HostVersion() });
        ImmutableArray<PluginRegistration> registrations =
        [
            registry.Register(new PricesPlugin()),
            registry.Register(new EstatePlugin(environment.Executor)),
            .. HomeFolders().Concat(folders).Select(registry.LoadFolder),
        ];
        return new(governor, registry, [.. registrations.Where(static registration => !registration.IsAccepted).Select(static registration => registration.Refusal!)]);
    }

    /// <summary>Leads one plug-in to where it can run.</summary>
    public async Task ActivateAsync(PluginId id, CancellationToken cancellation)
    {
        await Registry.PrepareAsync(id, cancellation);
        await Registry.ActivateAsync(id, cancellation);
    }

    /// <summary>Leads all plug-ins to where they can run.</summary>
    public async Task ActivateAllAsync(CancellationToken cancellation)
    {
        foreach (PluginListing plugin in Registry.List()) await ActivateAsync(plugin.Id, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _governor.Dispose();

    private static SemanticVersion HostVersion()
    {
        string version = typeof(PluginHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        return SemanticVersion.Parse(version);
    }

    private static IEnumerable<string> HomeFolders()
    {
        string? home = Environment.GetEnvironmentVariable("SIRSI_HOME");
        if (string.IsNullOrEmpty(home))
            home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "sirsi");
        string plugins = Path.Combine(home, "plugins");
        return Directory.Exists(plugins) ? Directory.EnumerateDirectories(plugins).Order(StringComparer.Ordinal) : [];
    }
}
