using System.Threading.Channels;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Nats;

/// <summary>
/// Reads a partition through a consumer of its own: the server sends in order, nothing is acknowledged, and after a gap or a silence a new consumer begins behind the last
/// event. One loop fills a bounded queue.
/// </summary>
internal sealed class NatsFeed : PartitionFeed
{
    private const int AheadMax = 512;
    private const int BytesUnderWayMin = 1 << 20;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PullTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConsumerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly NatsServer _server;
    private readonly NatsJSContext _context;
    private readonly string _stream;
    private readonly string _subject;
    private readonly Signal _wake;
    private readonly Channel<FeedEntry> _ahead = Channel.CreateBounded<FeedEntry>(new BoundedChannelOptions(AheadMax) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private readonly Lock _lock = new();
    private CancellationTokenSource? _renewal;
    private long _next;
    private long _position;

    public NatsFeed(NatsServer server, NatsJSContext context, string stream, string subject, long from, Signal wake)
    {
        (_server, _context, _stream, _subject, _wake) = (server, context, stream, subject, wake);
        _next = _position = Math.Max(1, from);
        // Nothing is acknowledged, so the server would not send again what was on its way; and of a last event that is lost no gap tells.
        server.DeliveriesLost += OnDeliveriesLost;
        _loop = server.Environment.Executor.RunAsync(PumpAsync);
    }

    public override long Position => _position;

    public override ValueTask FillAsync(CancellationToken cancellation) => default;

    public override bool TryPeek(out FeedEntry entry) => _ahead.Reader.TryPeek(out entry);

    public override void Advance()
    {
        if (_ahead.Reader.TryRead(out FeedEntry entry)) _position = entry.Position + 1;
    }

    public override async ValueTask DisposeAsync()
    {
        _server.DeliveriesLost -= OnDeliveriesLost;
        _stopping.Cancel();
        await _loop;
        _stopping.Dispose();
    }

    private async Task PumpAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(_stopping.Token);
            }
            catch (Exception problem) when (NatsServer.IsOfTheServer(problem))
            {
                // A member hears from the keeper of its place that the server is away; this one goes on when it is back.
            }

            try
            {
                await Task.Delay(FailurePause, _server.Environment.Time, _stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ConsumeAsync(CancellationToken cancellation)
    {
        using var renewal = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        lock (_lock) _renewal = renewal;
        try
        {
            await ConsumeUntilRenewedAsync(renewal.Token);
        }
        finally
        {
            lock (_lock) _renewal = null;
        }
    }

    private void OnDeliveriesLost(object? sender, EventArgs lost) => Renew();

    private void Renew()
    {
        lock (_lock) _renewal?.Cancel();
    }

    private async Task ConsumeUntilRenewedAsync(CancellationToken cancellation)
    {
        INatsJSConsumer consumer = await _context.CreateConsumerAsync(
            _stream,
            new ConsumerConfig
            {
                Name = _server.Environment.Ids.Next().ToString("N"),
                // Several subjects at once, which ordered consumers of the client ask for, are known only to newer servers.
                FilterSubject = _subject,
                DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartSequence,
                OptStartSeq = (ulong)_next,
                AckPolicy = ConsumerConfigAckPolicy.None,
                InactiveThreshold = ConsumerTimeout,
                MemStorage = true,
                NumReplicas = 1,
            },
            cancellation);
        // At least two of the longest events, or the server would never send one.
        int bytes = Math.Max(BytesUnderWayMin, 2 * (_context.Connection.ServerInfo?.MaxPayload ?? 0));
        var options = new NatsJSConsumeOpts
        {
            MaxBytes = bytes,
            Expires = PullTimeout,
            IdleHeartbeat = Heartbeat,
            NotificationHandler = (notification, _) =>
            {
                // No heart-beat, or no such consumer any more: a new one goes on behind the last event.
                if (notification is NatsJSTimeoutNotification or NatsJSProtocolNotification or NatsJSNoRespondersNotification) Renew();
                return Task.CompletedTask;
            },
        };
        ulong expected = 1;
        await foreach (INatsJSMsg<byte[]> message in consumer.ConsumeAsync<byte[]>(opts: options, cancellationToken: cancellation))
        {
            if (message.Metadata is not { } metadata) continue;
            if (metadata.Sequence.Consumer != expected++) return;
            var position = (long)metadata.Sequence.Stream;
            await _ahead.Writer.WriteAsync(new FeedEntry(position, message.Data ?? []), cancellation);
            _next = position + 1;
            _wake.Set();
        }
    }
}
