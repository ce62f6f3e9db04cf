using System.Globalization;
using RabbitMQ.Client;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.RabbitMq;

/// <summary>Publishes with confirmations over one channel, which is opened again when it is gone. Safe for any number of threads.</summary>
internal sealed class RabbitPublisher(RabbitLink link, string exchange) : IAsyncDisposable
{
    public const string PositionHeader = "sirsi-position";

    private readonly Lock _lock = new();
    private readonly Queue<Letter> _waiting = new();
    private readonly SharedOpening<IChannel> _channel = new(() => OpenAsync(link), static channel => channel.IsOpen, CloseAsync);
    private bool _isSending;

    /// <summary>Completes when the broker has the event in all queues that want it. Events go in the order of the calls.</summary>
    public async ValueTask PublishAsync(string key, long position, byte[] bytes, CancellationToken cancellation)
    {
        var letter = new Letter(key, position, bytes);
        lock (_lock)
        {
            _waiting.Enqueue(letter);
            if (!_isSending)
            {
                _isSending = true;
                link.Environment.Executor.Post(static publisher => _ = ((RabbitPublisher)publisher!).SendAllAsync(), this);
            }
        }

        try
        {
            await letter.Done.Task.WaitAsync(link.Options.ConnectTimeout + link.Options.AnswerTimeout, link.Environment.Time, cancellation);
        }
        catch (TimeoutException late)
        {
            throw link.Failure(late);
        }
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    /// <summary>The position a publisher gave an event.</summary>
    public static long PositionOf(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue(PositionHeader, out object? value) == true && value is not null ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;

    private async Task SendAllAsync()
    {
        while (true)
        {
            IChannel channel;
            try
            {
                channel = await _channel.GetAsync();
            }
            catch (Exception problem)
            {
                FailAll(problem as BusException ?? link.Failure(problem));
                return;
            }

            Letter? letter;
            lock (_lock)
            {
                _isSending = _waiting.TryDequeue(out letter);
                if (!_isSending) return;
            }

            // Written in the order of these calls; the confirmations come when they come.
            _ = SendAsync(channel, letter!);
        }
    }

    private async Task SendAsync(IChannel channel, Letter letter)
    {
        try
        {
            var properties = new BasicProperties
            {
                DeliveryMode = DeliveryModes.Persistent,
                Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [PositionHeader] = letter.Position },
            };
            await channel.BasicPublishAsync(exchange, letter.Key, mandatory: false, properties, letter.Bytes);
            link.Environment.Executor.Post(static done => ((Letter)done!).Done.TrySetResult(), letter);
        }
        catch (Exception problem)
        {
            Fail(letter, link.Failure(problem));
        }
    }

    private void FailAll(BusException problem)
    {
        Letter[] failed;
        lock (_lock)
        {
            failed = [.. _waiting];
            _waiting.Clear();
            _isSending = false;
        }

        foreach (Letter letter in failed) Fail(letter, problem);
    }

    private void Fail(Letter letter, BusException problem)
    {
        letter.Problem = problem;
        link.Environment.Executor.Post(static done => ((Letter)done!).Done.TrySetException(((Letter)done).Problem!), letter);
    }

    private static Task<IChannel> OpenAsync(RabbitLink link) =>
        link.OpenChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)).AsTask();

    private static async ValueTask CloseAsync(IChannel channel)
    {
        try
        {
            await channel.DisposeAsync();
        }
        catch (Exception problem) when (RabbitLink.IsOfTheBroker(problem))
        {
            // It is closed.
        }
    }

    private sealed record Letter(string Key, long Position, byte[] Bytes)
    {
        public TaskCompletionSource Done { get; } = new();

        public BusException? Problem { get; set; }
    }
}
