using System.Runtime.CompilerServices;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Local;

/// <summary>A reader's place in a log of this process.</summary>
internal sealed class LocalReader(LocalLog log, LocalRecords records, long start, bool follow, Signal wake) : EventSource, IRecordReader
{
    private readonly RecordCursor _cursor = records.OpenCursor();
    private long _at = start;
    private EventBlock _block = null!;

    public Signal Wake => wake;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask FetchAsync(EventBlock block, CancellationToken cancellation)
    {
        int before = block.Count;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            long from = Math.Max(_at, records.First);
            if (from < records.Next)
            {
                _block = block;
                _at = await _cursor.ReadAsync(from, this, cancellation);
                if (_at == from) return;
            }

            if (block.Count > before) return;
            if (_at < records.Next) continue;
            if (!follow) return;
            await wake.WaitAsync(cancellation);
        }
    }

    public bool TryTake(int partition, long position, ReadOnlySpan<byte> bytes) =>
        _block.TryAdd(partition, position, deliveries: 0, bytes) != BlockAddition.Full;

    public override ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation) => default;

    public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation) => default;

    public override ValueTask DisposeAsync()
    {
        log.Unregister(wake);
        _cursor.Dispose();
        return default;
    }
}
