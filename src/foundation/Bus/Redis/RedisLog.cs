using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Leases;
using Sirsi.Core.Hosting;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>A log as one stream for each partition.</summary>
internal sealed class RedisLog : LeasedLog
{
    /// <summary>The field of a stream's entry that holds the event.</summary>
    public const string EventField = "e";

    private static readonly RedisValue Grown = "g";
    private static readonly RedisValue Changed = "c";

    private readonly RedisServer _server;
    private readonly RedisServer.Connection _connection;
    private readonly RedisKeys _keys;
    private readonly RedisCells _cells;
    private readonly RedisNews _news;
    private readonly RedisRetention _retention;
    private readonly ITimer _poll;
    private readonly AppendGate _gate;
    private readonly RedisCommands _commands;
    private readonly List<RedisAppender> _appenders = [];
    private ChannelMessageQueue? _subscription;

    private RedisLog(RedisServer server, RedisServer.Connection connection, LogName name, int partitions, LogOptions options)
        : base(name, partitions, new LeaseOptions(server.Options.Lease), server.Environment)
    {
        (_server, _connection) = (server, connection);
        HostEnvironment environment = server.Environment;
        _keys = new RedisKeys(server.Options.Prefix, name, partitions);
        _cells = new RedisCells(server, connection.Database, _keys);
        _news = new RedisNews(environment.Time, () => Tell(Grown));
        _retention = new RedisRetention(server, connection.Database, _keys, partitions, options);
        _gate = new AppendGate(name, server.Options.AppendsMax);
        _commands = new RedisCommands(_keys, partitions, options.DeduplicationIdsMax > 0 ? options.DeduplicationWindow : TimeSpan.Zero);
        _poll = environment.Time.CreateTimer(
            static log => ((RedisLog)log!).OnGrown(), this, server.Options.PollInterval, server.Options.PollInterval);
    }

    public override CellStore Cells => _cells;

    public static async ValueTask<RedisLog> OpenAsync(RedisServer server, LogName name, LogOptions options)
    {
        RedisServer.Connection connection = await server.ConnectAsync();
        RedisKey settings = RedisKeys.Settings(server.Options.Prefix, name);
        await server.AskAsync(connection.Database.HashSetAsync(settings, "partitions", options.Partitions, When.NotExists));
        var partitions = (int)await server.AskAsync(connection.Database.HashGetAsync(settings, "partitions"));
        var log = new RedisLog(server, connection, name, partitions, options);
        try
        {
            await log.ConnectAsync();
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    public override ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation) =>
        _appenders[newEvent.Partition % _appenders.Count].AppendAsync(newEvent);

    public override PartitionFeed OpenFeed(int partition, long from, Signal wake) =>
        new RedisFeed(_server, _connection.Database, _keys.Stream(partition), from);

    public override void Poke() => Tell(Changed);

    public override async ValueTask<LogStatus> StatusAsync(CancellationToken cancellation)
    {
        long events = 0, bytes = 0, first = long.MaxValue, next = 0;
        for (int partition = 0; partition < Partitions; partition++)
        {
            events += await _server.AskAsync(_connection.Database.StreamLengthAsync(_keys.Stream(partition)));
            bytes += await _retention.BytesAsync(partition);
            StreamEntry[] start = await _server.AskAsync(_connection.Database.StreamRangeAsync(_keys.Stream(partition), count: 1));
            if (start.Length > 0) first = Math.Min(first, RedisPosition.Of(start[0].Id));
            next = Math.Max(next, await EndAsync(partition));
        }

        return new LogStatus(events, bytes, Math.Min(first, next), next);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (RedisAppender appender in _appenders) await appender.DisposeAsync();
        await _poll.DisposeAsync();
        await _news.DisposeAsync();
        await _retention.DisposeAsync();
        try
        {
            if (_subscription is not null) await _subscription.UnsubscribeAsync();
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Subscriptions end with the connection.
        }
    }

    protected override async ValueTask<long[]> EndsAsync(CancellationToken cancellation)
    {
        long[] ends = new long[Partitions];
        for (int partition = 0; partition < Partitions; partition++) ends[partition] = await EndAsync(partition);
        return ends;
    }

    protected override ValueTask<long> PositionAtAsync(DateTimeOffset time, CancellationToken cancellation) => new(RedisPosition.Of(time));

    private async ValueTask<long> EndAsync(int partition)
    {
        StreamEntry[] last = await _server.AskAsync(
            _connection.Database.StreamRangeAsync(_keys.Stream(partition), count: 1, messageOrder: Order.Descending));
        return last.Length == 0 ? 0 : RedisPosition.Of(last[0].Id) + 1;
    }

    private async Task ConnectAsync()
    {
        _subscription = await _server.AskAsync(_connection.Subscriber.SubscribeAsync(_keys.Channel));
        _subscription.OnMessage(Hear);
        // One line may append to all partitions of a lone server, but in a cluster only to what lies on one node for sure.
        int lines = _connection.IsCluster ? Partitions : 1;
        for (int line = 0; line < lines; line++)
            _appenders.Add(await RedisAppender.OpenAsync(_server, _connection, _commands, _keys.Stream(line), _gate, OnAppended));
    }

    private void OnAppended()
    {
        _news.Add();
        _retention.Touch();
    }

    private void Tell(RedisValue news) => _ = _connection.Subscriber.PublishAsync(_keys.Channel, news, CommandFlags.FireAndForget);

    private void Hear(ChannelMessage message)
    {
        if (message.Message == Grown) OnGrown();
        else OnPoked();
    }
}
