using System.Runtime.InteropServices;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Consuming;

/// <summary>Reads a log without a group: nothing is answered, and nothing remembered. One call at a time.</summary>
public sealed class EventReader : IAsyncDisposable
{
    private readonly EventSource _source;
    private readonly ReadOptions _options;
    private readonly EventBlock _block;

    internal EventReader(EventSource source, ReadOptions options)
    {
        (_source, _options) = (source, options);
        _block = new EventBlock(options.Filter);
    }

    /// <summary>
    /// Waits until there is at least one event, then gives as many as there are, up to the batch; valid until the next call. Empty at the end of the log
    /// when the reader does not follow it.
    /// </summary>
    /// <exception cref="BusException">The driver fails; the next call goes on behind what was read.</exception>
    public async ValueTask<EventBatch> ReadAsync(CancellationToken cancellation = default)
    {
        _block.Clear();
        _block.Open(_options.BatchMax);
        do
        {
            await _source.FetchAsync(_block, cancellation);
        }
        while (_block.Count == 0 && _options.Follow);

        return new EventBatch(_block);
    }

    /// <summary>Ends the reading.</summary>
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _block.Return();
    }
}

/// <summary>Events that were read together.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct EventBatch
{
    private readonly EventBlock _block;

    internal EventBatch(EventBlock block) => _block = block;

    /// <summary>How many there are.</summary>
    public int Count => _block?.Count ?? 0;

    /// <summary>One of them, by its index from 0.</summary>
    public ReadEvent this[int index]
    {
        get
        {
            ref readonly EventBlock.Entry entry = ref _block.Entries[index];
            return new ReadEvent(new EventView(_block.BytesOf(entry.Offset, entry.Length)), entry.Partition, entry.Position);
        }
    }
}

/// <summary>An event that was read.</summary>
/// <param name="Event">The event, valid until the next read.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Position">Its position: reading from one behind it goes on after it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ReadEvent(EventView Event, int Partition, long Position);
