using System.Runtime.ExceptionServices;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>Turns whose processor time is limited, and waiting for a budget.</summary>
public sealed partial class Agent
{
    private static readonly TimeSpan BudgetPauseMin = TimeSpan.FromMilliseconds(100), BudgetPauseMax = TimeSpan.FromMinutes(1);

    private string? _awaitsBudget;

    /// <summary>
    /// Why its next turn waits for its budget, a sentence; null when it does not. Its mailbox fills meanwhile, the turn counts as no attempt, and the agent looks again after pauses that grow to a minute.
    /// </summary>
    public string? AwaitsBudget => Volatile.Read(ref _awaitsBudget);

    private async ValueTask HandleMeasuredAsync(BudgetAccount account, AgentTurn turn, AgentMessage message)
    {
        turn.BeginTime(account);
        string? stopped;
        Exception? failure = null;
        try
        {
            turn.Time.Begin();
            await HandleOnceAsync(turn, message);
        }
#pragma warning disable CA1031 // It is thrown on below, unless it is what became of being stopped.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            failure = thrown;
        }
        finally
        {
            stopped = turn.EndTime();
        }

        if (failure is null) return;
        if (stopped is null || failure is HypervisorException or AwaitingApprovalException or AwaitingTasksException or OutcomeUnknownException) ExceptionDispatchInfo.Throw(failure);
        throw new HypervisorException(HypervisorErrors.BudgetExhausted, $"The turn was stopped: {stopped}", failure);
    }

    /// <summary>Keeps the message until its budget has what the turn wants. An agent that is to end waits for nothing.</summary>
    private async ValueTask AwaitBudgetAsync(AgentMessage message, BudgetAmounts wanted, HypervisorException refused)
    {
        DisposeBehavior();
        if (_status is AgentStatus.Stopping)
        {
            LastError = TextOf(refused);
            await SetAsideAsync(message);
            return;
        }

        _mailbox.PutBack(message);
        _mailbox.Hold(HoldReasons.AwaitingBudget);
        Volatile.Write(ref _awaitsBudget, refused.Message);
        new BudgetWait(this, Budget!, wanted).Begin();
        // It may have been asked to end before it was held.
        if (_status is AgentStatus.Stopping) GoOnWithBudget();
    }

    private void GoOnWithBudget()
    {
        Volatile.Write(ref _awaitsBudget, null);
        Wake(HoldReasons.AwaitingBudget);
    }

    private sealed class BudgetWait(Agent agent, BudgetAccount account, BudgetAmounts wanted) : TimerEntry
    {
        private TimeSpan _pause = BudgetPauseMin;

        public void Begin() => agent.Host.Timers.Add(this, _pause);

        public override void Fire()
        {
            if (agent.HasEnded || agent.AwaitsBudget is null) return;
            if (account.HasRoomFor(in wanted))
            {
                agent.GoOnWithBudget();
                return;
            }

            _pause = _pause * 2 < BudgetPauseMax ? _pause * 2 : BudgetPauseMax;
            Begin();
        }
    }
}
