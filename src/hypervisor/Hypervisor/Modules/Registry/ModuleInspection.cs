using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Wasm;
using Sirsi.Wasm.Extism;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>What can be said of a module without running it.</summary>
/// <param name="Kind">What the host would run of it.</param>
/// <param name="Bytes">The size of the entry file.</param>
/// <param name="Imports">What it imports, as <c>MODULE.NAME</c>.</param>
/// <param name="Exports">What it exports.</param>
/// <param name="Abilities">What it would be able to do, in plain words; nothing beyond.</param>
public sealed record ModuleInspection(
    ModuleKind Kind, int Bytes, ImmutableArray<string> Imports, ImmutableArray<string> Exports, ImmutableArray<string> Abilities)
{
    private static readonly (string Function, string Words)[] OfTheHost =
    [
        ("agent_tell", "sends messages to other agents of its session"),
        ("agent_broadcast", "sends messages to all agents of its session"),
        ("agent_spawn", "starts agents of any registered type as its children"),
        ("agent_schedule", "wakes itself at later times"),
        ("agent_stop", "ends itself"),
        ("bus_publish", "publishes events it was granted"),
        ("approval_request", "asks people for approval"),
        ("now_ms", "reads the clock"),
    ];

    /// <summary>Looks at a module.</summary>
    /// <param name="bytes">The module, binary.</param>
    /// <param name="time">The clock of the engine.</param>
    /// <param name="manifest">What it asks for; null when that is not known.</param>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleInvalid"/>: it is no valid module.</exception>
    public static ModuleInspection Of(ReadOnlyMemory<byte> bytes, TimeProvider time, ModuleManifest? manifest = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        try
        {
            WasmModule module = new WasmEngine(time).Load(bytes);
            ModuleKind kind = AgentModule.KindOf(module);
            return new ModuleInspection(
                kind,
                bytes.Length,
                [.. module.Imports.Select(static import => $"{import.Module}.{import.Name}")],
                [.. module.Exports.Select(static export => export.Name)],
                [.. Reach(module, kind), .. manifest is null ? [] : Asked(manifest)]);
        }
        catch (WasmException refused)
        {
            throw new HypervisorException(HypervisorErrors.ModuleInvalid, refused.Message, refused);
        }
    }

    private static IEnumerable<string> Reach(WasmModule module, ModuleKind kind)
    {
        if (kind is ModuleKind.Command)
        {
            yield return "runs anew for each message: reads it from standard input, and what it prints is the reply";
            yield return "uses WASI with a clock, randomness and its configuration as environment, without files";
            yield break;
        }

        string[] host = [.. module.Imports.Where(static import => import.Module == ExtismFunction.UserModule).Select(static import => import.Name)];
        foreach ((string function, string words) in OfTheHost)
            if (host.Contains(function, StringComparer.Ordinal)) yield return words;
        if (module.Imports.Any(static import => import.Name == "var_set")) yield return "keeps variables of its own";
        if (module.Imports.Any(static import => import.Name == "http_request")) yield return "makes HTTP requests, to the hosts it is granted only";
        if (module.Imports.Any(static import => import.Module == WasiHost.ModuleName)) yield return "uses WASI, without files, arguments, clock or randomness";
    }

    private static IEnumerable<string> Asked(ModuleManifest manifest)
    {
        foreach (CapabilityRequest request in manifest.Capabilities) yield return $"asks for {request.Capability}: {request.Reason}";
        foreach (string host in manifest.Network) yield return host == "*" ? "asks for requests to any host" : $"asks for requests to {host}";
        ManifestLimits limits = manifest.Limits;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"takes at most {limits.MemoryMiB:#,##0} MiB an agent, and {limits.DeadlineSeconds:#,##0} s and {limits.FuelPerTurn:#,##0} units of fuel a turn");
    }
}
