using System.Collections.Immutable;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Extism;

/// <summary>What the host gives a plug-in beside its manifest, and limits the manifest has no words for. Immutable.</summary>
/// <param name="Time">The clock of time-outs.</param>
public sealed record ExtismOptions(TimeProvider Time)
{
    /// <summary>
    /// Features and limits of the engine, and the fuel and stack of a call. Time and, where it asks for less, memory are the manifest's.
    /// </summary>
    public WasmOptions Engine { get; init; } = new();

    /// <summary>
    /// What WASI gives when the manifest turns it on: clock, randomness, streams and limits; the folders are the manifest's. Default:
    /// nothing.
    /// </summary>
    public WasiOptions Wasi { get; init; } = new();

    /// <summary>Functions of the host that plug-ins may import. Default: none.</summary>
    public ImmutableArray<ExtismFunction> Functions { get; init; } = [];

    /// <summary>Takes what plug-ins log. Null, the default: nobody.</summary>
    public ExtismLogSink? Log { get; init; }

    /// <summary>The least level that is logged, and that plug-ins are told of. Default: <see cref="ExtismLogLevel.Info"/>.</summary>
    public ExtismLogLevel LogLevel { get; init; } = ExtismLogLevel.Info;

    /// <summary>Makes requests to the manifest's allowed hosts. Null, the default: there are none.</summary>
    public IExtismHttp? Http { get; init; }

    /// <summary>Most memory blocks at one time. Default 100,000.</summary>
    public int BlocksMax { get; init; } = 100_000;
}
