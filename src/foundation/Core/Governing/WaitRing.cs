namespace Sirsi.Core.Governing;

/// <summary>What stands in a <see cref="WaitRing"/>: a line of waiters, or the ring of a child.</summary>
internal abstract class RingMember
{
    public WaitRing? In { get; set; }

    public RingMember? Next { get; set; }

    public RingMember? Previous { get; set; }
}

/// <summary>
/// Those below one governor who wait for one gate, in turn: each child once, however many wait below it, so that siblings share
/// what the gate lets through. A child's ring stands in its parent's while anybody is in it. All steps take constant time per level.
/// </summary>
internal sealed class WaitRing : RingMember
{
    /// <summary>A seeded choice looks at this many members at most, so that it stays cheap.</summary>
    private const int ChoiceMax = 16;

    private RingMember? _first;
    private RingMember? _last;

    public int Count { get; private set; }

    public void Add(RingMember member)
    {
        member.In = this;
        member.Previous = _last;
        member.Next = null;
        if (_last is null) _first = member;
        else _last.Next = member;
        _last = member;
        Count++;
    }

    public void Remove(RingMember member)
    {
        if (member.Previous is null) _first = member.Next;
        else member.Previous.Next = member.Next;
        if (member.Next is null) _last = member.Previous;
        else member.Next.Previous = member.Previous;
        member.In = null;
        member.Next = member.Previous = null;
        Count--;
    }

    /// <summary>Takes out the line whose turn it is; everyone above it who has more waiting goes to the end of the ring.</summary>
    public WaitLine TakeNext(Random? choice)
    {
        RingMember next = Choose(choice);
        while (next is WaitRing ring) next = ring.Choose(choice);
        for (RingMember member = next; member.In is { } ring; member = ring)
        {
            ring.Remove(member);
            if (member is WaitRing { Count: > 0 }) ring.Add(member);
        }

        return (WaitLine)next;
    }

    private RingMember Choose(Random? choice)
    {
        RingMember chosen = _first!;
        if (choice is null || Count == 1) return chosen;
        for (int steps = choice.Next(Math.Min(Count, ChoiceMax)); steps > 0; steps--) chosen = chosen.Next!;
        return chosen;
    }
}

/// <summary>
/// The operations that wait at one governor, first come first served within a priority. Only the head is ever considered, so
/// nothing overtakes: while it waits for a gate, the line stands in that gate's ring.
/// </summary>
internal sealed class WaitLine(ResourceGovernor governor, bool ofCheckpoints) : RingMember
{
    private readonly Waiter?[] _first = new Waiter?[OperationKinds.Priorities];
    private readonly Waiter?[] _last = new Waiter?[OperationKinds.Priorities];

    public ResourceGovernor Governor { get; } = governor;

    /// <summary>Whether these run already and wait only for processor time and the end of a pause.</summary>
    public bool OfCheckpoints { get; } = ofCheckpoints;

    public Waiter? Head
    {
        get
        {
            for (int priority = OperationKinds.Priorities - 1; priority >= 0; priority--)
                if (_first[priority] is { } waiter) return waiter;
            return null;
        }
    }

    public void Add(Waiter waiter)
    {
        int priority = (int)waiter.Priority;
        waiter.Previous = _last[priority];
        if (_last[priority] is { } last) last.Next = waiter;
        else _first[priority] = waiter;
        _last[priority] = waiter;
    }

    public void Remove(Waiter waiter)
    {
        int priority = (int)waiter.Priority;
        if (waiter.Previous is null) _first[priority] = waiter.Next;
        else waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null) _last[priority] = waiter.Previous;
        else waiter.Next.Previous = waiter.Previous;
        waiter.Next = waiter.Previous = null;
    }
}
