using System.Globalization;
using RabbitMQ.Client;

namespace Sirsi.Bus.RabbitMq;

/// <summary>Publishes with confirmations over one channel, which is opened again when it is gone. Safe for any number of threads.</summary>
internal sealed class RabbitPublisher(RabbitLink link, string exchange) : IAsyncDisposable
{
    public const string PositionHeader = "sirsi-position";

    private readonly Lock _lock = new();
    private readonly Queue<Letter> _waiting = new();
    private Task<IChannel>? _opening;
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

    public async ValueTask DisposeAsync()
    {
        Task<IChannel>? opening;
        lock (_lock) opening = _opening;
        if (opening is null) return;
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception problem) when (problem is BusException || RabbitLink.IsOfTheBroker(problem))
        {
            // There is nothing to close.
        }
    }

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
                channel = await ChannelAsync();
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

    private Task<IChannel> ChannelAsync()
    {
        lock (_lock)
        {
#pragma warning disable VSTHRD103 // It has completed: nothing is waited for.
            bool isUsable = _opening is { IsCompleted: false } || (_opening is { IsCompletedSuccessfully: true } done && done.Result.IsOpen);
#pragma warning restore VSTHRD103
            if (!isUsable) _opening = link.OpenChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)).AsTask();
            return _opening!;
        }
    }

    private sealed record Letter(string Key, long Position, byte[] Bytes)
    {
        public TaskCompletionSource Done { get; } = new();

        public BusException? Problem { get; set; }
    }
}
