namespace Sirsi.Wasm.Memory;

/// <summary>
/// Counts bytes outside of the garbage-collected heap that an engine's instances have, and has the collector look for those that nobody disposed of when there are twice as many as when it last did. To tell the collector of each memory
/// (<see cref="GC.AddMemoryPressure"/>) made it look at the whole heap several times for a thousand small ones. Thread-safe.
/// </summary>
internal sealed class HeldMemory(long bytesMax)
{
    /// <summary>Up to this much the collector is left to itself.</summary>
    internal const long UnwatchedBytes = 256 << 20;

    private long _bytes;
    private long _lookAt = UnwatchedBytes;

    internal long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Counts bytes; false when there would be too many.</summary>
    internal bool TryAdd(ulong bytes)
    {
        if (bytes > (ulong)bytesMax) return false;
        long held = Interlocked.Add(ref _bytes, (long)bytes);
        if (held > bytesMax)
        {
            Remove(bytes);
            return false;
        }

        long lookAt = Volatile.Read(ref _lookAt);
        if (held > lookAt && Interlocked.CompareExchange(ref _lookAt, Math.Max(2 * lookAt, held), lookAt) == lookAt)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        return true;
    }

    internal void Remove(ulong bytes)
    {
        long held = Interlocked.Add(ref _bytes, -(long)bytes), lookAt = Volatile.Read(ref _lookAt);
        if (lookAt > UnwatchedBytes && held < lookAt / 4) Interlocked.CompareExchange(ref _lookAt, Math.Max(lookAt / 2, UnwatchedBytes), lookAt);
    }
}
