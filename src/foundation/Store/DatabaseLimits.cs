namespace Sirsi.Store;

/// <summary>Limits that hold for every kind of database.</summary>
public sealed record DatabaseLimits
{
    /// <summary>Rows that one query may give; default 100,000. More is an error, because they would all lie in memory.</summary>
    public int RowsMax { get; init; } = 100_000;

    /// <summary>How long one unit of work or one read may take, from its begin to its end; default 30 s.</summary>
    public TimeSpan SessionTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for a turn, a connection or a lock; default 10 s.</summary>
    public TimeSpan WaitTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowsMax);
        ThrowIfNotInRange(SessionTimeMax, nameof(SessionTimeMax));
        ThrowIfNotInRange(WaitTimeMax, nameof(WaitTimeMax));
    }

    internal static void ThrowIfNotInRange(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is more than nothing and at most a day.");
    }
}
