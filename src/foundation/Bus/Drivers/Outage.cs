namespace Sirsi.Bus.Drivers;

/// <summary>
/// Whether a source's server is away, as the loop that keeps its membership finds it. Who fetches may wait for events that others push, and call nothing that could fail: it is woken, and hears once that the server is away and
/// once that it is back. Safe for any number of threads.
/// </summary>
internal sealed class Outage(Signal wake)
{
    private readonly Lock _lock = new();
    private BusException? _untold;
    private bool _isAway;
    private bool _isBackUntold;

    /// <summary>The server is away, or refuses.</summary>
    public void Begin(BusException problem)
    {
        lock (_lock)
        {
            if (!_isAway) _untold = problem;
            _isAway = true;
            _isBackUntold = false;
        }

        wake.Set();
    }

    /// <summary>The server has answered. What nobody has heard of need not be heard of any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (!_isAway) return;
            _isAway = false;
            _isBackUntold = _untold is null;
            _untold = null;
            if (!_isBackUntold) return;
        }

        wake.Set();
    }

    /// <summary>Whether the server has come back since the last call.</summary>
    /// <exception cref="BusException">It has gone since then.</exception>
    public bool HasEnded()
    {
        lock (_lock)
        {
            if (_untold is { } problem)
            {
                _untold = null;
                throw problem;
            }

            bool isBack = _isBackUntold;
            _isBackUntold = false;
            return isBack;
        }
    }
}
