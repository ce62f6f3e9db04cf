using System.Runtime.InteropServices;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Local;

/// <summary>Records in memory, in stretches of a few thousand; whole stretches go when they are too old or too many.</summary>
internal sealed class MemoryRecords(LogOptions options, HostEnvironment environment) : LocalRecords
{
    private const int StretchBytes = 256 * 1024;
    private const int StretchRecords = 2_048;

    private readonly Lock _lock = new();
    private readonly List<Stretch> _stretches = [];
    private Stretch? _spare;
    private long _bytes;
    private long _next;

    public override long First
    {
        get
        {
            lock (_lock) return _stretches.Count == 0 ? _next : _stretches[0].First;
        }
    }

    public override long Next => Volatile.Read(ref _next);

    public override long Bytes
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    public override ValueTask<long> AppendAsync(in NewEvent newEvent, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long position;
        int length = newEvent.Bytes.Length;
        lock (_lock)
        {
            position = _next;
            if (_stretches.Count == 0 || !_stretches[^1].HasRoom(length))
            {
                _stretches.Add(NewStretch(position, length));
                DropOld();
            }

            _stretches[^1].Append(newEvent.Partition, newEvent.TimeMilliseconds, newEvent.Bytes.Span);
            _bytes += length;
            Volatile.Write(ref _next, position + 1);
        }

        Grown?.Invoke();
        return new ValueTask<long>(position);
    }

    public override ValueTask WhenSafeAsync(CancellationToken cancellation) => default;

    public override RecordCursor OpenCursor() => new Cursor(this);

    public override ValueTask<long> PositionAtAsync(long timeMilliseconds, CancellationToken cancellation)
    {
        lock (_lock)
        {
            foreach (Stretch stretch in _stretches)
                if (stretch.LastMilliseconds >= timeMilliseconds) return new ValueTask<long>(stretch.PositionAt(timeMilliseconds));
            return new ValueTask<long>(_next);
        }
    }

    public override ValueTask DisposeAsync() => default;

    private ValueTask<long> ReadAsync(long from, IRecordReader reader)
    {
        lock (_lock)
        {
            for (int i = StretchOf(from); i < _stretches.Count; i++)
            {
                Stretch stretch = _stretches[i];
                for (from = Math.Max(from, stretch.First); from < stretch.First + stretch.Count; from++)
                {
                    ReadOnlySpan<byte> bytes = stretch.Read((int)(from - stretch.First), out int partition);
                    if (!reader.TryTake(partition, from, bytes)) return new ValueTask<long>(from);
                }
            }

            return new ValueTask<long>(from);
        }
    }

    /// <summary>The stretch that holds a position, or the first behind it.</summary>
    private int StretchOf(long position)
    {
        int low = 0, high = _stretches.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_stretches[middle].First + _stretches[middle].Count <= position) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>A stretch of the usual size that was dropped is used again.</summary>
    private Stretch NewStretch(long first, int firstLength)
    {
        long usual = Math.Min(StretchBytes, options.RetentionBytes / 4);
        if (firstLength > usual) return new Stretch(first, firstLength);
        Stretch stretch = _spare ?? new Stretch(first, usual);
        _spare = null;
        stretch.Begin(first);
        return stretch;
    }

    private void DropOld()
    {
        long oldest = environment.Time.GetUtcNow().ToUnixTimeMilliseconds() - (long)options.RetentionAge.TotalMilliseconds;
        int drop = 0;
        while (drop < _stretches.Count - 1 && (_bytes > options.RetentionBytes || _stretches[drop].LastMilliseconds < oldest))
        {
            _bytes -= _stretches[drop].BytesUsed;
            if (_stretches[drop].BytesMax <= StretchBytes) _spare = _stretches[drop];
            drop++;
        }

        _stretches.RemoveRange(0, drop);
    }

    private sealed class Cursor(MemoryRecords records) : RecordCursor
    {
        public override ValueTask<long> ReadAsync(long from, IRecordReader reader, CancellationToken cancellation) => records.ReadAsync(from, reader);

        public override void Dispose()
        {
        }
    }

    private sealed class Stretch(long first, long bytesMax)
    {
        private readonly byte[] _bytes = new byte[bytesMax];
        private readonly Record[] _records = new Record[StretchRecords];

        public long First { get; private set; } = first;

        public long BytesMax => _bytes.Length;

        public int Count { get; private set; }

        public int BytesUsed { get; private set; }

        public long LastMilliseconds { get; private set; } = long.MinValue;

        public bool HasRoom(int length) => Count < StretchRecords && _bytes.Length - BytesUsed >= length;

        public void Begin(long position)
        {
            First = position;
            Count = BytesUsed = 0;
            LastMilliseconds = long.MinValue;
        }

        public void Append(int partition, long milliseconds, ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_bytes.AsSpan(BytesUsed));
            LastMilliseconds = Math.Max(LastMilliseconds, milliseconds);
            _records[Count++] = new Record(BytesUsed, bytes.Length, partition, milliseconds);
            BytesUsed += bytes.Length;
        }

        public ReadOnlySpan<byte> Read(int index, out int partition)
        {
            ref Record record = ref _records[index];
            partition = record.Partition;
            return _bytes.AsSpan(record.Offset, record.Length);
        }

        public long PositionAt(long milliseconds)
        {
            int index = 0;
            while (_records[index].Milliseconds < milliseconds) index++;
            return First + index;
        }

        [StructLayout(LayoutKind.Auto)]
        private readonly record struct Record(int Offset, int Length, int Partition, long Milliseconds);
    }
}
