namespace Sirsi.Hypervisor.Contexts;

/// <summary>How much the shared context of each session may hold, and how much may wait.</summary>
public sealed record ContextOptions
{
    /// <summary>Keys of one session at most; default 10,000.</summary>
    public int KeysMax { get; init; } = 10_000;

    /// <summary>The longest key, in characters; default 200.</summary>
    public int KeyLengthMax { get; init; } = 200;

    /// <summary>The longest value, in bytes; default 256 KiB.</summary>
    public int ValueBytesMax { get; init; } = 256 << 10;

    /// <summary>What the keys and values of one session may take, in bytes; default 64 MiB.</summary>
    public long BytesMax { get; init; } = 64 << 20;

    /// <summary>How many former entries of one key are kept; the oldest go; default 16.</summary>
    public int HistoryMax { get; init; } = 16;

    /// <summary>What the former entries of one session may take, in bytes, and once more what is kept for watches; the oldest go; default 16 MiB.</summary>
    public long HistoryBytesMax { get; init; } = 16 << 20;

    /// <summary>The last changes of one session that are kept for watches which begin in the past; default 1,000.</summary>
    public int RecentMax { get; init; } = 1_000;

    /// <summary>Watches of one session at once; default 1,000.</summary>
    public int WatchesMax { get; init; } = 1_000;

    /// <summary>Changes that may wait for one watcher before it has fallen behind; default 1,000.</summary>
    public int WatchWaitingMax { get; init; } = 1_000;

    /// <summary>Writes of one session from outside that may wait for the disk; default 10,000.</summary>
    public int WritesWaitingMax { get; init; } = 10_000;

    /// <summary>How often the turn of one message runs again at once because another write came first; after that it fails like any other. Of writers that contend for one key the last may lose as often as there are others. Default 1,000.</summary>
    public int ConflictsMax { get; init; } = 1_000;

    /// <summary>Every broken rule, in words; empty when it is valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (KeysMax is < 1 or > 1_000_000) yield return $"KeysMax is {KeysMax}; it must be 1 to 1,000,000.";
        if (KeyLengthMax is < 1 or > Capabilities.Capability.ScopeLengthMax) yield return $"KeyLengthMax is {KeyLengthMax}; it must be 1 to {Capabilities.Capability.ScopeLengthMax}.";
        if (ValueBytesMax is < 1 or > 1 << 20) yield return $"ValueBytesMax is {ValueBytesMax}; it must be 1 to {1 << 20}.";
        if (BytesMax < 1) yield return $"BytesMax is {BytesMax}; it must be at least 1.";
        if (HistoryMax is < 0 or > 10_000) yield return $"HistoryMax is {HistoryMax}; it must be 0 to 10,000.";
        if (HistoryBytesMax < 0) yield return $"HistoryBytesMax is {HistoryBytesMax}; it must be at least 0.";
        if (RecentMax is < 0 or > 1_000_000) yield return $"RecentMax is {RecentMax}; it must be 0 to 1,000,000.";
        if (WatchesMax is < 0 or > 1_000_000) yield return $"WatchesMax is {WatchesMax}; it must be 0 to 1,000,000.";
        if (WatchWaitingMax is < 1 or > 1_000_000) yield return $"WatchWaitingMax is {WatchWaitingMax}; it must be 1 to 1,000,000.";
        if (WritesWaitingMax is < 1 or > 1_000_000) yield return $"WritesWaitingMax is {WritesWaitingMax}; it must be 1 to 1,000,000.";
        if (ConflictsMax is < 0 or > 1_000_000) yield return $"ConflictsMax is {ConflictsMax}; it must be 0 to 1,000,000.";
    }
}
