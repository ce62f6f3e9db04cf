using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.RabbitMq;

/// <summary>Reads what is published from now on, through a queue that lives as long as its connection; a connection that is lost leaves a gap, which is told as a failure.</summary>
internal sealed class RabbitReader : EventSource
{
    private readonly RabbitLog _log;
    private readonly ReadOptions _options;
    private readonly Signal _wake;
    private RabbitFeed? _feed;

    private RabbitReader(RabbitLog log, ReadOptions options, Signal wake) => (_log, _options, _wake) = (log, options, wake);

    public static async ValueTask<RabbitReader> OpenAsync(RabbitLog log, ReadOptions options, HostEnvironment environment)
    {
        var reader = new RabbitReader(log, options, new Signal(environment.Executor));
        await reader.OpenFeedAsync();
        return reader;
    }

    public override async ValueTask FetchAsync(EventBlock block, CancellationToken cancellation)
    {
        int before = block.Count;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_feed is null) await OpenFeedAsync();
            for (; _feed!.TryPeek(out RabbitEntry entry); _feed.Advance())
                if (block.TryAdd(entry.Partition, entry.Position, deliveries: 0, entry.Bytes) == BlockAddition.Full) return;
            if (block.Count > before || !_options.Follow) return;
            if (_feed.IsClosed)
            {
                await _feed.DisposeAsync();
                _feed = null;
                throw new BusException(BusErrors.Unavailable, $"{_log.Link.Options} was lost; events may have been missed.");
            }

            await _wake.WaitAsync(cancellation);
        }
    }

    public override ValueTask SettleAsync(ReadOnlyMemory<Settlement> settled, CancellationToken cancellation) => default;

    public override ValueTask ReleaseAsync(int partition, CancellationToken cancellation) => default;

    public override async ValueTask DisposeAsync()
    {
        if (_feed is not null) await _feed.DisposeAsync();
    }

    private async ValueTask OpenFeedAsync()
    {
        string queue = $"{_log.Names.Exchange}:reader:{_log.Link.Environment.Ids.Next():N}";
        await _log.Link.OnChannelAsync(async channel =>
        {
            await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true);
            await channel.QueueBindAsync(queue, _log.Names.Exchange, RabbitNames.Pattern(null, _options.Filter.Subject));
            return true;
        });
        _feed = await RabbitFeed.OpenAsync(_log.Link, queue, _log.Link.Options.AheadMax, acknowledges: false, _wake);
    }
}
