using Sirsi.Bus.Events;

namespace Sirsi.Bus.Drivers;

/// <summary>
/// Lets so many publications be under way at once and refuses more: whoever waited for a place could be overtaken by a later event of the same key. Safe for any number of threads.
/// </summary>
internal sealed class AppendGate(LogName log, int max)
{
    private int _underWay;

    /// <exception cref="BusException">There are too many.</exception>
    public void Enter()
    {
        if (Interlocked.Increment(ref _underWay) <= max) return;
        Leave();
        throw new BusException(BusErrors.TooManyAppends, $"The log {log} takes no more: {max:N0} publications are under way.");
    }

    public void Leave(int count = 1) => Interlocked.Add(ref _underWay, -count);
}
