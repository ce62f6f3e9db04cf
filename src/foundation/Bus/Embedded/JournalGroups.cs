using System.Buffers;
using System.Runtime.CompilerServices;
using Sirsi.Bus.Local;
using Sirsi.Journal;

namespace Sirsi.Bus.Embedded;

/// <summary>
/// Groups in a journal: each record is the whole state of one group, and the last one counts. When many have been written, those of idle groups are written anew and the old
/// segments dropped. Safe for any number of threads.
/// </summary>
internal sealed class JournalGroups : IGroupMemory
{
    /// <summary>Records between two clean-ups.</summary>
    private const int CleanUpEvery = 8_192;

    private readonly SegmentedJournal _journal;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kept> _groups = new(StringComparer.Ordinal);
    private int _sinceCleanUp;
    private bool _isClosed;
    private Task _cleaning = Task.CompletedTask;

    private JournalGroups(SegmentedJournal journal, int partitions) => (_journal, Partitions) = (journal, partitions);

    /// <summary>How many partitions the log has: fixed by the first record of the journal.</summary>
    public int Partitions { get; private set; }

    public static async ValueTask<JournalGroups> OpenAsync(SegmentedJournal journal, int partitions, CancellationToken cancellation)
    {
        var groups = new JournalGroups(journal, partitions);
        using (JournalReader reader = journal.OpenReader(Math.Max(1, journal.FirstSequence)))
        {
            while (await reader.ReadAsync(cancellation)) groups.Take(reader.Current);
        }

        // A process that lives shortly cleans up what many like it have left.
        groups._sinceCleanUp = (int)Math.Min(journal.NextSequence - journal.FirstSequence, CleanUpEvery);
        // A log without groups has no records, but its partitions are fixed from the first opening on.
        if (journal.NextSequence == journal.FirstSequence) await journal.AppendAsync(GroupFormat.WritePartitions(partitions), cancellation);
        return groups;
    }

    public IReadOnlyList<GroupRecord> Load()
    {
        lock (_lock) return [.. _groups.Select(group => GroupFormat.Read(group.Value.Bytes.AsSpan(0, group.Value.Length), Partitions)!)];
    }

    public ValueTask SaveAsync(GroupRecord record, CancellationToken cancellation)
    {
        Kept kept = KeptOf(record);
        return AppendAsync(kept, cancellation);
    }

    public void SaveSoon(GroupRecord record, Action again)
    {
        lock (_lock)
        {
            if (_isClosed) return;
            if (_groups.TryGetValue(record.Group, out Kept? kept) && kept.IsSavingSoon)
            {
                kept.Again = again;
                return;
            }

            kept = KeptOf(record);
            kept.IsSavingSoon = true;
            kept.Soon = SaveSoonAsync(kept);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] under;
        lock (_lock)
        {
            _isClosed = true;
            under = [_cleaning, .. _groups.Values.Select(static kept => kept.Soon)];
        }

        await Task.WhenAll(under);
        await _journal.DisposeAsync();
    }

    private async Task SaveSoonAsync(Kept kept)
    {
        try
        {
            await AppendAsync(kept, CancellationToken.None);
        }
        catch (BusException)
        {
            // Nobody waits for it: the next acknowledgement that is saved tells the failure.
        }

        Action? again;
        lock (_lock)
        {
            kept.IsSavingSoon = false;
            (again, kept.Again) = (_isClosed ? null : kept.Again, null);
        }

        again?.Invoke();
    }

    /// <summary>Encodes the group as it is now.</summary>
    private Kept KeptOf(GroupRecord record)
    {
        lock (_lock)
        {
            if (!_groups.TryGetValue(record.Group, out Kept? kept)) _groups.Add(record.Group, kept = new Kept());
            kept.Length = GroupFormat.Write(record, ref kept.Bytes);
            return kept;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AppendAsync(Kept kept, CancellationToken cancellation)
    {
        byte[] copy = [];
        try
        {
            ValueTask<long> appending;
            lock (_lock)
            {
                copy = ArrayPool<byte>.Shared.Rent(kept.Length);
                kept.Bytes.AsSpan(0, kept.Length).CopyTo(copy);
                // Within the lock, so that an earlier state never comes behind a later one.
#pragma warning disable CA2012 // It is awaited once, below.
                appending = _journal.AppendAsync(copy.AsMemory(0, kept.Length), cancellation);
#pragma warning restore CA2012
            }

            long sequence = await appending;
            lock (_lock)
            {
                kept.Sequence = Math.Max(kept.Sequence, sequence);
                if (++_sinceCleanUp < CleanUpEvery || !_cleaning.IsCompleted) return;
                _sinceCleanUp = 0;
                _cleaning = CleanUpAsync();
            }
        }
        catch (JournalException failure)
        {
            throw EmbeddedBusDriver.Failed(failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private async Task CleanUpAsync()
    {
        try
        {
            List<Kept> idle;
            long floor = _journal.NextSequence;
            lock (_lock) idle = [.. _groups.Values.Where(kept => kept.Sequence < floor - CleanUpEvery)];
            foreach (Kept kept in idle) await AppendAsync(kept, CancellationToken.None);
            await _journal.AppendAsync(GroupFormat.WritePartitions(Partitions), CancellationToken.None);
            lock (_lock) floor = Math.Min(floor, _groups.Values.Min(static kept => kept.Sequence));
            await _journal.DropAsync(new JournalRetention(), floor, CancellationToken.None);
        }
        catch (Exception failure) when (failure is BusException or JournalException or ObjectDisposedException)
        {
            // The old records stay, which costs room and nothing else; the next clean-up tries again.
        }
    }

    private void Take(JournalRecord record)
    {
        if (GroupFormat.ReadPartitions(record.Data) is { } partitions)
        {
            Partitions = partitions;
        }
        else if (GroupFormat.NameOf(record.Data) is { } name)
        {
            if (!_groups.TryGetValue(name, out Kept? kept)) _groups.Add(name, kept = new Kept());
            kept.Bytes = record.Data.ToArray();
            kept.Length = kept.Bytes.Length;
            kept.Sequence = record.Sequence;
        }
    }

    /// <summary>A group's last record.</summary>
    private sealed class Kept
    {
        public byte[] Bytes = [];

        public int Length { get; set; }

        public long Sequence { get; set; }

        public bool IsSavingSoon { get; set; }

        /// <summary>Saves it as it is when the save under way has ended; null when nobody asked for that.</summary>
        public Action? Again { get; set; }

        public Task Soon { get; set; } = Task.CompletedTask;
    }
}
