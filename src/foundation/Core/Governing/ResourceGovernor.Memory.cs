using Sirsi.Core.Errors;

namespace Sirsi.Core.Governing;

/// <summary>What memory is reserved.</summary>
public sealed partial class ResourceGovernor
{
    private long _memoryReserved;
    private long _memoryReservedPeak;

    /// <summary>Reserves memory here and in every ancestor; null when a limit does not allow it or the governor is closed.</summary>
    /// <param name="bytes">How much, 0 or more.</param>
    public MemoryReservation? TryReserveMemory(long bytes) => TryChangeMemory(0, bytes) is null ? new MemoryReservation(this, bytes) : null;

    /// <summary>Reserves memory here and in every ancestor.</summary>
    /// <exception cref="CoreException"><see cref="CoreErrors.MemoryLimitReached"/> or <see cref="CoreErrors.GovernorClosed"/>.</exception>
    public MemoryReservation ReserveMemory(long bytes)
    {
        if (TryChangeMemory(0, bytes) is not { } limit) return new MemoryReservation(this, bytes);
        throw limit.MemoryException(bytes);
    }

    /// <summary>Changes a reservation at every level or at none; gives the governor that refused, if one did.</summary>
    internal ResourceGovernor? TryChangeMemory(long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(to, "bytes");
        lock (Tree.Gate)
        {
            long more = to - from;
            if (more > 0)
            {
                if (_isClosed) return this;
                foreach (ResourceGovernor governor in _path)
                    if (more > governor.MemoryLeft()) return governor;
            }

            foreach (ResourceGovernor governor in _path)
            {
                governor._memoryReserved += more;
                governor._memoryReservedPeak = Math.Max(governor._memoryReservedPeak, governor._memoryReserved);
            }

            return null;
        }
    }

    internal CoreException MemoryException(long bytes) => _isClosed ? ClosedException() : new CoreException(
        CoreErrors.MemoryLimitReached,
        $"{bytes} bytes of memory do not fit under the limit of {_options.MemoryBytesMax} bytes of the governor '{Name}'.");

    private long MemoryLeft()
    {
        long limit = _options.MemoryBytesMax ?? long.MaxValue;
        long used = _options.MemoryAccount is MemoryAccount.ManagedHeap
            ? Math.Max(_memoryReserved, GC.GetTotalMemory(forceFullCollection: false))
            : _memoryReserved;
        return limit - used;
    }
}

/// <summary>Reserved memory; disposing of it gives it back. Doing so again does nothing. Safe for any number of threads.</summary>
public sealed class MemoryReservation : IDisposable
{
    private readonly ResourceGovernor _governor;
    private readonly Lock _lock = new();
    private long _bytes;
    private bool _returned;

    internal MemoryReservation(ResourceGovernor governor, long bytes) => (_governor, _bytes) = (governor, bytes);

    /// <summary>How many bytes are reserved now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Makes the reservation larger or smaller; false, and nothing changed, when a limit does not allow it.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    public bool TryResize(long bytes)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_returned, this);
            if (_governor.TryChangeMemory(_bytes, bytes) is not null) return false;
            _bytes = bytes;
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_returned) return;
            _returned = true;
            _ = _governor.TryChangeMemory(_bytes, 0);
            _bytes = 0;
        }
    }
}
