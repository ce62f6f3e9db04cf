using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Measuring;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Tests.Local;

/// <summary>A member is given a partition while it is reading: it begins there where the partition's last member ended, not where it happens to read.</summary>
public sealed class HandOverTests
{
    private const int Partitions = 4;
    private const int Events = 2 * Partitions;

    private static readonly TopicScope Scope = new("tenant", "project");
    private static readonly GroupOptions Group = new() { Name = "g", Filter = new EventFilter(Scope, "work.>") };

    private readonly DeterministicHost _host = new(1);

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(7)]
    public void Nothing_is_passed_over_of_a_partition_that_comes_in_the_midst_of_a_read(long position) => Run(async (log, records) =>
    {
        await using EventSource one = await log.JoinAsync(Group, default);
        await using EventSource two = await log.JoinAsync(Group, default);
        // It hears here that 1 and 3 are wanted elsewhere.
        await FetchAsync(one);
        await one.ReleaseAsync(1, default);
        records.Shown = shown => AtOnce(shown == position ? one.ReleaseAsync(3, default) : default);
        Assert.Equal([1, 3, 5, 7], await FetchAsync(two, count: 4));
    });

    [Fact]
    public void Nothing_is_passed_over_of_a_partition_that_is_wanted_elsewhere_for_a_moment() => Run(async (log, records) =>
    {
        await using EventSource one = await log.JoinAsync(Group, default);
        ValueTask<EventSource> two = default;
        records.Shown = shown =>
        {
            if (shown == 0) two = log.JoinAsync(Group, default);
            if (shown != 4) return;
            records.Shown = static _ => { };
            AtOnce(LeaveAsync());
        };
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], await FetchAsync(one, count: Events));

        async ValueTask LeaveAsync() => await (await two).DisposeAsync();
    });

    [Fact]
    public void A_read_that_fails_in_its_midst_is_gone_on_with() => Run(async (log, records) =>
    {
        records.Shown = shown =>
        {
            if (shown != 4) return;
            records.Shown = static _ => { };
            throw new BusException(BusErrors.Unavailable, "the disk fails for a moment");
        };
        using var metrics = new BusMetrics("test", _host.Environment.Time);
        await using var consumer = new EventConsumer(Group, await log.JoinAsync(Group, default), deadLetters: log, metrics, _host.Environment);
        consumer.Start();
        var deliveries = new Delivery[1];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), _host.Environment.Time);
        for (int i = 0; i < Events; i++)
        {
            await consumer.ReceiveAsync(deliveries, patience.Token);
            Assert.Equal(i, deliveries[0].Position);
        }
    });

    /// <summary>Fetches until there are so many, or nothing comes for a while; gives their positions.</summary>
    private async Task<IEnumerable<long>> FetchAsync(EventSource source, int count = 1)
    {
        var block = new EventBlock(Group.Filter);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), _host.Environment.Time);
        while (block.Count < count)
        {
            block.Open(room: 100);
            try
            {
                await source.FetchAsync(block, patience.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return [.. block.Entries.ToArray().Select(static entry => entry.Position).Order()];
    }

    private void Run(Func<LocalLog, ShownRecords, Task> test) =>
        _host.Run(async () =>
        {
            var options = new LogOptions { Partitions = Partitions, DeduplicationIdsMax = 0 };
            var records = new ShownRecords(new MemoryRecords(options, _host.Environment));
            await using var log = new LocalLog(new LogName(Scope, "work"), options, records, new NoGroupMemory(), new IdWindow(0, 0), _host.Environment);
            for (int i = 0; i < Events; i++) await log.AppendAsync(Event(i % Partitions), default);
            await test(log, records);
        });

    private NewEvent Event(int partition)
    {
        var message = new EventMessage { Scope = Scope, Subject = "work.done" };
        byte[] framed = new byte[NewEvent.Headroom + EventWriter.LengthMaxOf(message)];
        Guid id = _host.Environment.Ids.Next();
        int length = EventWriter.Write(message, id, timeMicroseconds: 0, framed.AsSpan(NewEvent.Headroom));
        return new NewEvent(partition, id, 0, framed.AsMemory(0, NewEvent.Headroom + length));
    }

    /// <summary>What happens in the midst of a read has to be over there.</summary>
    private static void AtOnce(ValueTask done) => Assert.True(done.IsCompletedSuccessfully);

    /// <summary>Records that tell which one is being shown, in the midst of a read.</summary>
    private sealed class ShownRecords(LocalRecords inner) : LocalRecords
    {
        public Action<long> Shown { get; set; } = static _ => { };

        public override long First => inner.First;

        public override long Next => inner.Next;

        public override long Bytes => inner.Bytes;

        public override ValueTask<long> AppendAsync(in NewEvent newEvent, CancellationToken cancellation) => inner.AppendAsync(newEvent, cancellation);

        public override ValueTask WhenSafeAsync(CancellationToken cancellation) => inner.WhenSafeAsync(cancellation);

        public override RecordCursor OpenCursor() => new Cursor(this, inner.OpenCursor());

        public override ValueTask<long> PositionAtAsync(long timeMilliseconds, CancellationToken cancellation) => inner.PositionAtAsync(timeMilliseconds, cancellation);

        public override ValueTask DisposeAsync() => inner.DisposeAsync();

        private sealed class Cursor(ShownRecords records, RecordCursor inner) : RecordCursor, IRecordReader
        {
            private IRecordReader _reader = null!;

            public override ValueTask<long> ReadAsync(long from, IRecordReader reader, CancellationToken cancellation)
            {
                _reader = reader;
                return inner.ReadAsync(from, this, cancellation);
            }

            public bool TryTake(int partition, long position, ReadOnlySpan<byte> bytes)
            {
                records.Shown(position);
                return _reader.TryTake(partition, position, bytes);
            }

            public override void Dispose() => inner.Dispose();
        }
    }
}
