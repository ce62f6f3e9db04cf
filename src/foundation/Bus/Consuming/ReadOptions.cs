using System.Runtime.InteropServices;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>Where reading begins, or a new group.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LogStart
{
    private LogStart(LogStartKind kind, long position, DateTimeOffset time) => (Kind, Position, Time) = (kind, position, time);

    /// <summary>With the oldest event there is; the default.</summary>
    public static LogStart Beginning => default;

    /// <summary>With what is published from now on.</summary>
    public static LogStart End => new(LogStartKind.End, 0, default);

    /// <summary>With the first event at or behind a position.</summary>
    public static LogStart At(long position) => new(LogStartKind.Position, position, default);

    /// <summary>With the first event published at or after an instant.</summary>
    public static LogStart Since(DateTimeOffset time) => new(LogStartKind.Time, 0, time);

    /// <summary>Which of these it is.</summary>
    public LogStartKind Kind { get; }

    /// <summary>The position, if it is one.</summary>
    public long Position { get; }

    /// <summary>The instant, if it is one.</summary>
    public DateTimeOffset Time { get; }
}

/// <summary>The kinds of places where reading begins.</summary>
public enum LogStartKind
{
    /// <summary>The oldest event there is.</summary>
    Beginning,

    /// <summary>What is published from now on.</summary>
    End,

    /// <summary>A position.</summary>
    Position,

    /// <summary>An instant.</summary>
    Time,
}

/// <summary>How to read a log without a group.</summary>
public sealed record ReadOptions
{
    /// <summary>Which events.</summary>
    public required EventFilter Filter { get; init; }

    /// <summary>Where to begin; at the beginning by default.</summary>
    public LogStart Start { get; init; }

    /// <summary>Whether to wait for new events at the end (the default) instead of ending there.</summary>
    public bool Follow { get; init; } = true;

    /// <summary>Events read at once, 1 to 65,536; 512 by default.</summary>
    public int BatchMax { get; init; } = 512;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BatchMax, 65_536);
    }
}
