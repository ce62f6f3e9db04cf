using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Modules;

/// <summary>What each agent of a module may take. Immutable.</summary>
public sealed record ModuleLimits
{
    /// <summary>Linear memory at most, in bytes, whole pages of 64 KiB; default 64 MiB.</summary>
    public long MemoryBytesMax { get; init; } = 64L << 20;

    /// <summary>How long one turn may take; default 30 s.</summary>
    public TimeSpan TurnTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What one turn may spend, about one unit an instruction; default 10,000 million.</summary>
    public long FuelPerTurn { get; init; } = 10_000_000_000;

    /// <summary>The longest text one turn may log in all, in characters; the rest is dropped; default 64 Ki.</summary>
    public int LogCharactersPerTurn { get; init; } = 64 << 10;

    /// <summary>The longest reply of a WASI command, which is all it prints to standard output in a turn, in bytes; a turn that prints more fails. Default 1 MiB.</summary>
    public int OutputBytesMax { get; init; } = 1 << 20;

    /// <summary>The hosts it may make requests to, as Extism manifests name them, if its agents have the capabilities for them too; default none.</summary>
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    /// <summary>Every broken rule, in words for the one who wrote the limits; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (MemoryBytesMax is < 0 or > 4L << 30) yield return $"MemoryBytesMax is {MemoryBytesMax}; it must be 0 to 4 GiB.";
        if (TurnTimeout <= TimeSpan.Zero || TurnTimeout > TimeSpan.FromDays(1)) yield return $"TurnTimeout is {TurnTimeout}; it must be above 0 and at most a day.";
        if (FuelPerTurn < 1) yield return $"FuelPerTurn is {FuelPerTurn}; it must be at least 1.";
        if (LogCharactersPerTurn < 0) yield return $"LogCharactersPerTurn is {LogCharactersPerTurn}; it must be 0 or more.";
        if (OutputBytesMax is < 0 or > 64 << 20) yield return $"OutputBytesMax is {OutputBytesMax}; it must be 0 to 64 MiB.";
    }
}
