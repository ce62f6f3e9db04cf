using Sirsi.Bus.Leases;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>Reads a stream range by range.</summary>
internal sealed class RedisFeed(RedisServer server, IDatabase database, RedisKey stream, long from) : PartitionFeed
{
    /// <summary>How much one answer should hold, about.</summary>
    private const int AnswerBytes = 512 * 1024;
    private const int AnswerEventsMax = 1_024;

    private StreamEntry[] _entries = [];
    private int _at;
    private int _answerEvents = 32;
    private long _position = from;
    private bool _wasEmpty;

    public override long Position => _position;

    public override async ValueTask FillAsync(CancellationToken cancellation)
    {
        if (_at < _entries.Length) return;
        _entries = await server.AskAsync(database.StreamRangeAsync(stream, RedisPosition.ToId(_position), maxId: null, _answerEvents));
        _at = 0;
        _wasEmpty = _entries.Length == 0;
        if (!_wasEmpty) Adapt();
    }

    public override bool TryPeek(out FeedEntry entry)
    {
        entry = default;
        if (_at == _entries.Length) return false;
        // An entry of another program has no such field: it is given as no event.
        ReadOnlyMemory<byte> bytes = _entries[_at][RedisLog.EventField];
        entry = new FeedEntry(RedisPosition.Of(_entries[_at].Id), bytes);
        return true;
    }

    public override void Advance()
    {
        _position = RedisPosition.Of(_entries[_at++].Id) + 1;
        if (_at == _entries.Length) _entries = [];
        if (_entries.Length == 0) _at = 0;
    }

    /// <summary>Retention may take the last of the entries before they are read: then an empty answer says so.</summary>
    public override bool HasReached(long end) => _position >= end || (_wasEmpty && _entries.Length == 0);

    public override ValueTask DisposeAsync() => default;

    private void Adapt()
    {
        long bytes = 0;
        foreach (StreamEntry entry in _entries) bytes += entry[RedisLog.EventField].Length();
        _answerEvents = (int)Math.Clamp(AnswerBytes / Math.Max(1, bytes / _entries.Length), 1, AnswerEventsMax);
    }
}
