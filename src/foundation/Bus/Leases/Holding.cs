using Sirsi.Bus.Local;

namespace Sirsi.Bus.Leases;

/// <summary>How a member stands to a partition.</summary>
internal enum Standing
{
    /// <summary>It is somebody else's, or nobody's.</summary>
    Elsewhere,

    /// <summary>It is this member's.</summary>
    Mine,

    /// <summary>It is this member's, and another is to have it; the consumer does not know yet.</summary>
    Wanted,

    /// <summary>The consumer knows, and empties it.</summary>
    Leaving,

    /// <summary>It is empty, and the server is to be told.</summary>
    Released,
}

/// <summary>A partition in the eyes of one member. Guarded by the member's lock.</summary>
internal sealed class Holding(int partition)
{
    public int Partition => partition;

    public Standing Standing { get; private set; }

    /// <summary>The cell's revision, as last written or read.</summary>
    public long Revision { get; set; }

    /// <summary>Which time of ownership it is.</summary>
    public long Epoch { get; private set; }

    public PartitionCursor Cursor { get; private set; } = new(0);

    /// <summary>Whether the server knows less than the cursor.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether the partition was lost and the consumer does not know: until then it is not taken again.</summary>
    public bool IsLossUntold { get; private set; }

    public bool IsHeld => Standing != Standing.Elsewhere;

    public void Take(long revision, PartitionRecord record)
    {
        (Standing, Revision, Epoch, Cursor, IsDirty) = (Standing.Mine, revision, record.Epoch, record.ToCursor(), false);
    }

    public void Want() => Standing = Standing.Wanted;

    public void Keep() => Standing = Standing.Mine;

    public void TellWanted() => Standing = Standing.Leaving;

    /// <summary>The consumer has emptied it: what it did not hand out is for the next owner.</summary>
    public void Release()
    {
        Cursor.Rewind();
        (Standing, IsDirty) = (Standing.Released, true);
    }

    public void Lose()
    {
        IsLossUntold |= Standing is Standing.Mine or Standing.Wanted or Standing.Leaving;
        Leave();
    }

    public void TellLoss() => IsLossUntold = false;

    /// <summary>Another's from now on, as the consumer expects.</summary>
    public void Leave() => (Standing, IsDirty) = (Standing.Elsewhere, false);
}
