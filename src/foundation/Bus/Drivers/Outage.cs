namespace Sirsi.Bus.Drivers;

/// <summary>
/// Whether a source's server is away, as the loop that keeps its membership finds it. Who fetches may wait for events that others push, and call nothing that could fail: it is woken, and hears once that the server is away and
/// once that it is back. Safe for any number of threads.
/// </summary>
internal sealed class Outage(Signal wake)
{
    private readonly Lock _lock = new();
    private BusException? _problem;
    private BusException? _heard;

    /// <summary>The server is away, or refuses.</summary>
    public void Begin(BusException problem)
    {
        lock (_lock) _problem ??= problem;
        wake.Set();
    }

    /// <summary>The server is away, or refuses, as who fetches has found by himself.</summary>
    public void Hear(BusException problem)
    {
        lock (_lock) _heard = _problem ??= problem;
    }

    /// <summary>The server has answered. An outage that nobody has heard of need not be heard of any more.</summary>
    public void End()
    {
        lock (_lock)
        {
            _problem = null;
            if (_heard is null) return;
        }

        wake.Set();
    }

    /// <summary>Whether the server has come back since who fetches has heard of its outage.</summary>
    /// <exception cref="BusException">There is an outage that he has not heard of.</exception>
    public bool HasEnded()
    {
        lock (_lock)
        {
            if (_problem == _heard) return false;
            _heard = _problem;
            if (_heard is not null) throw _heard;
            return true;
        }
    }
}
