using Sirsi.Core.Errors;

namespace Sirsi.Core.Governing;

/// <summary>Who is admitted when. Everything private here runs under the tree's lock.</summary>
/// <remarks>
/// A request that cannot be granted waits in its governor's line, and the line waits, with the others, in the ring of one gate
/// that is closed. Invariant outside the lock: where somebody stands in a ring, its gate is closed, or a timer is armed that will
/// look at it again. A ring is served from the event that opens its gate, from the root downwards: serving a ring moves lines
/// only to gates that are closed or still to be served.
/// </remarks>
public sealed partial class ResourceGovernor
{
    private readonly WaitLine _line;
    private readonly WaitLine _checkpoints;
    private readonly bool _isSandbox;
    private readonly bool _readsTime;
    private WaitRing?[] _rings = [];
    private int _inFlight;
    private int _waiting;
    private bool _isPaused;
    private bool _isClosed;

    private enum Gate
    {
        Pause,
        Permits,
        Io,
        Cpu,
    }

    /// <summary>What keeps a line waiting: a gate of its governor or of an ancestor.</summary>
    private readonly record struct Obstacle(ResourceGovernor Governor, Gate Gate);

    /// <summary>
    /// Admits nothing more, here and below, and holds running operations at their checkpoints, until <see cref="Resume"/>.
    /// Pausing twice is pausing once.
    /// </summary>
    public void Pause()
    {
        lock (Tree.Gate) _isPaused = !_isClosed;
    }

    /// <summary>Ends a pause of this governor; one of an ancestor lasts.</summary>
    public void Resume()
    {
        Waiter? completed;
        lock (Tree.Gate)
        {
            _isPaused = false;
            Serve(Gate.Pause, Now());
            completed = Tree.TakeCompleted();
        }

        Tree.Post(completed);
    }

    /// <summary>Gives back what a finished operation held, and lets in whom that lets in.</summary>
    internal void Return(OperationKind kind)
    {
        foreach (ResourceGovernor governor in _path)
        {
            governor._inFlight--;
            governor._kinds[(int)kind].InFlight--;
        }

        long now = 0;
        foreach (ResourceGovernor governor in _path)
        {
            if (governor.RingOrNull(governor, Gate.Permits) is not { Count: > 0 }) continue;
            if (now == 0) now = Now();
            governor.Serve(Gate.Permits, now);
        }
    }

    /// <summary>Takes a cancelled waiter out of its line; whoever is then at the head may be luckier with its gates.</summary>
    internal void Withdraw(Waiter waiter)
    {
        WaitLine line = waiter.Line;
        bool wasHead = line.Head == waiter;
        Dequeue(waiter);
        if (!line.OfCheckpoints)
            foreach (ResourceGovernor governor in _path)
                governor._cancelled++;
        Tree.AddCompleted(waiter);
        if (!wasHead) return;
        Unpark(line);
        Advance(line, Now(), served: null);
    }

    private Admission TryAdmit(OperationKind kind, OperationPriority priority, bool willWait, out PermitSlot? slot)
    {
        slot = null;
        lock (Tree.Gate)
        {
            Admission refusal = _isClosed ? Admission.Closed
                : _isSandbox && kind.TouchesSystem() ? Admission.RefusedBySandbox
                : _line.Head is { } head && head.Priority >= priority ? Admission.Busy
                : Blocked(_line, kind, Now(), served: null) is not null ? Admission.Busy
                : Admission.Granted;
            if (refusal is Admission.Granted) slot = Take(kind, throttled: false);
            else if (refusal is not Admission.Busy || !willWait)
                foreach (ResourceGovernor governor in _path)
                    governor._refused++;
            return refusal;
        }
    }

    private ValueTask<OperationPermit> WaitAsync(OperationKind kind, OperationPriority priority, CancellationToken cancellation)
    {
        var waiter = new Waiter(_line, kind, priority);
        waiter.CancelBy(cancellation);
        if (Enqueue(waiter) is { } refusal)
        {
            waiter.StopCancelling();
            return ValueTask.FromException<OperationPermit>(refusal);
        }

        return new ValueTask<OperationPermit>(waiter, waiter.Token);
    }

    private ValueTask WaitAtCheckpointAsync(CancellationToken cancellation)
    {
        var waiter = new Waiter(_checkpoints, OperationKind.Compute, OperationPriority.Normal);
        waiter.CancelBy(cancellation);
        if (Enqueue(waiter) is { } refusal)
        {
            waiter.StopCancelling();
            return ValueTask.FromException(refusal);
        }

        return new ValueTask(waiter, waiter.Token);
    }

    /// <summary>Puts a waiter at the end of its line and tries at once, for things may have changed since it was found necessary.</summary>
    private Exception? Enqueue(Waiter waiter)
    {
        WaitLine line = waiter.Line;
        Waiter? completed;
        lock (Tree.Gate)
        {
            if (waiter.State is WaiterState.Cancelled)
            {
                if (!line.OfCheckpoints)
                    foreach (ResourceGovernor governor in _path)
                        governor._cancelled++;
                return waiter.CancelledException();
            }

            if (!line.OfCheckpoints && RefusalToWait() is { } refusal) return refusal;
            Waiter? headBefore = line.Head;
            line.Add(waiter);
            waiter.IsEnqueued = true;
            foreach (ResourceGovernor governor in _path) governor.CountWaiting(waiter, +1);
            if (line.Head != headBefore)
            {
                Unpark(line);
                Advance(line, Now(), served: null);
            }

            completed = Tree.TakeCompleted();
        }

        Tree.Post(completed);
        return null;
    }

    private CoreException? RefusalToWait()
    {
        CoreException? refusal = _isClosed ? ClosedException() : null;
        foreach (ResourceGovernor governor in _path)
            if (governor._waiting >= governor._options.WaitingMax)
                refusal ??= new CoreException(
                    CoreErrors.GovernorQueueFull, $"{governor._waiting} operations wait at the governor '{governor.Name}', which is as many as may.");
        if (refusal is not null)
            foreach (ResourceGovernor governor in _path)
                governor._refused++;
        return refusal;
    }

    /// <summary>Whether a running operation may go on.</summary>
    private bool TryPass()
    {
        lock (Tree.Gate) return _checkpoints.Head is null && Blocked(_checkpoints, OperationKind.Compute, Now(), served: null) is null;
    }

    /// <summary>
    /// The nearest closed gate on the way up, if any. One at which others stand is closed for newcomers, except for the line that
    /// has just been taken out of its ring to be served.
    /// </summary>
    private Obstacle? Blocked(WaitLine line, OperationKind kind, long now, Obstacle? served)
    {
        for (ResourceGovernor? at = this; at is not null; at = at._parent)
        {
            if (at.Closed(Gate.Pause, at._isPaused, served)) return new Obstacle(at, Gate.Pause);
            if (at._hasCpuCap && at.Closed(Gate.Cpu, !at.HasCpuLeft(now), served)) return new Obstacle(at, Gate.Cpu);
            if (line.OfCheckpoints) continue;
            if (at.Closed(Gate.Permits, at._inFlight >= at._options.PermitsMax, served)) return new Obstacle(at, Gate.Permits);
            if (at._hasIoRate && kind.IsIo() && at.Closed(Gate.Io, !at.HasIoLeft(now), served)) return new Obstacle(at, Gate.Io);
        }

        return null;
    }

    private bool Closed(Gate gate, bool closed, Obstacle? served)
    {
        if (closed || RingOrNull(this, gate) is not { Count: > 0 }) return closed;
        return served is not { } being || being.Governor != this || being.Gate != gate;
    }

    /// <summary>Takes what an operation holds while it runs, at every level.</summary>
    private PermitSlot Take(OperationKind kind, bool throttled)
    {
        foreach (ResourceGovernor governor in _path)
        {
            governor._inFlight++;
            ref KindCounts counts = ref governor._kinds[(int)kind];
            counts.InFlight++;
            counts.Total++;
            if (throttled) counts.Throttled++;
            if (governor._hasIoRate && kind.IsIo()) governor._io.Take(Tree.Frequency);
        }

        return Tree.TakeSlot(this, kind);
    }

    /// <summary>Lets through from the head of a line, which stands in no ring, whoever can go, and puts the rest before its gate.</summary>
    private static void Advance(WaitLine line, long now, Obstacle? served)
    {
        while (line.Head is { } waiter)
        {
            ResourceGovernor governor = line.Governor;
            if (governor.Blocked(line, waiter.Kind, now, served) is { } obstacle)
            {
                Park(line, obstacle, now);
                return;
            }

            governor.Dequeue(waiter);
            if (!line.OfCheckpoints)
            {
                waiter.Slot = governor.Take(waiter.Kind, throttled: true);
                waiter.Permit = new OperationPermit(waiter.Slot);
            }

            waiter.State = WaiterState.Granted;
            governor.Tree.AddCompleted(waiter);
            served = null;
        }
    }

    private void Dequeue(Waiter waiter)
    {
        waiter.Line.Remove(waiter);
        waiter.IsEnqueued = false;
        foreach (ResourceGovernor governor in _path) governor.CountWaiting(waiter, -1);
    }

    /// <summary>Lets through those at a gate of this governor for as long as it is open.</summary>
    private void Serve(Gate gate, long now)
    {
        WaitRing? ring = RingOrNull(this, gate);
        var here = new Obstacle(this, gate);
        while (ring is { Count: > 0 } && IsOpen(gate, now)) Advance(ring.TakeNext(Tree.Choice), now, here);
        if (ring is { Count: > 0 } && gate is Gate.Io or Gate.Cpu) ArmTimer(gate, now);
    }

    private bool IsOpen(Gate gate, long now) => gate switch
    {
        Gate.Pause => !_isPaused,
        Gate.Permits => _inFlight < _options.PermitsMax,
        Gate.Io => HasIoLeft(now),
        _ => HasCpuLeft(now),
    };

    private static void Park(WaitLine line, Obstacle obstacle, long now)
    {
        RingMember member = line;
        for (ResourceGovernor at = line.Governor; ; at = at._parent!)
        {
            WaitRing ring = at.RingOf(obstacle.Governor, obstacle.Gate);
            bool linked = ring.Count > 0;
            ring.Add(member);
            if (linked || at == obstacle.Governor) break;
            member = ring;
        }

        if (obstacle.Gate is Gate.Io or Gate.Cpu) obstacle.Governor.ArmTimer(obstacle.Gate, now);
    }

    private static void Unpark(WaitLine line)
    {
        for (RingMember member = line; member.In is { } ring; member = ring)
        {
            ring.Remove(member);
            if (ring.Count > 0) break;
        }
    }

    private WaitRing? RingOrNull(ResourceGovernor of, Gate gate)
    {
        int index = (of._path.Length * 4) + (int)gate;
        return index < _rings.Length ? _rings[index] : null;
    }

    /// <summary>The ring in which those below this governor wait for a gate of <paramref name="of"/>, this or an ancestor.</summary>
    private WaitRing RingOf(ResourceGovernor of, Gate gate)
    {
        if (_rings.Length == 0) _rings = new WaitRing?[(_path.Length + 1) * 4];
        return _rings[(of._path.Length * 4) + (int)gate] ??= new WaitRing();
    }
}
