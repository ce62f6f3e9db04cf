using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// Takes what is too old or too much out of a log's streams, from time to time, in the processes that publish to it; so publishing itself is one plain command.
/// </summary>
internal sealed class RedisRetention : IAsyncDisposable
{
    private readonly RedisServer _server;
    private readonly IDatabase _database;
    private readonly RedisKeys _keys;
    private readonly int _partitions;
    private readonly LogOptions _options;
    private readonly HostEnvironment _environment;
    private readonly ITimer _timer;
    private Task _trimming = Task.CompletedTask;
    private bool _isTouched;
    private bool _disposed;

    public RedisRetention(RedisServer server, IDatabase database, RedisKeys keys, int partitions, LogOptions options)
    {
        (_server, _database, _keys, _partitions, _options, _environment) = (server, database, keys, partitions, options, server.Environment);
        _timer = _environment.Time.CreateTimer(
            static retention => ((RedisRetention)retention!).Begin(), this, server.Options.TrimInterval, server.Options.TrimInterval);
    }

    /// <summary>Something was appended.</summary>
    public void Touch()
    {
        if (!Volatile.Read(ref _isTouched)) Volatile.Write(ref _isTouched, true);
    }

    /// <summary>How many bytes a partition takes on its server.</summary>
    public async ValueTask<long> BytesAsync(int partition)
    {
        RedisResult usage = await _server.AskAsync(_database.ExecuteAsync("MEMORY", "USAGE", _keys.Stream(partition)));
        return usage.IsNull ? 0 : (long)usage;
    }

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, true);
        await _timer.DisposeAsync();
        await _trimming;
    }

    private void Begin()
    {
        if (!_trimming.IsCompleted || Volatile.Read(ref _disposed) || !Interlocked.Exchange(ref _isTouched, false)) return;
        _trimming = _environment.Executor.RunAsync(TrimAllAsync);
    }

    private async Task TrimAllAsync()
    {
        try
        {
            for (int partition = 0; partition < _partitions && !Volatile.Read(ref _disposed); partition++) await TrimAsync(partition);
        }
        catch (BusException)
        {
            // The next time will do.
            Touch();
        }
    }

    private async ValueTask TrimAsync(int partition)
    {
        RedisKey stream = _keys.Stream(partition);
        DateTimeOffset oldest = _environment.Time.GetUtcNow() - Min(_options.RetentionAge, TimeSpan.FromDays(36_500));
        await _server.AskAsync(_database.StreamTrimByMinIdAsync(stream, RedisPosition.ToId(RedisPosition.Of(oldest)), useApproximateMaxLength: true));
        long bytesMax = _options.RetentionBytes / _partitions, bytes = await BytesAsync(partition);
        if (bytes <= bytesMax) return;
        long length = await _server.AskAsync(_database.StreamLengthAsync(stream));
        await _server.AskAsync(_database.StreamTrimAsync(stream, (long)(length * ((double)bytesMax / bytes)), useApproximateMaxLength: true, limit: null));
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
