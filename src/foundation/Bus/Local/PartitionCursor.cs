namespace Sirsi.Bus.Local;

/// <summary>
/// What a group has done in one partition: all before <see cref="Floor"/>, and some behind it. Constant time for what is done in order, and a binary search for
/// what is not. Not thread-safe.
/// </summary>
internal sealed class PartitionCursor(long floor)
{
    private long[] _handedOut = new long[16];
    private bool[] _isSettled = new bool[16];
    private int[] _attempts = new int[16];
    private long _first;
    private long _end;
    private readonly HashSet<long> _settledBefore = [];
    private readonly Dictionary<long, int> _deliveries = [];
    private long _lastSettledBefore = -1;

    /// <summary>Everything before it is done.</summary>
    public long Floor { get; private set; } = floor;

    /// <summary>From where on events are still to be handed out.</summary>
    public long Next { get; private set; } = floor;

    /// <summary>Handed out and not done.</summary>
    public int Unsettled { get; private set; }

    /// <summary>Whether an event at or behind <see cref="Floor"/> was done already, before a restart or by a former member.</summary>
    public bool WasSettled(long position) => _settledBefore.Count > 0 && _settledBefore.Contains(position);

    /// <summary>How often an event was handed out that comes again because its member left.</summary>
    public int DeliveriesOf(long position) => _deliveries.Count > 0 && _deliveries.TryGetValue(position, out int count) ? count : 0;

    /// <summary>Whether an event is done, here or before a restart; of one behind the floor that was passed over this is not known.</summary>
    public bool IsDone(long position)
    {
        if (position < Floor || WasSettled(position)) return true;
        long at = IndexOf(position);
        return at >= 0 && _isSettled[at & (_handedOut.Length - 1)];
    }

    /// <summary>Hands out an event that was delivered so often before; positions ascend.</summary>
    public void HandOut(long position, int deliveries)
    {
        if (_end - _first == _handedOut.Length) Grow();
        if (_deliveries.Count > 0) _deliveries.Remove(position);
        long at = _end++ & (_handedOut.Length - 1);
        _handedOut[at] = position;
        _isSettled[at] = false;
        _attempts[at] = deliveries;
        Unsettled++;
        Next = position + 1;
    }

    /// <summary>An event was delivered once more.</summary>
    public void Deliver(long position, int attempt)
    {
        long at = IndexOf(position);
        if (at >= 0) _attempts[at & (_attempts.Length - 1)] = attempt;
    }

    /// <summary>Passes over an event that the group does not want or has done before.</summary>
    public void Pass(long position)
    {
        if (_deliveries.Count > 0) _deliveries.Remove(position);
        Next = position + 1;
        if (_first == _end) MoveFloor(Next);
    }

    /// <summary>Passes over all before <paramref name="position"/>, in which there is nothing of the partition.</summary>
    public void PassTo(long position)
    {
        if (position <= Next) return;
        Next = position;
        if (_first == _end) MoveFloor(Next);
    }

    /// <summary>An event is done.</summary>
    public void Settle(long position)
    {
        long at = IndexOf(position);
        if (at < 0 || _isSettled[at & (_handedOut.Length - 1)]) return;
        _isSettled[at & (_handedOut.Length - 1)] = true;
        Unsettled--;
        while (_first < _end && _isSettled[_first & (_handedOut.Length - 1)]) _first++;
        MoveFloor(_first < _end ? _handedOut[_first & (_handedOut.Length - 1)] : Next);
    }

    /// <summary>Makes everything that is not done to be handed out again, to another member.</summary>
    public void Rewind()
    {
        for (long i = _first; i < _end; i++)
        {
            long at = i & (_handedOut.Length - 1);
            if (_isSettled[at]) RememberSettled(_handedOut[at]);
            else if (_attempts[at] > 0) _deliveries[_handedOut[at]] = _attempts[at];
        }

        _first = _end = 0;
        Unsettled = 0;
        Next = Floor;
    }

    /// <summary>What is done behind the floor, ascending: with the floor and the deliveries, all there is to remember.</summary>
    public List<long> SettledBehindFloor()
    {
        List<long> settled = [.. _settledBefore.Where(position => position >= Floor)];
        for (long i = _first; i < _end; i++)
            if (_isSettled[i & (_handedOut.Length - 1)]) settled.Add(_handedOut[i & (_handedOut.Length - 1)]);
        settled.Sort();
        return settled;
    }

    /// <summary>How often events were delivered that are not done, ascending.</summary>
    public List<KeyValuePair<long, int>> DeliveriesOfUnsettled()
    {
        List<KeyValuePair<long, int>> deliveries = [];
        for (long i = _first; i < _end; i++)
        {
            long at = i & (_handedOut.Length - 1);
            if (!_isSettled[at] && _attempts[at] > 0) deliveries.Add(new(_handedOut[at], _attempts[at]));
        }

        // Those that are to be handed out again lie behind those that are.
        deliveries.AddRange(_deliveries.OrderBy(static entry => entry.Key));
        return deliveries;
    }

    /// <summary>Begins where a former run ended.</summary>
    public void Restore(long floor, IEnumerable<long> settledBehind, IEnumerable<KeyValuePair<long, int>> deliveries)
    {
        Floor = Next = floor;
        _first = _end = 0;
        Unsettled = 0;
        _settledBefore.Clear();
        foreach (long position in settledBehind) RememberSettled(position);
        _deliveries.Clear();
        foreach ((long position, int count) in deliveries) _deliveries[position] = count;
    }

    private void RememberSettled(long position)
    {
        _settledBefore.Add(position);
        _lastSettledBefore = Math.Max(_lastSettledBefore, position);
    }

    private void MoveFloor(long floor)
    {
        Floor = floor;
        if (_settledBefore.Count > 0 && floor > _lastSettledBefore) _settledBefore.Clear();
    }

    /// <summary>Where a position is among those handed out; negative when it is not.</summary>
    private long IndexOf(long position)
    {
        long low = _first, high = _end - 1;
        while (low <= high)
        {
            long middle = low + ((high - low) / 2);
            long there = _handedOut[middle & (_handedOut.Length - 1)];
            if (there == position) return middle;
            if (there < position) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    private void Grow()
    {
        long[] handedOut = new long[_handedOut.Length * 2];
        bool[] isSettled = new bool[handedOut.Length];
        int[] attempts = new int[handedOut.Length];
        for (long i = _first; i < _end; i++)
        {
            handedOut[i & (handedOut.Length - 1)] = _handedOut[i & (_handedOut.Length - 1)];
            isSettled[i & (handedOut.Length - 1)] = _isSettled[i & (_handedOut.Length - 1)];
            attempts[i & (handedOut.Length - 1)] = _attempts[i & (_handedOut.Length - 1)];
        }

        (_handedOut, _isSettled, _attempts) = (handedOut, isSettled, attempts);
    }
}
