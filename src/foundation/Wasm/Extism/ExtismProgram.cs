using System.Collections.Immutable;
using System.Security.Cryptography;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Extism;

/// <summary>The modules of a plug-in, loaded: what all plug-ins of one manifest share, compiled code included. Thread-safe.</summary>
public sealed class ExtismProgram
{
    private const string MainName = "main";

    /// <summary>Loads the modules.</summary>
    /// <exception cref="ArgumentException">The manifest breaks rules; the message names all of them.</exception>
    /// <exception cref="WasmException">A module is malformed, invalid or above a limit.</exception>
    /// <exception cref="ExtismException">A module is not the one its hash says.</exception>
    public ExtismProgram(ExtismManifest manifest, ExtismOptions options)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(options);
        string problems = string.Join(' ', manifest.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(manifest));
        Manifest = manifest;
        Options = options;
        int pages = Math.Min(options.Engine.MemoryPagesMax, manifest.MemoryPagesMax ?? int.MaxValue);
        Engine = new(options.Time, options.Engine with { MemoryPagesMax = pages });
        ImmutableArray<(string? Name, WasmModule Module)> modules = [.. manifest.Modules.Select(Load)];
        int main = modules.Length - 1;
        for (int i = modules.Length - 1; i >= 0; i--)
            if (modules[i].Name == MainName) main = i;
        Main = modules[main].Module;
        Parts = modules.RemoveAt(main);
        Imports = Parts.Select(static part => part.Module).Append(Main).SelectMany(static module => module.Imports).Select(static import => (import.Module, import.Name)).ToHashSet();
        UsesWasi = manifest.UsesWasi && Imports.Any(static import => import.Module == WasiHost.ModuleName);
        Linker = Link();
        Functions = [.. Main.Exports.Where(static export => export.Type is WasmFunctionType { Parameters.Length: 0, Results.Length: <= 1 }).Select(static export => export.Name)];
    }

    /// <summary>What it consists of and may do.</summary>
    public ExtismManifest Manifest { get; }

    /// <summary>The module whose functions are called.</summary>
    public WasmModule Main { get; }

    internal ExtismOptions Options { get; }

    internal WasmEngine Engine { get; }

    /// <summary>All that its modules import.</summary>
    internal IReadOnlySet<(string Module, string Name)> Imports { get; }

    /// <summary>Whether a plug-in needs a WASI host of its own.</summary>
    internal bool UsesWasi { get; }

    /// <summary>What its modules find of the host, but for WASI and each other: the same for all plug-ins.</summary>
    internal WasmLinker Linker { get; }

    /// <summary>The other modules, in the order of the manifest.</summary>
    internal ImmutableArray<(string? Name, WasmModule Module)> Parts { get; }

    /// <summary>The functions that can be called, those without parameters, in the order of the module's exports.</summary>
    public ImmutableArray<string> Functions { get; }

    /// <summary>Whether it has a function of that name that can be called.</summary>
    public bool HasFunction(string name) => Functions.Contains(name, StringComparer.Ordinal);

    private WasmLinker Link()
    {
        var linker = new WasmLinker(Engine) { Wanted = Imports };
        ExtismKernel.Define(linker);
        ExtismRequests.Define(linker);
        foreach (ExtismFunction function in Options.Functions) linker.Define(function.Module, function.Name, function.ToWasm());
        return linker;
    }

    private (string? Name, WasmModule Module) Load(ExtismModule module)
    {
        if (module.Sha256 is { } hash
            && !string.Equals(hash, Convert.ToHexString(SHA256.HashData(module.Bytes.Span)), StringComparison.OrdinalIgnoreCase))
            throw new ExtismException($"The module {module.Name ?? "without a name"} is not the one its hash says.");
        return (module.Name, Engine.Load(module.Bytes));
    }
}
