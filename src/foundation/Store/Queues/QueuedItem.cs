using System.Runtime.InteropServices;

namespace Sirsi.Store;

/// <summary>A queue of one project.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct QueueName
{
    /// <summary>A queue.</summary>
    /// <param name="scope">Whose it is.</param>
    /// <param name="name">Its name in the project: 1 to 512 bytes of UTF-8.</param>
    public QueueName(ProjectScope scope, string name)
    {
        scope.ThrowIfEmpty(nameof(scope));
        StoreName.ThrowIfWrong(name, nameof(name));
        (Scope, Name) = (scope, name);
    }

    /// <summary>Whose it is.</summary>
    public ProjectScope Scope { get; }

    /// <summary>Its name in the project.</summary>
    public string Name { get; }

    internal SignalKey Signal => new("queue", Scope, Name);

    internal void ThrowIfEmpty(string parameter)
    {
        if (Name is null) throw new ArgumentException("A queue has to be named.", parameter);
    }
}

/// <summary>An item of a queue as one worker claimed it.</summary>
/// <param name="Queue">Where it is.</param>
/// <param name="Id">Its id.</param>
/// <param name="Payload">What was put in.</param>
/// <param name="Attempt">1 for the first claim, then one more each; with the id, the claim's fencing token.</param>
/// <param name="ClaimedUntil">When others may claim it, by the database's clock.</param>
/// <param name="EnqueuedAt">When it was put in.</param>
public sealed record QueuedItem(QueueName Queue, Guid Id, ReadOnlyMemory<byte> Payload, int Attempt, DateTimeOffset ClaimedUntil, DateTimeOffset EnqueuedAt);

/// <summary>How to claim.</summary>
public sealed record ClaimOptions
{
    /// <summary>Items at most, 1 to 1,000; default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How long others leave them alone unless prolonged; default 30 s.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Claims after which an item that was never completed is dead; default 5.</summary>
    public int AttemptsMax { get; init; } = 5;

    internal void Validate()
    {
        if (Count is < 1 or > 1_000) throw new ArgumentOutOfRangeException(nameof(Count), Count, "Count is 1 to 1,000.");
        if (AttemptsMax < 1) throw new ArgumentOutOfRangeException(nameof(AttemptsMax), AttemptsMax, "AttemptsMax is 1 or more.");
        DatabaseLimits.ThrowIfNotInRange(Time, nameof(Time));
    }
}
