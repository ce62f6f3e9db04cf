namespace Sirsi.Wasm.Memory;

/// <summary>
/// Counts what an engine keeps of memories whose instances are gone. When that becomes too much, the image that waited longest for an
/// instance gives up its own. Thread-safe.
/// </summary>
internal sealed class KeptMemories(int countMax, long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly List<WeakReference<MemoryImage>> _images = [];
    private int _count;
    private long _bytes;
    private long _uses;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Whether a memory of an image may be kept; counts it.</summary>
    internal bool TryAdd(MemoryImage image, ulong bytes)
    {
        if (image.LastUse == 0) Note(image);
        image.LastUse = Interlocked.Increment(ref _uses);
        do
        {
            int count = Interlocked.Increment(ref _count);
            if (Interlocked.Add(ref _bytes, (long)bytes) <= bytesMax && count <= countMax) return true;
            Remove(bytes);
        }
        while (TryMakeRoom(image));
        return false;
    }

    internal void Remove(ulong bytes)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -(long)bytes);
    }

    private void Note(MemoryImage image)
    {
        lock (_gate) _images.Add(new(image));
    }

    private bool TryMakeRoom(MemoryImage image)
    {
        lock (_gate)
        {
            MemoryImage? longest = null;
            for (int i = _images.Count - 1; i >= 0; i--)
            {
                if (!_images[i].TryGetTarget(out MemoryImage? other)) _images.RemoveAt(i);
                else if (other != image && other.HasKept && (longest is null || other.LastUse < longest.LastUse)) longest = other;
            }

            return longest is not null && longest.Trim();
        }
    }
}
