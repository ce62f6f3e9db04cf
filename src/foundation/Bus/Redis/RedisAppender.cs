using System.Globalization;
using System.Runtime.CompilerServices;
using Sirsi.Bus.Drivers;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// Appends to the streams of one node, in the order of the calls. What is published in one go, or while earlier appends are under way, travels as one command, which costs the client
/// a fraction of one command each. Safe for any number of threads.
/// </summary>
internal sealed class RedisAppender(RedisServer server, IDatabase database, RedisKeys keys, TimeSpan window)
{
    private const int BatchEventsMax = 256;
    private const int BatchBytesMax = 512 * 1024;

    /// <summary>Enough to keep the server busy while an answer is on its way.</summary>
    private const int BatchesUnderWayMax = 4;

    private const string AppendScript =
        """
        local places = {}
        for i = 1, #ARGV do places[i] = redis.call('XADD', KEYS[i], '*', 'e', ARGV[i]) end
        return places
        """;

    /// <summary>Appends those whose ids are not remembered; of the others gives the earlier place behind an equals sign.</summary>
    private const string AppendOnceScript =
        """
        local places = {}
        for i = 1, #ARGV - 1 do
            local id = KEYS[#ARGV - 1 + i]
            local place = redis.call('GET', id)
            if place then
                places[i] = '=' .. place
            else
                places[i] = redis.call('XADD', KEYS[i], '*', 'e', ARGV[i + 1])
                redis.call('SET', id, places[i], 'PX', ARGV[1])
            end
        end
        return places
        """;

    private readonly Lock _lock = new();
    private readonly Queue<Batch> _waiting = new();
    private readonly RedisValue _windowMilliseconds = ((long)window.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    private readonly bool _recognizesRepetitions = window >= TimeSpan.FromMilliseconds(1);
    private Batch? _open;
    private int _underWay;
    private bool _isPosted;

    /// <summary>Appends an event whose bytes stay as they are.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PublishReceipt> AppendAsync(int partition, Guid id, byte[] bytes)
    {
        Batch batch = Add(partition, id, bytes, out int index);
        await batch.Done.Task;
        string place = batch.Places[index].ToString();
        bool isRepetition = place.StartsWith('=');
        return new PublishReceipt(partition, RedisPosition.Of(isRepetition ? place.AsSpan(1) : place), isRepetition);
    }

    private Batch Add(int partition, Guid id, byte[] bytes, out int index)
    {
        lock (_lock)
        {
            if (_open is null || _open.Events.Count == BatchEventsMax || (_open.Bytes > 0 && _open.Bytes + bytes.Length > BatchBytesMax))
            {
                _open = new Batch();
                _waiting.Enqueue(_open);
            }

            index = _open.Events.Count;
            _open.Events.Add(bytes);
            _open.Bytes += bytes.Length;
            _open.Streams.Add(keys.Stream(partition));
            if (_recognizesRepetitions) _open.Ids.Add(keys.Id(partition, id));
            if (!_isPosted && _underWay < BatchesUnderWayMax)
            {
                // Sent a moment later, so that whoever publishes many in one go has them in one batch.
                _isPosted = true;
                server.Environment.Executor.Post(static appender => ((RedisAppender)appender!).Send(), this);
            }

            return _open;
        }
    }

    private void Send()
    {
        lock (_lock)
        {
            _isPosted = false;
            while (_underWay < BatchesUnderWayMax && _waiting.TryDequeue(out Batch? batch))
            {
                if (ReferenceEquals(batch, _open)) _open = null;
                _underWay++;
                // Written to the connection within the call: in the order of the batches.
                _ = SendAsync(batch);
            }
        }
    }

    private async Task SendAsync(Batch batch)
    {
        try
        {
            batch.Places = await server.AskAsync(AskAsync(batch));
            server.Environment.Executor.Post(static done => ((Batch)done!).Done.TrySetResult(), batch);
        }
        catch (BusException problem)
        {
            batch.Problem = problem;
            server.Environment.Executor.Post(static done => ((Batch)done!).Done.TrySetException(((Batch)done).Problem!), batch);
        }

        lock (_lock) _underWay--;
        Send();
    }

    private async Task<RedisValue[]> AskAsync(Batch batch)
    {
        if (_recognizesRepetitions)
        {
            return Checked(batch, (RedisValue[]?)await database.ScriptEvaluateAsync(
                AppendOnceScript, [.. batch.Streams, .. batch.Ids], [_windowMilliseconds, .. batch.Events]));
        }

        if (batch.Events.Count > 1)
            return Checked(batch, (RedisValue[]?)await database.ScriptEvaluateAsync(AppendScript, [.. batch.Streams], [.. batch.Events]));
        return [await database.StreamAddAsync(batch.Streams[0], RedisLog.EventField, batch.Events[0], messageId: null, maxLength: (long?)null)];
    }

    private static RedisValue[] Checked(Batch batch, RedisValue[]? places) =>
        places?.Length == batch.Events.Count
            ? places
            : throw new BusException(BusErrors.Refused, $"The server gives {places?.Length ?? 0} places for {batch.Events.Count} events.");

    private sealed class Batch
    {
        public List<RedisValue> Events { get; } = [];

        public List<RedisKey> Streams { get; } = [];

        public List<RedisKey> Ids { get; } = [];

        public TaskCompletionSource Done { get; } = new();

        public RedisValue[] Places { get; set; } = [];

        public BusException? Problem { get; set; }

        public int Bytes { get; set; }
    }
}
