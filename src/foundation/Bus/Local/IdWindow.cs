using System.Runtime.InteropServices;

namespace Sirsi.Bus.Local;

/// <summary>
/// The ids of the last events and where they are: for so long, and so many, as the window is. A hash table with open addressing beside a ring in order of arrival; constant
/// time, and no allocation after the first growth. Not thread-safe.
/// </summary>
internal sealed class IdWindow(int idsMax, long spanMilliseconds)
{
    /// <summary>The position of an event that is not in the log yet.</summary>
    public const long OnItsWay = -1;

    private const int SmallestRing = 1_024;

    private Entry[] _ring = new Entry[Math.Min(SmallestRing, RoundUp(idsMax))];
    private int[] _table = NewTable(2 * Math.Min(SmallestRing, RoundUp(idsMax)));
    private long _first;
    private long _next;

    /// <summary>How many ids are remembered.</summary>
    public int Count => (int)(_next - _first);

    /// <summary>Whether an event of this id is within the window, and where; <see cref="OnItsWay"/> while that is not known.</summary>
    public bool TryFind(Guid id, long nowMilliseconds, out long position)
    {
        Expire(nowMilliseconds);
        int at = PlaceOf(id);
        position = at < 0 ? 0 : _ring[_table[at]].Position;
        return at >= 0;
    }

    /// <summary>An event on its way has come to its position.</summary>
    public void Place(Guid id, long position)
    {
        int at = PlaceOf(id);
        if (at >= 0) _ring[_table[at]] = _ring[_table[at]] with { Position = position };
    }

    /// <summary>Remembers an id that is not in the window.</summary>
    public void Add(Guid id, long nowMilliseconds, long position)
    {
        if (idsMax == 0 || spanMilliseconds == 0) return;
        if (Count >= idsMax) RemoveFirst();
        if (Count == _ring.Length) Grow();
        int index = (int)(_next++ & (_ring.Length - 1));
        _ring[index] = new Entry(id, nowMilliseconds, position);
        Insert(id, index);
    }

    /// <summary>Forgets an id: what it named did not come about.</summary>
    public void Remove(Guid id)
    {
        int at = PlaceOf(id);
        if (at < 0) return;
        int index = _table[at];
        CloseGap(at);
        _ring[index] = _ring[index] with { Id = Guid.Empty };
    }

    /// <summary>Where in the table an id is; negative when it is not.</summary>
    private int PlaceOf(Guid id)
    {
        int at = HomeOf(id);
        while (_table[at] >= 0 && _ring[_table[at]].Id != id) at = (at + 1) & (_table.Length - 1);
        return _table[at] >= 0 ? at : -1;
    }

    private void Expire(long nowMilliseconds)
    {
        while (_first < _next && _ring[_first & (_ring.Length - 1)].Milliseconds <= nowMilliseconds - spanMilliseconds) RemoveFirst();
    }

    private void RemoveFirst()
    {
        int index = (int)(_first++ & (_ring.Length - 1));
        if (_ring[index].Id == Guid.Empty) return;
        int at = HomeOf(_ring[index].Id);
        while (_table[at] != index) at = (at + 1) & (_table.Length - 1);
        CloseGap(at);
    }

    /// <summary>Takes an entry out so that no searched id lies behind an empty place (Knuth's algorithm R, TAOCP 6.4).</summary>
    private void CloseGap(int gap)
    {
        int mask = _table.Length - 1;
        for (int at = gap; ;)
        {
            at = (at + 1) & mask;
            if (_table[at] < 0)
            {
                _table[gap] = -1;
                return;
            }

            int home = HomeOf(_ring[_table[at]].Id);
            if (((at - home) & mask) < ((at - gap) & mask)) continue;
            _table[gap] = _table[at];
            gap = at;
        }
    }

    private void Insert(Guid id, int index)
    {
        int at = HomeOf(id);
        while (_table[at] >= 0) at = (at + 1) & (_table.Length - 1);
        _table[at] = index;
    }

    private void Grow()
    {
        var ring = new Entry[_ring.Length * 2];
        _table = NewTable(_table.Length * 2);
        for (long i = _first; i < _next; i++) ring[i & (ring.Length - 1)] = _ring[i & (_ring.Length - 1)];
        _ring = ring;
        for (long i = _first; i < _next; i++)
        {
            int index = (int)(i & (ring.Length - 1));
            if (ring[index].Id != Guid.Empty) Insert(ring[index].Id, index);
        }
    }

    /// <summary>Ids of version 7 begin with the time and end with random bits: the end spreads.</summary>
    private int HomeOf(Guid id)
    {
        ulong low = MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(new ReadOnlySpan<Guid>(ref id))[8..]);
        return (int)((low * 0x9E37_79B9_7F4A_7C15) >> 32) & (_table.Length - 1);
    }

    private static int[] NewTable(int length)
    {
        int[] table = new int[length];
        Array.Fill(table, -1);
        return table;
    }

    private static int RoundUp(int value) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, value));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(Guid Id, long Milliseconds, long Position);
}
