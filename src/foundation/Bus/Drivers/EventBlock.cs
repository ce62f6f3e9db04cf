using System.Buffers;
using System.Runtime.InteropServices;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Drivers;

/// <summary>
/// Fetched events, one behind the other in one buffer. A source fills it; what the filter does not want is left out. Reused when
/// all that was in it is settled. Not thread-safe.
/// </summary>
public sealed class EventBlock
{
    private const int BufferLength = 64 * 1024;

    private readonly EventFilter? _filter;
    private readonly List<Entry> _entries = [];
    private readonly List<int> _wantedElsewhere = [];
    private readonly List<int> _lost = [];
    private byte[] _buffer = [];
    private int _length;

    internal EventBlock(EventFilter? filter) => _filter = filter;

    /// <summary>How many more events it takes, if their bytes fit.</summary>
    public int Room { get; private set; }

    /// <summary>How many events are in it.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether an event did not fit: nothing more comes into it before all in it is settled.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>How many events of it are not settled.</summary>
    internal int Unsettled { get; set; }

    internal IReadOnlyList<int> WantedElsewhere => _wantedElsewhere;

    internal IReadOnlyList<int> Lost => _lost;

    internal ReadOnlySpan<Entry> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>Adds an event. Its bytes are copied.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="position">Its position.</param>
    /// <param name="deliveries">How often it was handed out before, by this or another member.</param>
    /// <param name="bytes">The event as <c>sirsi.v1.Event</c>.</param>
    /// <param name="token">What the source wants back when it is settled.</param>
    public BlockAddition TryAdd(int partition, long position, int deliveries, ReadOnlySpan<byte> bytes, object? token = null)
    {
        if (!EventScan.TryRead(bytes, out EventScan scan) || !(_filter?.Matches(scan) ?? true)) return BlockAddition.Unwanted;
        if (Room == 0) return BlockAddition.Full;
        if (_buffer.Length - _length < bytes.Length && !TryMakeRoom(bytes.Length)) return BlockAddition.Full;
        bytes.CopyTo(_buffer.AsSpan(_length));
        ulong keyHash = scan.Key.IsEmpty ? 0 : Partitioning.HashOf(scan.Key);
        _entries.Add(new Entry(_length, bytes.Length, partition, position, deliveries, keyHash, scan.Priority, token));
        _length += bytes.Length;
        Room--;
        return BlockAddition.Added;
    }

    /// <summary>Says that another member waits for a partition: it is to be released as soon as nothing of it is in flight.</summary>
    public void WantElsewhere(int partition) => _wantedElsewhere.Add(partition);

    /// <summary>Says that a partition is somebody else's already: what is in flight of it no longer counts.</summary>
    public void Lose(int partition) => _lost.Add(partition);

    internal ReadOnlyMemory<byte> BytesOf(int offset, int length) => _buffer.AsMemory(offset, length);

    /// <summary>Makes it ready for another fetch, behind what it holds.</summary>
    internal void Open(int room)
    {
        _wantedElsewhere.Clear();
        _lost.Clear();
        Room = room;
        if (_buffer.Length == 0) _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    }

    internal void Clear()
    {
        _entries.Clear();
        _length = 0;
        Room = 0;
        IsFull = false;
    }

    internal void Return()
    {
        Clear();
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>Only an empty block grows: views of its events point into the buffer.</summary>
    private bool TryMakeRoom(int length)
    {
        if (_entries.Count > 0)
        {
            IsFull = true;
            return false;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(length);
        return true;
    }

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Entry(
        int Offset, int Length, int Partition, long Position, int Deliveries, ulong KeyHash, EventPriority Priority, object? Token);
}

/// <summary>What became of an event that was to go into a block.</summary>
public enum BlockAddition
{
    /// <summary>It is in the block.</summary>
    Added,

    /// <summary>The filter does not want it, or its bytes are no event: the source settles it itself.</summary>
    Unwanted,

    /// <summary>It does not fit: the source gives it again at the next fetch.</summary>
    Full,
}
