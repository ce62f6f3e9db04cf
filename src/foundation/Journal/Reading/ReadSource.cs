using Sirsi.Core.Hosting;
using Sirsi.Journal.Format;
using Sirsi.Journal.Recovery;

namespace Sirsi.Journal.Reading;

/// <summary>How far a segment may be read.</summary>
/// <param name="End">In bytes.</param>
/// <param name="IsComplete">Whether all its groups are before the end, so that none will come.</param>
internal readonly record struct ReadLimit(long End, bool IsComplete);

/// <summary>Where a reader learns which segments there are and how far it may read.</summary>
internal abstract class ReadSource(HostFolder folder)
{
    public HostFolder Folder => folder;

    /// <summary>Whether all before a limit is known to be there; else it may be half written.</summary>
    public abstract bool IsSure { get; }

    /// <summary>The first record that is still there.</summary>
    public abstract long FirstSequence { get; }

    /// <summary>The segment that holds this record, or is to hold it; null when it was dropped.</summary>
    public abstract long? SegmentOf(long sequence);

    /// <summary>The segment in which the first record of this time or later is, or is to be.</summary>
    public abstract Task<long> SegmentOfAsync(long time, CancellationToken cancellation);

    /// <summary>How far the segment may be read; null when it was dropped.</summary>
    public abstract ReadLimit? LimitOf(long segment, HostFile file);

    /// <summary>Places to begin at in a segment without a footer.</summary>
    public abstract IndexEntry[] IndexOf(long segment);

    /// <summary>Completes when there may be a record of this number or a later one, or when the time is over.</summary>
    public abstract Task WhenThereMayBeAsync(long sequence, TimeSpan timeout, CancellationToken cancellation);
}

/// <summary>The journal that this process writes: its readers see what is acknowledged.</summary>
internal sealed class LiveSource(HostEnvironment environment, HostFolder folder, SegmentTable table) : ReadSource(folder)
{
    public override bool IsSure => true;

    public override long FirstSequence => table.FirstSequence;

    public override long? SegmentOf(long sequence) => table.SegmentOf(sequence);

    public override Task<long> SegmentOfAsync(long time, CancellationToken cancellation)
    {
        SealedSegment[] segments = table.Sealed();
        foreach (SealedSegment segment in segments)
        {
            if (segment.Footer.LastTime >= time) return Task.FromResult(segment.FirstSequence);
        }

        return Task.FromResult(segments.Length > 0 ? segments[^1].NextSequence : table.FirstSequence);
    }

    public override ReadLimit? LimitOf(long segment, HostFile file) => table.EndOf(segment) is { } end ? new ReadLimit(end.End, end.IsSealed) : null;

    public override IndexEntry[] IndexOf(long segment) => table.EndOf(segment) is { IsSealed: false } ? table.ActiveIndex() : [];

    public override async Task WhenThereMayBeAsync(long sequence, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            await table.WhenThereIsAsync(sequence).WaitAsync(timeout, environment.Time, cancellation);
        }
        catch (TimeoutException)
        {
            // The time is over.
        }
    }
}

/// <summary>A folder that another process may be writing: its readers see what the operating system has, and look again after a while.</summary>
internal sealed class FolderSource(HostEnvironment environment, HostFolder folder, TimeSpan pollInterval) : ReadSource(folder)
{
    public override bool IsSure => false;

    public override long FirstSequence => SegmentFile.List(Folder) is [var first, ..] ? first.FirstSequence : 1;

    public override long? SegmentOf(long sequence)
    {
        List<(long FirstSequence, string Name)> segments = SegmentFile.List(Folder);
        if (segments.Count == 0) return sequence; // Nothing has been dropped: there is nothing yet.
        int at = segments.FindLastIndex(segment => segment.FirstSequence <= sequence);
        return at < 0 ? null : segments[at].FirstSequence;
    }

    public override async Task<long> SegmentOfAsync(long time, CancellationToken cancellation)
    {
        long last = 1;
        foreach ((long firstSequence, string name) in SegmentFile.List(Folder))
        {
            last = firstSequence;
            using HostFile file = Folder.Open(name, HostFileAccess.Read);
            SegmentHeader header = await SegmentFile.ReadHeaderAsync(file, name, cancellation);
            if (await SegmentFile.ReadFooterAsync(file, header, cancellation) is { } footer && footer.LastTime < time) continue;
            break;
        }

        return last;
    }

    public override ReadLimit? LimitOf(long segment, HostFile file)
    {
        // In this order: a segment that has a follower has got all its groups before.
        bool isComplete = SegmentFile.List(Folder).Any(other => other.FirstSequence > segment);
        return new ReadLimit(file.Length, isComplete);
    }

    public override IndexEntry[] IndexOf(long segment) => [];

    public override Task WhenThereMayBeAsync(long sequence, TimeSpan timeout, CancellationToken cancellation) =>
        Task.Delay(timeout < pollInterval ? timeout : pollInterval, environment.Time, cancellation);
}
