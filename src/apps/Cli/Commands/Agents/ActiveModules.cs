using Sirsi.Cli.Commands.Modules;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Modules.Registry;
using Sirsi.Wasm.Extism;

namespace Sirsi.Cli.Commands.Agents;

/// <summary>The agent types that active modules supply. Their agents are durable, so that the next command finds them.</summary>
internal sealed class ActiveModules
{
    private readonly SortedDictionary<string, string> _absent = new(StringComparer.Ordinal);

    /// <summary>The types, to open a host with.</summary>
    public AgentTypes Types { get; } = new();

    /// <summary>Loads every active module. One that cannot be loaded is left out: its agents rest meanwhile.</summary>
    public static async Task<ActiveModules> LoadAsync(
        HostEnvironment environment, string? home, bool development, Action<AgentId, ExtismLogLevel, string> log, CancellationToken cancellation)
    {
        var modules = new ActiveModules();
        using ModuleRegistry registry = await ModuleHome.OpenAsync(environment, home, write: false, development, cancellation);
        var options = new ModuleLoadOptions { Log = log };
        foreach (InstalledModule module in registry.List().OrderByDescending(static module => module.State is ModuleState.Active))
            await modules.AddAsync(registry, module, options, cancellation);
        return modules;
    }

    /// <summary>Refuses a type that no active module supplies.</summary>
    /// <exception cref="CliException">It is none; the message says what to do.</exception>
    public void ThrowUnlessThere(string type)
    {
        if (Types.Find(type) is not null) return;
        throw new CliException(CliErrors.NotFound, _absent.TryGetValue(type, out string? why)
            ? $"There are no agents of the type '{type}' now: {why}"
            : Types.All.IsEmpty
                ? $"There is no agent type '{type}', for no module is active: see 'sirsi module add' and 'sirsi module activate'."
                : $"There is no agent type '{type}'; {NearestName.Hint(type, [.. Types.All.Select(static known => known.Name)])}");
    }

    private async Task AddAsync(ModuleRegistry registry, InstalledModule module, ModuleLoadOptions options, CancellationToken cancellation)
    {
        string type = module.Manifest.AgentType;
        if (Types.Find(type) is not null) return;
        if (module.State is not ModuleState.Active)
        {
            _absent.TryAdd(type, $"the module {module} supplies them and is not active. To change that: sirsi module activate {module}");
            return;
        }

        try
        {
            LoadedModule loaded = await registry.LoadActiveAsync(module.Manifest.Name, options, cancellation);
            Types.Register(loaded.ToType() with { Durability = AgentDurability.Durable });
        }
        catch (SirsiException failure)
        {
            _absent.TryAdd(type, $"the module {module} cannot be loaded: {failure.Message}");
        }
    }
}
