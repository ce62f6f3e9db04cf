using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Wasm;
using Sirsi.Wasm.Extism;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Hypervisor.Modules;

/// <summary>
/// A WebAssembly module, compiled, that agents can be made of. One of the Extism ABI exports at least one of <c>on_message</c>, <c>on_event</c>, <c>on_task</c>; the host also looks for
/// <c>on_start</c>, <c>on_stop</c>, <c>suggest</c> and <c>describe</c>. One that exports none of them and is a WASI command is run anew for each message. Agents of it share the code and nothing else. Thread-safe.
/// </summary>
public sealed class AgentModule
{
    private const int PageBytes = 64 << 10;
    private const string HostModule = "extism:host/env";

    private readonly ModuleLimits _limits;
    private readonly ExtismLogSink _log;

    private AgentModule(ExtismProgram program, ModuleKind kind, ModuleLimits limits, ExtismLogSink log) => (Program, Kind, _limits, _log) = (program, kind, limits, log);

    /// <summary>What the host runs of it.</summary>
    public ModuleKind Kind { get; }

    /// <summary>The host's functions it imports from <c>extism:host/user</c>, by name.</summary>
    public ImmutableArray<string> HostFunctions => [.. Program.Main.Imports.Where(static import => import.Module == ExtismFunction.UserModule).Select(static import => import.Name)];

    internal ExtismProgram Program { get; }

    /// <summary>What the host would run of a module.</summary>
    public static ModuleKind KindOf(WasmModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        bool begins = module.Exports.Any(static export => export is { Name: GuestExports.Start, Type: WasmFunctionType { Parameters.Length: 0, Results.Length: 0 } });
        bool isCommand = begins && !module.Exports.Any(static export => GuestExports.Handlers.Contains(export.Name, StringComparer.Ordinal))
            && module.Imports.Any(static import => import.Module == WasiHost.ModuleName)
            && !module.Imports.Any(static import => import.Module is HostModule or ExtismFunction.UserModule);
        return isCommand ? ModuleKind.Command : ModuleKind.Plugin;
    }

    /// <summary>Compiles a module.</summary>
    /// <param name="bytes">The module, binary.</param>
    /// <param name="configuration">What it reads with <c>config_get</c>, or a command as its environment.</param>
    /// <param name="time">The clock of time-outs.</param>
    /// <param name="limits">What each agent of it may take.</param>
    /// <param name="log">Takes what agents log: the agent, the level, the text. Called in their turns.</param>
    /// <exception cref="ArgumentException">The limits break rules; the message names every one.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.ModuleInvalid"/>: it is no valid module, is above a limit, imports what the host does not have, or exports none of the handlers.
    /// </exception>
    public static AgentModule Load(
        ReadOnlyMemory<byte> bytes, ImmutableDictionary<string, string> configuration, TimeProvider time, ModuleLimits? limits = null,
        Action<AgentId, ExtismLogLevel, string>? log = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(time);
        limits ??= new ModuleLimits();
        string problems = string.Join(' ', limits.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(limits));
        ExtismManifest manifest = ExtismManifest.Of(bytes) with
        {
            Config = configuration,
            AllowedHosts = limits.AllowedHosts,
            MemoryPagesMax = (int)(limits.MemoryBytesMax / PageBytes),
            Timeout = limits.TurnTimeout,
            UsesWasi = true,
            VariableBytesMax = int.MaxValue,
        };
        ExtismLogSink sink = (level, text) => GuestLog.Take(log, limits.LogCharactersPerTurn, level, text);
        var options = new ExtismOptions(time)
        {
            Engine = new WasmOptions { Budget = new WasmBudget { Fuel = limits.FuelPerTurn }, InstancesMax = int.MaxValue },
            Functions = GuestFunctions.All,
            Http = GuestHttp.Instance,
            Log = sink,
        };
        try
        {
            var program = new ExtismProgram(manifest, options);
            ModuleKind kind = KindOf(program.Main);
            string flaws = string.Join(' ', Problems(program, kind));
            return flaws.Length == 0 ? new AgentModule(program, kind, limits, sink) : throw new HypervisorException(HypervisorErrors.ModuleInvalid, flaws);
        }
        catch (Exception failure) when (failure is WasmException or ExtismException)
        {
            throw new HypervisorException(HypervisorErrors.ModuleInvalid, failure.Message, failure);
        }
    }

    private static IEnumerable<string> Problems(ExtismProgram program, ModuleKind kind)
    {
        if (kind is ModuleKind.Plugin && !GuestExports.Handlers.Any(program.HasFunction))
            yield return $"The module exports none of {string.Join(", ", GuestExports.Handlers)}, and so answers nothing; nor is it a command with {GuestExports.Start} that needs nothing but WASI.";
        foreach (WasmImport import in program.Main.Imports)
        {
            bool isThere = import.Module switch
            {
                ExtismFunction.UserModule => GuestFunctions.All.Any(function => function.Name == import.Name),
                HostModule or WasiHost.ModuleName => true,
                _ => false,
            };
            if (!isThere) yield return $"It imports '{import.Name}' from '{import.Module}', which the host does not have.";
        }
    }

    /// <summary>
    /// Makes one instance and lets it go, so that the first agent of it does not wait for what is done once: a type is warmed before it takes the place of another. What the guest says of that is for its first turn
    /// to find.
    /// </summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleInvalid"/>: it cannot be instantiated.</exception>
    public void Warm()
    {
        try
        {
            using var plugin = new ExtismPlugin(Program);
            plugin.Start();
        }
        catch (ExtismException)
        {
            // Said above.
        }
        catch (WasmException failure)
        {
            throw new HypervisorException(HypervisorErrors.ModuleInvalid, failure.Message, failure);
        }
    }

    /// <summary>The type of agents that run this module.</summary>
    /// <param name="name">The type's name.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public AgentType ToType(string name) => new(name, () => Begin(name)) { HoldsThread = true, TurnTimeout = _limits.TurnTimeout, TakesTasks = Program.HasFunction(GuestExports.OnTask) };

    private IAgentBehavior Begin(string name) => Kind is ModuleKind.Command
        ? new CommandBehavior(Program.Main, name, Program.Manifest.Config, _limits, _log)
        : new GuestBehavior(Program);
}
