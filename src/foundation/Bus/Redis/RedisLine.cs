using System.Buffers;
using System.Text;
using Sirsi.Bus.Drivers;

namespace Sirsi.Bus.Redis;

/// <summary>
/// A connection that only appends: one command for each event, many under way, answered in their order. What is appended while the connection is written to goes out in one go. Ends with
/// the first failure, which all that is under way then hears. Safe for any number of threads.
/// </summary>
internal sealed class RedisLine : IThreadPoolWorkItem
{
    private const int AnswersBytesMax = 64 * 1024;
    private const int UnsentBytesMax = 64 << 20;
    private const int KeptBytesMax = 1 << 20;

    private readonly RedisServer _server;
    private readonly RedisCommands _commands;
    private readonly Stream _stream;
    private readonly byte[] _script;
    private readonly AppendGate _gate;
    private readonly Action _grown;
    private readonly Lock _lock = new();
    private readonly StepPool<RedisAppend> _appends = new(static pool => new RedisAppend(pool));
    private readonly TaskCompletionSource<Exception> _ended = new();
    private readonly ITimer _watch;
    private ArrayBufferWriter<byte> _filling = new(), _sending = new();
    private AppendChain _filled, _sent;
    private BusException? _failure;
    private Exception? _problem;
    private int _unanswered;
    private long _quietSince;
    private bool _isSending;

    public RedisLine(RedisServer server, RedisCommands commands, Stream stream, byte[] script, AppendGate gate, Action grown)
    {
        (_server, _commands, _stream, _script, _gate, _grown) = (server, commands, stream, script, gate, grown);
        _watch = server.Environment.Time.CreateTimer(
            static line => ((RedisLine)line!).Watch(), this, server.Options.AnswerTimeout / 4, server.Options.AnswerTimeout / 4);
        _ = ReadAsync();
    }

    /// <summary>Why it ended, when it has.</summary>
    public Task<Exception> Ended => _ended.Task;

    /// <summary>Appends; the bytes are the caller's again when this returns. The gate has been entered, and is left with the answer.</summary>
    public ValueTask<PublishReceipt> AppendAsync(in NewEvent newEvent)
    {
        ReadOnlySpan<byte> bytes = newEvent.Bytes.Span;
        RedisAppend append = _appends.Take();
        append.Begin(newEvent.Partition);
        lock (_lock)
        {
            if (_failure is { } failure) throw new BusException(failure.Code, failure.Message, failure.InnerException);
            if (_filling.WrittenCount > UnsentBytesMax)
                throw new BusException(BusErrors.TooManyAppends, $"{_server.Options} takes events too slowly: {UnsentBytesMax >> 20} MiB wait to be sent.");
            if (_commands.RecognizesRepetitions && newEvent.Id != Guid.Empty) _commands.WriteAppendOnce(_filling, _script, newEvent.Partition, newEvent.Id, bytes);
            else _commands.WriteAppend(_filling, newEvent.Partition, bytes);
            _filled.Add(append);
            if (_isSending) return append.Task;
            _isSending = true;
        }

        // Sent a moment later, so that whoever publishes many in one go has them sent in one go.
        _server.Environment.Executor.Post(this);
        return append.Task;
    }

    /// <summary>Ends it, unless it has ended; all that is under way fails.</summary>
    public void End(Exception problem)
    {
        lock (_lock)
        {
            if (_failure is not null) return;
            (_failure, _problem) = (_server.Failure(problem), problem);
        }

        _watch.Dispose();
        // Whoever reads is the last one out.
        _stream.Dispose();
    }

    void IThreadPoolWorkItem.Execute() => _ = SendAsync();

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                lock (_lock)
                {
                    if (_sending.Capacity > KeptBytesMax) _sending = new ArrayBufferWriter<byte>();
                    else _sending.ResetWrittenCount();
                    (_filling, _sending) = (_sending, _filling);
                    _isSending = _sending.WrittenCount > 0;
                    if (!_isSending) return;
                    if (_unanswered == 0) _quietSince = _server.Environment.Time.GetTimestamp();
                    _unanswered += _filled.Count;
                    _sent.TakeAll(ref _filled);
                }

                await _stream.WriteAsync(_sending.WrittenMemory);
            }
        }
        catch (Exception problem) when (RedisDoor.IsOfTheServer(problem))
        {
            End(problem);
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[AnswersBytesMax];
        AppendChain awaited = default;
        int filled = 0;
        try
        {
            while (true)
            {
                int count = await _stream.ReadAsync(buffer.AsMemory(filled));
                if (count == 0) throw new IOException("The server has closed the connection.");
                int used = Answer(ref awaited, buffer.AsSpan(0, filled + count));
                filled += count - used;
                if (filled == buffer.Length) throw new InvalidDataException("The server sends an answer without an end.");
                buffer.AsSpan(used, filled).CopyTo(buffer);
            }
        }
        catch (Exception problem) when (RedisDoor.IsOfTheServer(problem))
        {
            End(problem);
        }

        FailAll(ref awaited);
    }

    /// <summary>Wakes those that are answered; gives the bytes of their answers.</summary>
    private int Answer(ref AppendChain awaited, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        AppendChain answered = default;
        string? wrongPlace = null;
        lock (_lock) awaited.TakeAll(ref _sent);
        while (RedisReply.TryTake(ref rest, out RedisReply reply))
        {
            RedisAppend append = awaited.TakeFirst() ?? throw new InvalidDataException("The server answers what was not asked.");
            if (!reply.IsError) append.Succeed(reply.Text);
            else append.Fail(Refusal(Encoding.UTF8.GetString(reply.Text), ref wrongPlace));
            answered.Add(append);
        }

        lock (_lock)
        {
            _unanswered -= answered.Count;
            _quietSince = _server.Environment.Time.GetTimestamp();
        }

        if (answered.Count > 0) _grown();
        Wake(answered);
        return wrongPlace is null ? bytes.Length - rest.Length : throw new WrongPlaceException(wrongPlace);
    }

    private void FailAll(ref AppendChain awaited)
    {
        lock (_lock)
        {
            awaited.TakeAll(ref _sent);
            awaited.TakeAll(ref _filled);
        }

        for (RedisAppend? append = awaited.First; append is not null; append = append.Next) append.Fail(_server.Failure(_problem!));
        Wake(awaited);
        _server.Environment.Executor.Post(static line => ((RedisLine)line!)._ended.TrySetResult(((RedisLine)line)._problem!), this);
    }

    /// <summary>What another server, or this one a little later, would do is unavailable, not refused.</summary>
    private BusException Refusal(string text, ref string? wrongPlace)
    {
        string kind = text.Split(' ')[0];
        if (kind is "MOVED" or "READONLY" or "NOSCRIPT") wrongPlace = text;
        bool isForNow = wrongPlace is not null || kind is "ASK" or "TRYAGAIN" or "CLUSTERDOWN" or "LOADING" or "MASTERDOWN" or "BUSY";
        return new BusException(isForNow ? BusErrors.Unavailable : BusErrors.Refused, $"{_server.Options} refuses an event: {text}");
    }

    private void Watch()
    {
        lock (_lock)
        {
            if (_unanswered == 0 || _server.Environment.Time.GetElapsedTime(_quietSince) < _server.Options.AnswerTimeout) return;
        }

        End(new TimeoutException());
    }

    private void Wake(in AppendChain answered)
    {
        if (answered.First is null) return;
        _gate.Leave(answered.Count);
        _server.Environment.Executor.Post(answered.First);
    }
}

/// <summary>The server is not, or no more, where these events belong.</summary>
internal sealed class WrongPlaceException(string message) : IOException(message);
