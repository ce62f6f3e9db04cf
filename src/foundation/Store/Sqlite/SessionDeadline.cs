namespace Sirsi.Store.Sqlite;

/// <summary>Interrupts what a connection is doing when it takes too long. One timer for all sessions of a connection.</summary>
internal sealed class SessionDeadline : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private bool _armed;
    private long _began;
    private TimeSpan _timeMax;

    public SessionDeadline(SqliteConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _timer = time.CreateTimer(static state => ((SessionDeadline)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A session begins that may take <paramref name="timeMax"/>, or as long as it takes.</summary>
    public void Begin(TimeSpan timeMax)
    {
        if (timeMax == Timeout.InfiniteTimeSpan) return;
        lock (_lock)
        {
            (_began, _timeMax) = (_time.GetTimestamp(), timeMax);
            // The timer goes on from session to session: changing it for each would cost more than most sessions.
            if (!_armed) _timer.Change(timeMax, Timeout.InfiniteTimeSpan);
            _armed = true;
        }
    }

    public void End()
    {
        lock (_lock) _timeMax = TimeSpan.Zero;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_lock)
        {
            _armed = false;
            if (_timeMax == TimeSpan.Zero) return;
            TimeSpan left = _timeMax - _time.GetElapsedTime(_began);
            if (left <= TimeSpan.Zero)
            {
                _connection.Interrupt();
                left = TimeSpan.FromMilliseconds(100); // It may be between two statements: ask again.
            }

            _timer.Change(left, Timeout.InfiniteTimeSpan);
            _armed = true;
        }
    }
}
