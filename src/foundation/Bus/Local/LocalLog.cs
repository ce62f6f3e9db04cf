using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Local;

/// <summary>A log that lives in this process: its events are <see cref="LocalRecords"/>, its groups and their members are known here.</summary>
internal sealed class LocalLog : EventLog
{
    private readonly LocalRecords _records;
    private readonly IGroupMemory _memory;
    private readonly HostEnvironment _environment;
    private readonly IdWindow _ids;
    private readonly bool _recognizesRepetitions;
    private readonly StepPool<Appending> _appendings;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LocalGroup> _groups = new(StringComparer.Ordinal);
    private Signal[] _waiting = [];

    public LocalLog(LogName name, LogOptions options, LocalRecords records, IGroupMemory memory, IdWindow ids, HostEnvironment environment)
    {
        (Name, Partitions, _records, _memory, _environment) = (name, options.Partitions, records, memory, environment);
        _ids = ids;
        _appendings = new StepPool<Appending>(pool => new Appending(pool, records, ids));
        _recognizesRepetitions = options.DeduplicationWindow > TimeSpan.Zero && options.DeduplicationIdsMax > 0;
        foreach (GroupRecord record in memory.Load()) _groups.Add(record.Group, new LocalGroup(record.Group, record.Cursors, memory));
        records.Grown = WakeAll;
    }

    public override LogName Name { get; }

    public override int Partitions { get; }

    public override ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation)
    {
        Guid id = _recognizesRepetitions ? newEvent.Id : Guid.Empty;
        if (id != Guid.Empty)
        {
            lock (_ids)
            {
                if (_ids.TryFind(id, newEvent.TimeMilliseconds, out long position)) return RepeatAsync(newEvent, position, cancellation);
                _ids.Add(id, newEvent.TimeMilliseconds, IdWindow.OnItsWay);
            }
        }

        ValueTask<long> appending;
        try
        {
            appending = _records.AppendAsync(newEvent, cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || id != Guid.Empty)
        {
            if (id != Guid.Empty)
            {
                lock (_ids) _ids.Remove(id);
            }

            throw _records.Told(failure);
        }

        return _appendings.Take().StartAsync(appending, newEvent.Partition, id);
    }

    public override async ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation) => await FindOrMakeAsync(group, cancellation);

    public override async ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation)
    {
        LocalGroup joined = await FindOrMakeAsync(group, cancellation);
        var source = new LocalSource(this, _records, joined, new Signal(_environment.Executor));
        Register(source.Wake);
        joined.Join(source, group.Filter);
        return source;
    }

    public override async ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation)
    {
        long start = await PositionOfAsync(read.Start, cancellation);
        var source = new LocalReader(this, _records, start, read.Follow, new Signal(_environment.Executor));
        Register(source.Wake);
        return source;
    }

    public override ValueTask<LogStatus> StatusAsync(CancellationToken cancellation)
    {
        long first = _records.First, next = _records.Next;
        return new ValueTask<LogStatus>(new LogStatus(next - first, _records.Bytes, first, next));
    }

    public override async ValueTask<GroupStatus?> StatusAsync(string group, CancellationToken cancellation)
    {
        LocalGroup? found;
        lock (_lock) _groups.TryGetValue(group, out found);
        if (found is null) return null;
        var count = new LagCount(found);
        long end = _records.Next;
        using RecordCursor cursor = _records.OpenCursor();
        for (long at = found.Floor(); at < end;)
        {
            count.Room = LagCount.AtOnce;
            long next = await cursor.ReadAsync(at, count, cancellation);
            if (next == at) break;
            at = next;
        }

        return new GroupStatus(group, count.Lag, found.Members);
    }

    public override async ValueTask DisposeAsync()
    {
        await _memory.DisposeAsync();
        await _records.DisposeAsync();
    }

    public void Unregister(Signal signal)
    {
        lock (_lock) _waiting = [.. _waiting.Where(other => other != signal)];
    }

    private void Register(Signal signal)
    {
        lock (_lock) _waiting = [.. _waiting, signal];
    }

    private void WakeAll()
    {
        foreach (Signal signal in Volatile.Read(ref _waiting)) signal.Set();
    }

    private async ValueTask<LocalGroup> FindOrMakeAsync(GroupOptions group, CancellationToken cancellation)
    {
        LocalGroup found;
        bool isNew;
        long start = await PositionOfAsync(group.Start, cancellation);
        lock (_lock)
        {
            isNew = !_groups.TryGetValue(group.Name, out found!);
            if (isNew)
            {
                found = new LocalGroup(group.Name, [.. Enumerable.Range(0, Partitions).Select(_ => new PartitionCursor(start))], _memory);
                _groups.Add(group.Name, found);
            }
        }

        if (isNew) await found.SaveAsync(cancellation);
        return found;
    }

    private ValueTask<long> PositionOfAsync(LogStart start, CancellationToken cancellation) => start.Kind switch
    {
        LogStartKind.End => new(_records.Next),
        LogStartKind.Position => new(Math.Clamp(start.Position, _records.First, _records.Next)),
        LogStartKind.Time => _records.PositionAtAsync(start.Time.ToUnixTimeMilliseconds(), cancellation),
        _ => new(_records.First),
    };

    /// <summary>The first publication of an id decides: when it is safe this one is a repetition, and when it failed this one takes its place.</summary>
    private async ValueTask<PublishReceipt> RepeatAsync(NewEvent newEvent, long position, CancellationToken cancellation)
    {
        if (position != IdWindow.OnItsWay) return new PublishReceipt(newEvent.Partition, position, IsRepetition: true);
        await _records.WhenSafeAsync(cancellation);
        return await AppendAsync(newEvent, cancellation);
    }

    /// <summary>Counts what a group has not done.</summary>
    private sealed class LagCount(LocalGroup group) : IRecordReader
    {
        public const int AtOnce = 4_096;

        public long Lag { get; private set; }

        public int Room { get; set; }

        public bool TryTake(int partition, long position, ReadOnlySpan<byte> bytes)
        {
            if (Room-- == 0) return false;
            if (!group.IsDone(partition, position, bytes)) Lag++;
            return true;
        }
    }
}
