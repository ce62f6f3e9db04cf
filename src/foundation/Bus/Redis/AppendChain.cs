namespace Sirsi.Bus.Redis;

/// <summary>Appends one after the other, linked through <see cref="RedisAppend.Next"/>: each is in one chain at a time.</summary>
internal struct AppendChain
{
    private RedisAppend? _last;

    public RedisAppend? First { get; private set; }

    public int Count { get; private set; }

    public void Add(RedisAppend append)
    {
        append.Next = null;
        Join(append, append, 1);
    }

    /// <summary>Takes over all of another chain, in its order.</summary>
    public void TakeAll(ref AppendChain other)
    {
        if (other.First is not null) Join(other.First, other._last!, other.Count);
        other = default;
    }

    public RedisAppend? TakeFirst()
    {
        if (First is not { } first) return null;
        First = first.Next;
        if (First is null) _last = null;
        Count--;
        return first;
    }

    private void Join(RedisAppend first, RedisAppend last, int count)
    {
        if (_last is null) First = first;
        else _last.Next = first;
        _last = last;
        Count += count;
    }
}
