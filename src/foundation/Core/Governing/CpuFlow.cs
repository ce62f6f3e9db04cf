namespace Sirsi.Core.Governing;

/// <summary>
/// Knows, for every thread, whom to charge for the processor time it spends. The governor that granted a permit is put into the
/// ambient values of the asynchronous flow; the runtime tells us whenever a thread takes up or puts down such a flow, and each
/// stretch between, a turn, is charged by that thread's own clock. So an operation is metered on whichever threads it runs, and is not
/// charged for what its threads do while it waits.
/// </summary>
internal static class CpuFlow
{
    private static readonly AsyncLocal<ResourceGovernor?> Current = new(static change => ThreadMeter.OfThread.Switch(change.CurrentValue));

    /// <summary>From here on the caller's flow is charged to <paramref name="governor"/>; false when it already is.</summary>
    public static bool Enter(ResourceGovernor governor, out ResourceGovernor? previous)
    {
        previous = Current.Value;
        if (ReferenceEquals(previous, governor)) return false;
        ExecutionContext? plain = ExecutionContext.Capture();
        if (plain is null)
        {
            Current.Value = governor; // The caller suppresses the flow: only this turn can be metered.
            return true;
        }

        // Setting an ambient value makes a new context each time. Going back to one made before for the same caller allocates nothing.
        ThreadMeter meter = ThreadMeter.OfThread;
        if (meter.Recall(plain, governor) is { } metered)
        {
            ExecutionContext.Restore(metered);
            return true;
        }

        Current.Value = governor;
        meter.Remember(plain, ExecutionContext.Capture(), governor);
        return true;
    }

    /// <summary>Undoes <see cref="Enter"/>, if the caller's flow is the one that entered.</summary>
    public static void Leave(ResourceGovernor governor, ResourceGovernor? previous)
    {
        if (!ReferenceEquals(Current.Value, governor)) return;
        if (ThreadMeter.OfThread.RecallPlain(ExecutionContext.Capture(), governor) is { } plain) ExecutionContext.Restore(plain);
        else Current.Value = previous;
    }

    /// <summary>Charges what the current turn has spent so far, if <paramref name="metered"/>.</summary>
    public static void SettleIf(bool metered)
    {
        if (metered) ThreadMeter.OfThread.Settle();
    }

    private sealed class ThreadMeter
    {
        [ThreadStatic]
        private static ThreadMeter? _ofThread;

        private readonly ThreadCpuClock _clock = ThreadCpuClock.OfThread;

        // Weak, for a context keeps ambient values of others alive, and with them perhaps a plug-in that is to be unloaded.
        private readonly WeakReference<ExecutionContext?> _plain = new(null);
        private readonly WeakReference<ExecutionContext?> _metered = new(null);
        private long _governorNumber = -1;
        private ResourceGovernor? _charged;
        private long _since;

        public static ThreadMeter OfThread => _ofThread ??= new ThreadMeter();

        public void Switch(ResourceGovernor? next)
        {
            long now = _clock.Now();
            if (_charged is { } governor && now > _since) governor.Charge(now - _since);
            _charged = next;
            _since = now;
        }

        public void Settle()
        {
            if (_charged is not null) Switch(_charged);
        }

        public ExecutionContext? Recall(ExecutionContext plain, ResourceGovernor governor) =>
            _governorNumber == governor.Number && Target(_plain) == plain ? Target(_metered) : null;

        public ExecutionContext? RecallPlain(ExecutionContext? metered, ResourceGovernor governor) =>
            metered is not null && _governorNumber == governor.Number && Target(_metered) == metered ? Target(_plain) : null;

        public void Remember(ExecutionContext plain, ExecutionContext? metered, ResourceGovernor governor)
        {
            _plain.SetTarget(plain);
            _metered.SetTarget(metered);
            _governorNumber = governor.Number;
        }

        private static ExecutionContext? Target(WeakReference<ExecutionContext?> reference) =>
            reference.TryGetTarget(out ExecutionContext? context) ? context : null;
    }
}
