using System.Buffers.Binary;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.Bus.Embedded;

/// <summary>
/// The folder of one embedded log, to look into it from outside: without a lock, without changing anything, also while another process works with it.
/// </summary>
public sealed class EmbeddedLogFolder
{
    private readonly HostEnvironment _environment;
    private readonly string _path;

    /// <summary>The log in a folder.</summary>
    /// <exception cref="BusException">There is none.</exception>
    public EmbeddedLogFolder(HostEnvironment environment, string path)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_environment, _path) = (environment, path);
        if (!environment.Files.HasFolder(Events)) throw new BusException(BusErrors.Unavailable, $"There is no log in {path}.");
    }

    private string Events => Path.Combine(_path, EmbeddedBusDriver.EventsFolder);

    private string Groups => Path.Combine(_path, EmbeddedBusDriver.GroupsFolder);

    /// <summary>Reads the journal of events through: what it holds and all that is wrong with it.</summary>
    /// <exception cref="BusException">The disk fails.</exception>
    public Task<JournalInspection> InspectEventsAsync(CancellationToken cancellation = default) => InspectAsync(Events, cancellation);

    /// <summary>As <see cref="InspectEventsAsync"/>, of the journal of groups.</summary>
    public Task<JournalInspection> InspectGroupsAsync(CancellationToken cancellation = default) => InspectAsync(Groups, cancellation);

    /// <summary>A reader of the events at or behind a position.</summary>
    /// <param name="position">From 1.</param>
    public EmbeddedLogReader OpenReader(long position = 1) => new(JournalReader.OpenFolder(_environment, Events, Math.Max(1, position)));

    /// <summary>A reader of the events stored at or after an instant.</summary>
    public EmbeddedLogReader OpenReader(DateTimeOffset from) => new(JournalReader.OpenFolder(_environment, Events, from));

    /// <summary>The groups, by name, and how much each has before it; takes the longer, the more that is.</summary>
    /// <exception cref="BusException">A journal is damaged, or the disk fails.</exception>
    public async Task<IReadOnlyList<GroupProgress>> ReadGroupsAsync(CancellationToken cancellation = default)
    {
        try
        {
            GroupRecord[] groups = await ReadRecordsAsync(cancellation);
            if (groups.Length == 0) return [];
            long[] waiting = new long[groups.Length];
            using EmbeddedLogReader reader = OpenReader(groups.Min(static group => group.Cursors.Min(static cursor => cursor.Floor)));
            while (await reader.ReadAsync(cancellation))
            {
                for (int i = 0; i < groups.Length; i++)
                {
                    PartitionCursor[] cursors = groups[i].Cursors;
                    if (reader.Partition < cursors.Length && !cursors[reader.Partition].IsDone(reader.Position)) waiting[i]++;
                }
            }

            return [.. groups.Select((group, i) => new GroupProgress(group.Group, [.. group.Cursors.Select(static cursor => cursor.Floor)], waiting[i]))
                .OrderBy(static group => group.Name, StringComparer.Ordinal)];
        }
        catch (JournalException failure)
        {
            throw EmbeddedBusDriver.Failed(failure);
        }
    }

    private async Task<GroupRecord[]> ReadRecordsAsync(CancellationToken cancellation)
    {
        Dictionary<string, byte[]> last = new(StringComparer.Ordinal);
        int partitions = 1;
        using JournalReader reader = JournalReader.OpenFolder(_environment, Groups);
        while (await reader.ReadAsync(cancellation))
        {
            ReadOnlySpan<byte> record = reader.Current.Data;
            if (GroupFormat.ReadPartitions(record) is { } count) partitions = count;
            else if (GroupFormat.NameOf(record) is { } name) last[name] = record.ToArray();
        }

        return [.. last.Values.Select(record => GroupFormat.Read(record, partitions)).OfType<GroupRecord>()];
    }

    private async Task<JournalInspection> InspectAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            return await JournalInspection.RunAsync(_environment, folder, cancellation);
        }
        catch (JournalException failure)
        {
            throw EmbeddedBusDriver.Failed(failure);
        }
    }
}

/// <summary>How far a group is, read from its log's folder.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Floors">By partition, the position before which everything is done.</param>
/// <param name="Lag">Events it has not done; those its filter does not want and it has not come to are counted too.</param>
public sealed record GroupProgress(string Name, IReadOnlyList<long> Floors, long Lag);

/// <summary>Reads the events of an embedded log from outside, one by one. One call at a time.</summary>
public sealed class EmbeddedLogReader : IDisposable
{
    private readonly JournalReader _reader;

    internal EmbeddedLogReader(JournalReader reader) => _reader = reader;

    /// <summary>The position of the event last read.</summary>
    public long Position { get; private set; }

    /// <summary>Its partition.</summary>
    public int Partition { get; private set; }

    /// <summary>When it was stored.</summary>
    public DateTimeOffset StoredAt { get; private set; }

    /// <summary>A copy of the event last read.</summary>
    /// <exception cref="InvalidOperationException">Nothing has been read.</exception>
    public EventView ReadEvent() => new(_reader.Current.Data[NewEvent.Headroom..].ToArray());

    /// <summary>Goes to the next event; false when there is none yet.</summary>
    /// <exception cref="BusException">The journal is damaged there, or the disk fails.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation = default)
    {
        try
        {
            while (await _reader.ReadAsync(cancellation))
                if (TryTake(_reader.Current)) return true;
            return false;
        }
        catch (JournalException failure)
        {
            throw EmbeddedBusDriver.Failed(failure);
        }
    }

    /// <summary>Waits for a next event; false when there is none after <paramref name="timeout"/>.</summary>
    /// <exception cref="BusException">As of <see cref="ReadAsync"/>.</exception>
    public async ValueTask<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        try
        {
            return await _reader.WaitAsync(timeout, cancellation);
        }
        catch (JournalException failure)
        {
            throw EmbeddedBusDriver.Failed(failure);
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => _reader.Dispose();

    private bool TryTake(JournalRecord record)
    {
        if (record.Data.Length <= NewEvent.Headroom) return false;
        (Position, StoredAt) = (record.Sequence, record.Time);
        Partition = BinaryPrimitives.ReadUInt16LittleEndian(record.Data);
        return true;
    }
}
