using System.Runtime.InteropServices;
using System.Threading.Channels;
using RabbitMQ.Client;

namespace Sirsi.Bus.RabbitMq;

/// <summary>An event as the broker gave it.</summary>
/// <param name="Tag">What it is acknowledged by.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Position">The position its publisher gave it.</param>
/// <param name="Deliveries">How often it was given and came back.</param>
/// <param name="Bytes">The event.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RabbitEntry(ulong Tag, int Partition, long Position, int Deliveries, byte[] Bytes);

/// <summary>
/// A consumer of one queue on a channel of its own: closing it gives back at once, in their order, what is not acknowledged. The broker sends no more ahead than the queue takes.
/// </summary>
internal sealed class RabbitFeed : AsyncDefaultBasicConsumer, IAsyncDisposable
{
    private const string DeliveriesHeader = "x-delivery-count";

    private readonly Channel<RabbitEntry> _ahead;
    private readonly Signal _wake;
    private int _unsettled;
    private volatile bool _isCancelled;

    private RabbitFeed(IChannel channel, int aheadMax, Signal wake)
        : base(channel)
    {
        _ahead = System.Threading.Channels.Channel.CreateBounded<RabbitEntry>(aheadMax);
        _wake = wake;
    }

    /// <summary>Whether the broker has closed it: what it gave is given to others.</summary>
    // Not IsRunning: the client says so only some time after the broker's answer, and a feed that is new is not one that is gone.
    public bool IsClosed => !Channel.IsOpen || _isCancelled;

    /// <summary>Given and not acknowledged.</summary>
    public int Unsettled => Volatile.Read(ref _unsettled);

    public static async ValueTask<RabbitFeed> OpenAsync(RabbitLink link, string queue, int aheadMax, bool acknowledges, Signal wake)
    {
        IChannel channel = await link.OpenChannelAsync();
        try
        {
            await channel.BasicQosAsync(0, (ushort)aheadMax, global: false);
            var feed = new RabbitFeed(channel, aheadMax, wake);
            await channel.BasicConsumeAsync(queue, autoAck: !acknowledges, feed);
            return feed;
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            await channel.DisposeAsync();
            throw link.Failure(problem);
        }
    }

    public bool TryPeek(out RabbitEntry entry) => _ahead.Reader.TryPeek(out entry);

    public void Advance() => _ahead.Reader.TryRead(out _);

    /// <summary>Acknowledges; what the broker does not hear because the channel is gone comes again, as it must.</summary>
    public async ValueTask AcknowledgeAsync(ulong tag)
    {
        Interlocked.Decrement(ref _unsettled);
        try
        {
            await Channel.BasicAckAsync(tag, multiple: false);
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            _wake.Set();
        }
    }

    public override async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        object? count = null;
        int deliveries = properties.Headers?.TryGetValue(DeliveriesHeader, out count) == true && count is not null
            ? Convert.ToInt32(count, System.Globalization.CultureInfo.InvariantCulture) : 0;
        Interlocked.Increment(ref _unsettled);
        // The body is the client's again after this call.
        var entry = new RabbitEntry(deliveryTag, RabbitNames.PartitionOf(routingKey), RabbitPublisher.PositionOf(properties), deliveries, body.ToArray());
        await _ahead.Writer.WriteAsync(entry, cancellationToken);
        _wake.Set();
    }

    /// <summary>The broker takes the queue away, or the channel is gone.</summary>
    protected override async Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        await base.OnCancelAsync(consumerTags, cancellationToken);
        _isCancelled = true;
        _wake.Set();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Channel.DisposeAsync();
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            // It is closed.
        }
    }
}
