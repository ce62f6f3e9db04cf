using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>A group and how this member of it works. All members of a group give the same name, filter and start.</summary>
public sealed record GroupOptions
{
    /// <summary>The longest a visibility time-out or delay may be.</summary>
    public static readonly TimeSpan SpanMax = TimeSpan.FromDays(7);

    /// <summary>The group's name within the log: 1 to 64 lower-case letters, digits, <c>-</c> or <c>_</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which events the group processes; what does not fit counts as done.</summary>
    public required EventFilter Filter { get; init; }

    /// <summary>Where a group begins that is new; at the beginning by default.</summary>
    public LogStart Start { get; init; }

    /// <summary>How long a delivery may go unanswered before it is delivered again, 1 ms to 7 days; 30 seconds by default.</summary>
    public TimeSpan VisibilityTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deliveries of one event before it becomes a dead letter, 1 to 1,000; 5 by default.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Deliveries that may be unanswered at once, 1 to 65,536; 1,024 by default.</summary>
    public int InFlightMax { get; init; } = 1_024;

    /// <summary>
    /// Events fetched ahead, held and in flight, 16 to 262,144; 8,192 by default. So far ahead an urgent event is seen and overtakes, and so many events
    /// behind a held key are passed by.
    /// </summary>
    public int Window { get; init; } = 8_192;

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Filter);
        ArgumentNullException.ThrowIfNull(Name);
        if (!TopicParts.IsPart(Name))
            throw new ArgumentException($"A group's name is 1 to {TopicParts.PartLengthMax} lower-case letters, digits, '-' or '_'.", nameof(Name));
        ThrowUnlessWithin(AttemptsMax, 1, 1_000, nameof(AttemptsMax));
        ThrowUnlessWithin(InFlightMax, 1, 65_536, nameof(InFlightMax));
        ThrowUnlessWithin(Window, 16, 262_144, nameof(Window));
        if (VisibilityTimeout < TimeSpan.FromMilliseconds(1) || VisibilityTimeout > SpanMax)
            throw new ArgumentOutOfRangeException(nameof(VisibilityTimeout), VisibilityTimeout, "It is 1 ms to 7 days.");
    }

    private static void ThrowUnlessWithin(int value, int min, int max, string name)
    {
        if (value < min || value > max) throw new ArgumentOutOfRangeException(name, value, $"It is {min} to {max}.");
    }
}
