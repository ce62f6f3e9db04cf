using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Sirsi.Core.Governing;

/// <summary>What a governor counts, and how it ends.</summary>
public sealed partial class ResourceGovernor
{
    private readonly KindCounts[] _kinds = new KindCounts[OperationKinds.Count];
    private long _cancelled;
    private long _refused;
    private long _checkpointsThrottled;
    private int _checkpointsWaiting;
    private ResourceGovernor? _firstChild;
    private ResourceGovernor? _nextSibling;
    private ResourceGovernor? _previousSibling;

    [StructLayout(LayoutKind.Auto)]
    private struct KindCounts
    {
        public long Total;
        public long Throttled;
        public int Waiting;
        public int InFlight;
    }

    /// <summary>What this governor and its descendants have done so far; the numbers are of one instant.</summary>
    public GovernorStatistics Statistics()
    {
        CpuFlow.SettleIf(IsMetered);
        lock (Tree.Gate)
        {
            var kinds = new KindStatistics[OperationKinds.Count];
            for (int i = 0; i < kinds.Length; i++)
                kinds[i] = new KindStatistics((OperationKind)i, _kinds[i].Total, _kinds[i].Throttled, _kinds[i].Waiting, _kinds[i].InFlight);
            return new GovernorStatistics
            {
                Name = Name,
                Total = kinds.Sum(static kind => kind.Total),
                Throttled = kinds.Sum(static kind => kind.Throttled),
                Waiting = _waiting,
                InFlight = _inFlight,
                Cancelled = _cancelled,
                Refused = _refused,
                CheckpointsThrottled = _checkpointsThrottled,
                CheckpointsWaiting = _checkpointsWaiting,
                CpuTime = TimeSpan.FromTicks(Interlocked.Read(ref _cpuChargedNs) / TimeSpan.NanosecondsPerTick),
                MemoryReservedBytes = _memoryReserved,
                MemoryReservedBytesPeak = _memoryReservedPeak,
                IsPaused = _isPaused,
                ByKind = ImmutableArray.Create(kinds),
            };
        }
    }

    /// <summary>
    /// Closes it and all its descendants: requests are refused from here on, those that wait fail, running operations finish and
    /// give back what they hold. Their checkpoints stay under the limits of processor time, but no pause of a closed governor holds
    /// them. Closing again does nothing.
    /// </summary>
    public void Dispose()
    {
        Waiter? completed;
        lock (Tree.Gate)
        {
            if (_isClosed) return;
            if (_parent is not null) RemoveFromParent();
            List<ResourceGovernor> closing = [this];
            for (int i = 0; i < closing.Count; i++)
                for (ResourceGovernor? child = closing[i]._firstChild; child is not null; child = child._nextSibling) closing.Add(child);
            foreach (ResourceGovernor governor in closing) governor.Close();
            long now = Now();
            foreach (ResourceGovernor governor in closing) governor.Serve(Gate.Pause, now);
            completed = Tree.TakeCompleted();
        }

        Tree.Post(completed);
    }

    private void Close()
    {
        _isClosed = true;
        _isPaused = false;
        Unpark(_line);
        while (_line.Head is { } waiter)
        {
            Dequeue(waiter);
            waiter.State = WaiterState.Closed;
            foreach (ResourceGovernor governor in _path) governor._refused++;
            Tree.AddCompleted(waiter);
        }
    }

    private void CountWaiting(Waiter waiter, int change)
    {
        if (waiter.Line.OfCheckpoints)
        {
            _checkpointsWaiting += change;
            if (change > 0) _checkpointsThrottled++;
            return;
        }

        _waiting += change;
        _kinds[(int)waiter.Kind].Waiting += change;
    }

    private void CountCancelled()
    {
        lock (Tree.Gate)
            foreach (ResourceGovernor governor in _path)
                governor._cancelled++;
    }

    private void AddChild(ResourceGovernor child)
    {
        child._nextSibling = _firstChild;
        if (_firstChild is not null) _firstChild._previousSibling = child;
        _firstChild = child;
    }

    private void RemoveFromParent()
    {
        if (_previousSibling is null) _parent!._firstChild = _nextSibling;
        else _previousSibling._nextSibling = _nextSibling;
        if (_nextSibling is not null) _nextSibling._previousSibling = _previousSibling;
        _nextSibling = _previousSibling = null;
    }
}
