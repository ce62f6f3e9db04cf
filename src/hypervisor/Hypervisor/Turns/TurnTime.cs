using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Turns;

/// <summary>
/// The processor time of an agent's turns, where its budget limits it: some is set aside before a turn, more while it runs, always before it can be used, and when there is no more the turn is cancelled. What it used
/// is charged when it ends, well or not. One for all turns of an agent, so that short turns share a timer.
/// </summary>
internal sealed class TurnTime(Agent agent, AgentTurn turn) : TimerEntry
{
    /// <summary>A turn is not begun with less: it could not be stopped in time.</summary>
    public static readonly TimeSpan LeastToBegin = TimeSpan.FromMilliseconds(10);

    /// <summary>What is set aside at first; it doubles as the turn takes longer.</summary>
    private static readonly TimeSpan AtFirst = TimeSpan.FromMilliseconds(100);

    /// <summary>How long before the end of what is set aside a turn is stopped: timers and the watch over guests are late by some milliseconds.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(5);

    private readonly ProcessorMeter _meter = new(agent.Host.Environment);
    private readonly Lock _lock = new();
    private readonly List<(BudgetReservation Reservation, long Ns)> _setAside = [];
    private BudgetAccount? _account;
    private long _setAsideNs;
    private long _spentBefore;
    private int _turns;
    private long _dueNs = long.MaxValue;
    private string? _refusal;
    private volatile bool _isStopped;

    /// <summary>Why the turn under way was cancelled; null when it was not, or not for want of processor time.</summary>
    public string? Stopped => _isStopped ? _refusal : null;

    private static long Ns(TimeSpan span) => (long)span.TotalNanoseconds;

    /// <summary>Sets aside what the turn begins with.</summary>
    public bool TryBegin(BudgetAccount account, out BudgetRefusal refusal)
    {
        if (!account.TryReserveUpTo(BudgetResource.CpuTime, Ns(LeastToBegin), Ns(AtFirst), out BudgetReservation reservation, out long amount, out refusal)) return false;
        lock (_lock)
        {
            (_account, _refusal, _isStopped) = (account, null, false);
            _setAside.Add((reservation, amount));
            _setAsideNs = amount;
            Arm(amount);
        }

        return true;
    }

    /// <summary>From here on it is measured, in the caller's flow.</summary>
    public void Begin() => _meter.Begin();

    /// <summary>The turn has ended: what it used is charged and the rest given back.</summary>
    public void End()
    {
        _meter.End();
        lock (_lock)
        {
            _turns++;
            _account = null;
            // What an earlier turn left running is this one's to pay.
            long left = _meter.SpentNs - _spentBefore;
            _spentBefore += left;
            for (int i = 0; i < _setAside.Count; i++)
            {
                (BudgetReservation reservation, long amount) = _setAside[i];
                // What is beyond all of it counts as the last one's overrun.
                long used = i == _setAside.Count - 1 ? left : Math.Min(left, amount);
                reservation.Settle(new BudgetAmounts { CpuTime = used });
                left -= used;
            }

            _setAside.Clear();
        }
    }

    /// <summary>A timer's thread looks how far the turn is.</summary>
    public override void Fire()
    {
        lock (_lock)
        {
            _dueNs = long.MaxValue;
            if (_account is not { } account) return;
            long left = _setAsideNs - (_meter.MostNs - _spentBefore);
            if (left * 2 <= _setAsideNs && _setAsideNs < Ns(agent.Type.TurnTimeout)) left += SetAsideMore(account);
            if (left > Ns(Margin))
            {
                Arm(left);
                return;
            }

            // Else its own time-out ends the turn.
            if (_refusal is null) return;
            int turns = _turns;
            agent.Host.Environment.Executor.Post(_ => Stop(turns), null);
        }
    }

    /// <summary>Looks again when half of what is left may be used up, unless that is looked at before; a look too many does no harm.</summary>
    private void Arm(long leftNs)
    {
        long due = Ns(agent.Host.Environment.Time.GetElapsedTime(0)) + (leftNs / 2);
        if (due >= _dueNs) return;
        _dueNs = due;
        agent.Host.Timers.Add(this, TimeSpan.FromMicroseconds(leftNs / 2_000.0));
    }

    private long SetAsideMore(BudgetAccount account)
    {
        long most = Math.Min(_setAsideNs, Ns(agent.Type.TurnTimeout));
        if (!account.TryReserveUpTo(BudgetResource.CpuTime, Ns(LeastToBegin), most, out BudgetReservation reservation, out long amount, out BudgetRefusal refusal))
        {
            _refusal = refusal.ToString();
            return 0;
        }

        _refusal = null;
        _setAside.Add((reservation, amount));
        _setAsideNs += amount;
        return amount;
    }

    private void Stop(int turns)
    {
        lock (_lock)
        {
            if (turns != _turns) return;
            _isStopped = true;
            turn.Cancel();
        }
    }
}
