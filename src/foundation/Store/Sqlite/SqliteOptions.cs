namespace Sirsi.Store.Sqlite;

/// <summary>A database in a file, or in memory, inside this process.</summary>
public sealed record SqliteOptions : DatabaseOptions
{
    /// <summary>The file; made, with its folder, when absent. Null for a database in memory that is gone when it is disposed of.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// Open an existing file only to read, beside a process that may be writing to it; default false. Units of work are refused then.
    /// </summary>
    public bool ReadOnly { get; init; }

    /// <summary>Connections that read at the same time; default 4.</summary>
    public int ReadersMax { get; init; } = 4;

    /// <summary>Units of work that share one transaction, and so one wait for the disk; default 256.</summary>
    public int UnitsPerCommitMax { get; init; } = 256;

    /// <summary>Units of work that may wait for their turn before callers have to; default 4,096.</summary>
    public int UnitsWaitingMax { get; init; } = 4_096;

    /// <summary>Pages of 4 KiB in the log before they are brought into the database file; default 4,000.</summary>
    public int LogPagesMax { get; init; } = 4_000;

    internal override void Validate()
    {
        base.Validate();
        if (Path is { Length: 0 }) throw new ArgumentException("Path is a file, or null for a database in memory.");
        if (Path is null && ReadOnly) throw new ArgumentException("A database in memory cannot be opened only to read.");
        ThrowIfNotInRange(ReadersMax, 64, nameof(ReadersMax));
        ThrowIfNotInRange(UnitsPerCommitMax, 100_000, nameof(UnitsPerCommitMax));
        ThrowIfNotInRange(UnitsWaitingMax, 1_000_000, nameof(UnitsWaitingMax));
        ThrowIfNotInRange(LogPagesMax, 1_000_000, nameof(LogPagesMax));
    }

    private static void ThrowIfNotInRange(int value, int most, string name)
    {
        if (value < 1 || value > most) throw new ArgumentOutOfRangeException(name, value, $"{name} is 1 to {most:N0}.");
    }
}
