namespace Sirsi.TestKit;

/// <summary>What a piece of work allocates.</summary>
public static class Garbage
{
    private const int Tries = 5;

    /// <summary>
    /// The bytes <paramref name="work"/> allocates on this thread: the least of a few runs, because a collection in the middle of one counts the rest of the thread's allocation buffer.
    /// </summary>
    public static long Of(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        work();
        long least = long.MaxValue;
        for (int i = 0; i < Tries; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
