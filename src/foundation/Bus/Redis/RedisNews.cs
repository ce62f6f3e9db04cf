namespace Sirsi.Bus.Redis;

/// <summary>Tells others that a log has grown, at most once in a while: many publications are one piece of news. Safe for any number of threads.</summary>
internal sealed class RedisNews : IAsyncDisposable
{
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(3);

    private readonly TimeProvider _time;
    private readonly Action _tell;
    private readonly ITimer _timer;
    private int _isPending;
    private long _toldAt;

    public RedisNews(TimeProvider time, Action tell)
    {
        (_time, _tell) = (time, tell);
        _timer = time.CreateTimer(static news => ((RedisNews)news!).Tell(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>There is something new.</summary>
    public void Add()
    {
        if (Volatile.Read(ref _isPending) != 0 || Interlocked.Exchange(ref _isPending, 1) != 0) return;
        if (_time.GetElapsedTime(Volatile.Read(ref _toldAt)) >= Gap) Tell();
        else _timer.Change(Gap, Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Tell()
    {
        Volatile.Write(ref _toldAt, _time.GetTimestamp());
        Volatile.Write(ref _isPending, 0);
        _tell();
    }
}
