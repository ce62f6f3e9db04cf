namespace Sirsi.Core.Hosting;

/// <summary>
/// A thread that runs the items of a lane. When one of them computes for long, the <see cref="ThreadKeeper"/> lowers the thread in the middle of it, and from the end of that item on the thread is one of
/// the lower lane.
/// </summary>
internal sealed class LaneThread(ThreadLane lane, string name)
{
    /// <summary>An item that spends this much of processor time computes long.</summary>
    public const long LongNs = 2_500_000;

    [ThreadStatic]
    private static LaneThread? _current;

    private ThreadLane _lane = lane;
    private object? _state;
    private int _thread;

    // The number of the item under way, negative once the thread has been lowered in it; 0 between items.
    private long _item;

    // The keeper's alone: the item it saw last, and what the thread had spent then.
    private long _itemSeen;
    private long _spentNs;

    /// <summary>Whether the current thread is one that has been lowered.</summary>
    public static bool IsCurrentLowered => _current is { } current && (current._lane.IsLow || Volatile.Read(ref current._item) < 0);

    /// <summary>Whether an item is under way.</summary>
    public bool IsAtWork => Volatile.Read(ref _item) is not 0;

    /// <summary>Whether the thread has ended.</summary>
    public bool HasEnded { get; private set; }

    public void Start()
    {
#pragma warning disable RS0030 // It is an executor's: the threads are what others ask it for.
        new Thread(Run) { Name = name, IsBackground = true }.UnsafeStart();
#pragma warning restore RS0030
    }

    /// <summary>Lowers the thread if the item under way was under way at the last look and has computed since. For the keeper.</summary>
    public void LowerIfLong()
    {
        long item = Volatile.Read(ref _item);
        // The thread itself goes to the lower lane as soon as the item is over.
        ThreadLane from = _lane;
        if (item <= 0 || from.Lower is not { } lower) return;
        long spentNs = ThreadProcessorTime.OfNs(_thread);
        bool isLong = item == _itemSeen && spentNs - _spentNs >= LongNs;
        if (item != _itemSeen) (_itemSeen, _spentNs) = (item, spentNs);
        if (!isLong || !lower.TryReserve()) return;
        var recurring = _state as IRecurringWorkItem;
        if (Interlocked.CompareExchange(ref _item, -item, item) != item)
        {
            lower.GiveUpReserved();
            return;
        }

        recurring?.ComputesLong = true;
        _ = ThreadPriorities.TryLower(_thread);
        from.Replace();
    }

    private void Run()
    {
        _current = this;
        _thread = ThreadPriorities.CurrentThread();
        if (_lane.IsLow) _ = ThreadPriorities.TryLower(_thread);
        SynchronizationContext.SetSynchronizationContext(_lane.Context);
        ThreadKeeper.Watch(this);
        for (long item = 1; _lane.TryTake(out (Action<object?>? Callback, object? State) taken); item++)
        {
            _state = taken.State;
            Volatile.Write(ref _item, item);
            ThreadKeeper.WakeIfAsleep();
            if (_lane.IsLow) RunLow(taken.Callback, taken.State);
            else Run(taken.Callback, taken.State);
            bool isLowered = Interlocked.CompareExchange(ref _item, 0, item) != item;
            // The keeper knows this thread for as long as it lives, and should not keep alive what ran on it.
            _state = null;
            if (!isLowered) continue;
            // It was lowered on the way.
            _lane = _lane.Lower!;
            Volatile.Write(ref _item, 0);
        }

        HasEnded = true;
    }

    private static void Run(Action<object?>? callback, object? state)
    {
        if (callback is not null) callback(state);
        else ((IThreadPoolWorkItem)state!).Execute();
    }

    private static void RunLow(Action<object?>? callback, object? state)
    {
        long began = ThreadProcessorTime.OfCurrentNs();
        Run(callback, state);
        if (state is IRecurringWorkItem recurring && ThreadProcessorTime.OfCurrentNs() - began < LongNs) recurring.ComputesLong = false;
    }
}
