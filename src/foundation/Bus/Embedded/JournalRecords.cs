using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.Bus.Embedded;

/// <summary>
/// Records in a journal: the partition in two bytes, then the event. A record shorter than that is none of ours to show: it only takes a number. Old segments are dropped once a
/// minute, and whenever another segment's worth was appended.
/// </summary>
internal sealed class JournalRecords : LocalRecords
{
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromMinutes(1);

    private readonly SegmentedJournal _journal;
    private readonly LogOptions _options;
    private readonly HostEnvironment _environment;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _retaining;

    public JournalRecords(SegmentedJournal journal, LogOptions options, HostEnvironment environment)
    {
        (_journal, _options, _environment) = (journal, options, environment);
        journal.Grown = () => Grown?.Invoke();
        _retaining = environment.Executor.RunAsync(RetainAsync);
    }

    public override long First => _journal.FirstSequence;

    public override long Next => _journal.NextSequence;

    public override long Bytes => _journal.Bytes;

    public override ValueTask<long> AppendAsync(in NewEvent newEvent, CancellationToken cancellation)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(newEvent.Framed.Span, (ushort)newEvent.Partition);
        return _journal.AppendAsync(newEvent.Framed, cancellation);
    }

    public override async ValueTask WhenSafeAsync(CancellationToken cancellation)
    {
        try
        {
            await _journal.AppendAsync(default(ReadOnlyMemory<byte>), cancellation);
        }
        catch (JournalException failure)
        {
            throw EmbeddedBusDriver.Failed(failure);
        }
    }

    public override Exception Told(Exception failure) => failure is JournalException of ? EmbeddedBusDriver.Failed(of) : failure;

    public override RecordCursor OpenCursor() => new Cursor(_journal);

    public override async ValueTask<long> PositionAtAsync(long timeMilliseconds, CancellationToken cancellation)
    {
        using JournalReader reader = _journal.OpenReader(DateTimeOffset.FromUnixTimeMilliseconds(timeMilliseconds));
        return await reader.ReadAsync(cancellation) ? reader.Current.Sequence : _journal.NextSequence;
    }

    /// <summary>The ids at the end of the log that are within the window.</summary>
    public async ValueTask<IdWindow> ReadIdsAsync(CancellationToken cancellation)
    {
        var ids = new IdWindow(_options.DeduplicationIdsMax, (long)_options.DeduplicationWindow.TotalMilliseconds);
        DateTimeOffset now = _environment.Time.GetUtcNow();
        if (_options.DeduplicationIdsMax == 0 || _options.DeduplicationWindow == TimeSpan.Zero) return ids;
        long start = await PositionAtAsync((now - _options.DeduplicationWindow).ToUnixTimeMilliseconds(), cancellation);
        using JournalReader reader = _journal.OpenReader(Math.Max(start, Math.Max(First, Next - _options.DeduplicationIdsMax)));
        while (await reader.ReadAsync(cancellation)) Remember(ids, reader.Current);
        return ids;
    }

    public override async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await _retaining;
        await _journal.DisposeAsync();
        _stopping.Dispose();
    }

    private static void Remember(IdWindow ids, JournalRecord record)
    {
        if (record.Data.Length <= NewEvent.Headroom || !EventScan.TryRead(record.Data[NewEvent.Headroom..], out EventScan scan)) return;
        long milliseconds = record.Time.ToUnixTimeMilliseconds();
        var id = new Guid(scan.Id, bigEndian: true);
        if (!ids.TryFind(id, milliseconds, out _)) ids.Add(id, milliseconds, record.Sequence);
    }

    private async Task RetainAsync()
    {
        var retention = new JournalRetention { AgeMax = _options.RetentionAge, BytesMax = _options.RetentionBytes };
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _journal.DropAsync(retention, long.MaxValue, _stopping.Token);
                await Task.Delay(RetentionInterval, _environment.Time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (JournalException)
            {
                // What cannot be dropped now is tried again in a minute; the journal tells its own failures to those who append.
                await Task.Delay(RetentionInterval, _environment.Time);
            }
        }
    }

    private sealed class Cursor(SegmentedJournal journal) : RecordCursor
    {
        private JournalReader? _reader;
        private bool _isShownAgain;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public override async ValueTask<long> ReadAsync(long from, IRecordReader reader, CancellationToken cancellation)
        {
            try
            {
                JournalReader at = ReaderAt(from);
                while (_isShownAgain || await at.ReadAsync(cancellation))
                {
                    _isShownAgain = !Show(at.Current, reader);
                    if (_isShownAgain) return at.NextSequence - 1;
                }

                return at.NextSequence;
            }
            catch (JournalException failure)
            {
                Dispose();
                throw EmbeddedBusDriver.Failed(failure);
            }
        }

        public override void Dispose()
        {
            _reader?.Dispose();
            _reader = null;
            _isShownAgain = false;
        }

        private static bool Show(JournalRecord record, IRecordReader reader) =>
            record.Data.Length <= NewEvent.Headroom
            || reader.TryTake(BinaryPrimitives.ReadUInt16LittleEndian(record.Data), record.Sequence, record.Data[NewEvent.Headroom..]);

        private JournalReader ReaderAt(long from)
        {
            if (_reader is not null && _reader.NextSequence - (_isShownAgain ? 1 : 0) == from) return _reader;
            Dispose();
            return _reader = journal.OpenReader(Math.Max(1, from));
        }
    }
}
