using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.RabbitMq;

/// <summary>
/// Who is in a group, by what its members call to each other through a fanout exchange. They need not agree at all times: a queue's single active consumer keeps
/// a partition with one of them, this only spreads the partitions. Safe for any number of threads.
/// </summary>
internal sealed class RabbitMembers(RabbitLink link, string exchange, Action changed) : IAsyncDisposable
{
    private const byte Here = 0, New = 1, Gone = 2;

    private readonly LeaseOptions _options = new(link.Options.Lease);
    private readonly Guid _id = link.Environment.Ids.Next();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Guid, long> _heard = [];
    private IChannel? _channel;
    private long _calledAt;

    /// <summary>When the next call is due.</summary>
    public TimeSpan Beat => _options.Beat;

    /// <summary>How many members there are, this one among them.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _heard.Count + 1;
        }
    }

    /// <summary>Whether a partition is for this member.</summary>
    public bool IsMine(int partition)
    {
        lock (_lock)
        {
            int place = _heard.Keys.Count(id => id < _id);
            return partition % (_heard.Count + 1) == place;
        }
    }

    /// <summary>Calls when it is time, and drops those who were not heard for a lease.</summary>
    public async ValueTask PassAsync()
    {
        TimeProvider time = link.Environment.Time;
        if (_channel is not { IsOpen: true }) await OpenAsync();
        else if (time.GetElapsedTime(_calledAt) >= _options.Beat) await CallAsync(Here);
        bool any = false;
        lock (_lock)
        {
            foreach (Guid gone in _heard.Where(pair => time.GetElapsedTime(pair.Value) > _options.Lease).Select(static pair => pair.Key).ToArray())
                any |= _heard.Remove(gone);
        }

        if (any) changed();
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is null) return;
        try
        {
            if (_channel.IsOpen) await CallAsync(Gone);
            await _channel.DisposeAsync();
        }
        catch (Exception problem) when (problem is BusException || RabbitLink.IsOfTheBroker(problem))
        {
            // Others find out by themselves.
        }
    }

    private async ValueTask OpenAsync()
    {
        if (_channel is not null) await _channel.DisposeAsync();
        _channel = await link.OpenChannelAsync();
        try
        {
            await _channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: false, autoDelete: true);
            string queue = (await _channel.QueueDeclareAsync($"{exchange}:{link.Environment.Ids.Next():N}", durable: false, exclusive: true, autoDelete: true)).QueueName;
            await _channel.QueueBindAsync(queue, exchange, "");
            var consumer = new AsyncEventingBasicConsumer(_channel);
            consumer.ReceivedAsync += (_, call) => HearAsync(call.Body);
            await _channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            throw link.Failure(problem);
        }

        await CallAsync(New);
    }

    private async Task HearAsync(ReadOnlyMemory<byte> call)
    {
        if (call.Length != 17) return;
        var id = new Guid(call.Span[1..], bigEndian: true);
        byte kind = call.Span[0];
        if (id == _id) return;
        bool isNews;
        lock (_lock)
        {
            isNews = kind == Gone ? _heard.Remove(id) : _heard.TryAdd(id, 0);
            if (kind != Gone) _heard[id] = link.Environment.Time.GetTimestamp();
        }

        if (isNews) changed();
        if (kind != New) return;
        try
        {
            await CallAsync(Here);
        }
        catch (BusException)
        {
            // The next call will do.
        }
    }

    private async Task CallAsync(byte kind)
    {
        byte[] call = new byte[17];
        call[0] = kind;
        _ = _id.TryWriteBytes(call.AsSpan(1), bigEndian: true, out _);
        _calledAt = link.Environment.Time.GetTimestamp();
        try
        {
            await _channel!.BasicPublishAsync(exchange, "", call);
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            throw link.Failure(problem);
        }
    }
}
