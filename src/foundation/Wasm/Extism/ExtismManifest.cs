using System.Collections.Immutable;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Extism;

/// <summary>A WebAssembly module of a plug-in.</summary>
/// <param name="Bytes">The module.</param>
/// <param name="Name">The name others of the plug-in import it by; the one named <c>main</c>, else the last, is the plug-in itself.</param>
/// <param name="Sha256">Its SHA-256 in hexadecimal digits, checked when it is loaded; null for any.</param>
public sealed record ExtismModule(ReadOnlyMemory<byte> Bytes, string? Name = null, string? Sha256 = null);

/// <summary>What a plug-in consists of and what it may do, as the manifests of Extism 1.x have it. Immutable.</summary>
public sealed record ExtismManifest
{
    /// <summary>The modules; at least one.</summary>
    public ImmutableArray<ExtismModule> Modules { get; init; } = [];

    /// <summary>
    /// Most pages of 64 KiB of each memory: the module's own, and that of the blocks it shares with the host. Null, the default: the
    /// engine's limit, which also bounds a larger number.
    /// </summary>
    public int? MemoryPagesMax { get; init; }

    /// <summary>Most bytes of variables, names and 48 bytes for each included; 0 for no variables. Default 1 MiB.</summary>
    public int VariableBytesMax { get; init; } = 1 << 20;

    /// <summary>Longest answer to a request, in bytes. Default 50 MiB.</summary>
    public int HttpResponseBytesMax { get; init; } = 50 << 20;

    /// <summary>What the plug-in can read by <c>config_get</c>.</summary>
    public ImmutableDictionary<string, string> Config { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Hosts the plug-in may send requests to; <c>*</c> and <c>?</c> stand for any characters and any one. Default: none.
    /// </summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Folders the plug-in may use by WASI. Default: none.</summary>
    public ImmutableArray<WasiFolder> AllowedPaths { get; init; } = [];

    /// <summary>Longest time of a call. Default 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the plug-in may import WASI. Default: no.</summary>
    public bool UsesWasi { get; init; }

    /// <summary>A manifest of one module.</summary>
    public static ExtismManifest Of(ReadOnlyMemory<byte> module) => new() { Modules = [new(module)] };

    /// <summary>
    /// Reads the JSON form: <c>wasm</c> (of <c>data</c> in base 64 or <c>path</c>, with <c>name</c> and <c>hash</c>), <c>memory</c>
    /// (<c>max_pages</c>, <c>max_var_bytes</c>, <c>max_http_response_bytes</c>), <c>config</c>, <c>allowed_hosts</c>, <c>allowed_paths</c>
    /// (host path, with <c>ro:</c> before it for reading only, to guest path), <c>timeout_ms</c>; and our own <c>wasi</c> (true or false).
    /// </summary>
    /// <param name="json">The text.</param>
    /// <param name="folder">The folder module paths lie in; they cannot leave it. Null: there are no module paths.</param>
    /// <exception cref="ExtismException">It is not such a manifest; the message says where.</exception>
    public static ExtismManifest Parse(string json, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ManifestJson.Read(json, folder);
    }

    /// <summary>The JSON form, with the modules in base 64.</summary>
    public string ToJson() => ManifestJson.Write(this);

    internal IEnumerable<string> Problems()
    {
        if (Modules.Length == 0) yield return "The manifest names no module.";
        if (MemoryPagesMax is < 1) yield return $"MemoryPagesMax is {MemoryPagesMax}; it must be at least 1.";
        if (VariableBytesMax < 0) yield return $"VariableBytesMax is {VariableBytesMax}; it must not be negative.";
        if (HttpResponseBytesMax < 0) yield return $"HttpResponseBytesMax is {HttpResponseBytesMax}; it must not be negative.";
        if (Timeout <= TimeSpan.Zero && Timeout != System.Threading.Timeout.InfiniteTimeSpan)
            yield return $"Timeout is {Timeout}; it must be above zero, or infinite.";
        if (AllowedPaths.Length > 0 && !UsesWasi) yield return "AllowedPaths needs UsesWasi.";
    }
}
