using RabbitMQ.Client;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.RabbitMq;

/// <summary>A log as a topic exchange, and a quorum queue for each partition of each group: what no group has a queue for is gone.</summary>
internal sealed class RabbitLog : EventLog
{
    private const long MillisecondsMax = uint.MaxValue;
    private const int SequenceBits = 20;

    /// <summary>The engine counts attempts; the broker is never to drop an event because of them.</summary>
    private const int DeliveryLimit = 1_000_000;

    private readonly RabbitPublisher _publisher;
    private readonly AppendGate _gate;
    private readonly LogOptions _options;
    private readonly HostEnvironment _environment;
    private readonly Lock _lock = new();
    private readonly List<RabbitSource> _sources = [];
    private long _lastPosition;

    private RabbitLog(RabbitLink link, RabbitLink publishing, LogName name, LogOptions options)
    {
        (Link, Name, _options, _environment) = (link, name, options, link.Environment);
        Names = new RabbitNames(link.Options.Prefix, name);
        _publisher = new RabbitPublisher(publishing, Names.Exchange);
        _gate = new AppendGate(name, link.Options.AppendsMax);
    }

    public override LogName Name { get; }

    public override int Partitions => _options.Partitions;

    public RabbitLink Link { get; }

    public RabbitNames Names { get; }

    public static async ValueTask<RabbitLog> OpenAsync(RabbitLink link, RabbitLink publishing, LogName name, LogOptions options)
    {
        var log = new RabbitLog(link, publishing, name, options);
        await link.OnChannelAsync(async channel =>
        {
            await channel.ExchangeDeclareAsync(log.Names.Exchange, ExchangeType.Topic, durable: true, autoDelete: false);
            return await channel.QueueDeclareAsync(log.Names.Settings, durable: true, exclusive: false, autoDelete: false, Arguments(("x-max-length", options.Partitions)));
        });
        return log;
    }

    public override ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent, CancellationToken cancellation)
    {
        // The client may keep the bytes until after this call.
        byte[] bytes = newEvent.Bytes.ToArray();
        if (!EventScan.TryRead(bytes, out EventScan scan)) throw new ArgumentException("The bytes are no event.", nameof(newEvent));
        string key = RabbitNames.Key(newEvent.Partition, scan.Subject);
        return SendAsync(key, newEvent.Partition, NextPosition(newEvent.TimeMilliseconds), bytes, cancellation);
    }

    public override async ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation)
    {
        Dictionary<string, object?> arguments = Arguments(
            ("x-queue-type", "quorum"),
            ("x-single-active-consumer", true),
            ("x-delivery-limit", DeliveryLimit),
            ("x-overflow", "drop-head"),
            ("x-max-length-bytes", Math.Max(1, _options.RetentionBytes / Partitions)),
            ("x-message-ttl", Math.Min(MillisecondsMax, (long)_options.RetentionAge.TotalMilliseconds)));
        await Link.OnChannelAsync(async channel =>
        {
            for (int partition = 0; partition < Partitions; partition++)
            {
                string queue = Names.Queue(group.Name, partition);
                await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments);
                await channel.QueueBindAsync(queue, Names.Exchange, RabbitNames.Pattern(partition, group.Filter.Subject));
            }

            return true;
        });
    }

    public override async ValueTask<EventSource> JoinAsync(GroupOptions group, CancellationToken cancellation)
    {
        await MakeGroupAsync(group, cancellation);
        int aheadMax = Math.Clamp(group.Window / Partitions, 1, Link.Options.AheadMax);
        var source = new RabbitSource(this, group, aheadMax, _environment);
        lock (_lock) _sources.Add(source);
        source.Start(_environment);
        return source;
    }

    public override async ValueTask<EventSource> ReadAsync(ReadOptions read, CancellationToken cancellation)
    {
        if (read.Start.Kind != LogStartKind.End) throw new NotSupportedException("RabbitMQ keeps no events but for groups: reading begins at the end.");
        return await RabbitReader.OpenAsync(this, read, _environment);
    }

    public override ValueTask<LogStatus> StatusAsync(CancellationToken cancellation)
    {
        long next = Volatile.Read(ref _lastPosition) + 1;
        return new ValueTask<LogStatus>(new LogStatus(Events: 0, Bytes: 0, next, next));
    }

    public override async ValueTask<GroupStatus?> StatusAsync(string group, CancellationToken cancellation)
    {
        long lag = 0;
        for (int partition = 0; partition < Partitions; partition++)
        {
            long? waiting = await WaitingAsync(Names.Queue(group, partition));
            if (waiting is null) return null;
            lag += waiting.Value;
        }

        lock (_lock)
        {
            RabbitSource[] own = [.. _sources.Where(source => source.Group == group)];
            return new GroupStatus(group, lag + own.Sum(static source => source.Unsettled), own.Length == 0 ? 0 : own.Max(static source => source.Members));
        }
    }

    public override ValueTask DisposeAsync() => _publisher.DisposeAsync();

    public void Leave(RabbitSource source)
    {
        lock (_lock) _sources.Remove(source);
    }

    private async ValueTask<long?> WaitingAsync(string queue)
    {
        await using IChannel channel = await Link.OpenChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (Exception missing) when (RabbitLink.IsOfAMissingQueue(missing))
        {
            return null;
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            throw Link.Failure(problem);
        }
    }

    private async ValueTask<PublishReceipt> SendAsync(string key, int partition, long position, byte[] bytes, CancellationToken cancellation)
    {
        _gate.Enter();
        try
        {
            await _publisher.PublishAsync(key, position, bytes, cancellation);
            return new PublishReceipt(partition, position, IsRepetition: false);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>The broker numbers nothing: the instant does, with a count behind it.</summary>
    private long NextPosition(long milliseconds)
    {
        lock (_lock) return _lastPosition = Math.Max(_lastPosition + 1, milliseconds << SequenceBits);
    }

    private static Dictionary<string, object?> Arguments(params (string Name, object Value)[] arguments) =>
        arguments.ToDictionary(static argument => argument.Name, static argument => (object?)argument.Value, StringComparer.Ordinal);
}
