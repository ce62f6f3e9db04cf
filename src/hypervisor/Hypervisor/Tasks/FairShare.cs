namespace Sirsi.Hypervisor.Tasks;

/// <summary>Somebody who has a share of what all have in common.</summary>
internal class FairShare(int weight)
{
    private const long Whole = 1 << 20;

    /// <summary>How far one turn brings it: the greater its weight, the less.</summary>
    public long Stride { get; } = Whole / weight;

    /// <summary>How far it is; who is least far is next.</summary>
    public long Pass { get; set; }

    /// <summary>Whether it takes part at this moment.</summary>
    public bool TakesPart { get; set; }

    /// <summary>Tells those apart that are equally far.</summary>
    public long Order { get; set; }
}

/// <summary>
/// Whose turn it is, so that all who take part have turns by their weights, off by at most one (stride scheduling, Waldspurger and Weihl 1995). Who joins begins where the others are. Not thread-safe.
/// </summary>
internal sealed class FairQueue<T>
    where T : FairShare
{
    private readonly SortedSet<T> _shares = new(Comparer<T>.Create(static (left, right) =>
    {
        int byPass = left.Pass.CompareTo(right.Pass);
        return byPass != 0 ? byPass : left.Order.CompareTo(right.Order);
    }));

    private long _floor;
    private long _order;

    /// <summary>Whose turn it is; null when nobody takes part.</summary>
    public T? First => _shares.Min;

    public void Join(T share)
    {
        if (share.TakesPart) return;
        share.TakesPart = true;
        share.Pass = Math.Max(share.Pass, _floor);
        share.Order = ++_order;
        _shares.Add(share);
    }

    public void Leave(T share)
    {
        if (!share.TakesPart) return;
        _shares.Remove(share);
        share.TakesPart = false;
    }

    /// <summary>It has had a turn.</summary>
    public void Charge(T share)
    {
        _floor = Math.Max(_floor, share.Pass);
        if (_shares.Count == 1)
        {
            share.Pass += share.Stride;
            return;
        }

        _shares.Remove(share);
        share.Pass += share.Stride;
        share.Order = ++_order;
        _shares.Add(share);
    }
}
