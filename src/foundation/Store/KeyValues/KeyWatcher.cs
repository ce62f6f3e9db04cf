using System.Runtime.CompilerServices;

namespace Sirsi.Store;

/// <summary>How a watcher looks.</summary>
public sealed record KeyWatchOptions
{
    /// <summary>How often to look for changes made by other processes; those of this one are seen at once. Default 500 ms.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Changes read at a time; default 256.</summary>
    public int ChangesPerReadMax { get; init; } = 256;
}

/// <summary>Follows the changes of a space.</summary>
public static class KeyWatcher
{
    /// <summary>
    /// Every change after number <paramref name="after"/>, in order, each once, as they are committed, until cancelled. To follow a space from
    /// its present state: read that together with <see cref="KeyValues.RevisionAsync"/> in one session, then watch from there.
    /// </summary>
    /// <param name="database">Where.</param>
    /// <param name="space">What.</param>
    /// <param name="after">Number of the last change already known; 0 for all.</param>
    /// <param name="options">How to look.</param>
    /// <param name="cancellation">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="StoreException"><see cref="StoreErrors.HistoryGone"/>: changes were trimmed before they were seen.</exception>
    public static async IAsyncEnumerable<KeyChange> WatchAsync(
        Database database, KeySpace space, long after, KeyWatchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        DatabaseLimits.ThrowIfNotInRange(options.PollInterval, nameof(options.PollInterval));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ChangesPerReadMax);
        while (true)
        {
            using CommitSignals.CommitWait next = database.Signals.Next(space.Signal);
            long from = after;
            IReadOnlyList<KeyChange> changes = await database.ReadAsync(
                session => KeyValues.ChangesAsync(session, space, from, options.ChangesPerReadMax), cancellation);
            foreach (KeyChange change in changes)
            {
                yield return change;
                after = change.Version;
            }

            if (changes.Count == 0) await next.WaitAsync(options.PollInterval, cancellation);
        }
    }
}
