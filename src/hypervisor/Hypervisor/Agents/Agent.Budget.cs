using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Security;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What it spends.</summary>
public sealed partial class Agent
{
    private bool _hasOwnBudget;

    /// <summary>The account that pays for what it does: its own, or else its parent's or its session's. Null when the host keeps no budgets.</summary>
    public BudgetAccount? Budget { get; private set; }

    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetMissing"/> or <see cref="HypervisorErrors.BudgetClosed"/>.</exception>
    internal void OpenBudget(BudgetLimits? own)
    {
        BudgetAccount? above = ParentAgent is { } parent ? parent.Budget : Session.Budget;
        if (own is not null && above is null) throw new HypervisorException(HypervisorErrors.BudgetMissing, $"An agent of '{Type.Name}' is to have a budget, and the host keeps none.");
        Budget = own is null ? above : Host.Budgets!.Open(above!, Id.ToString(), own);
        _hasOwnBudget = own is not null;
    }

    /// <summary>Pays for what it begins with.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>.</exception>
    internal void ChargeForVariables() => ChargeForStored(Variables?.Bytes ?? 0);

    /// <summary>It stores so much more, or less.</summary>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>.</exception>
    private void ChargeForStored(long bytes)
    {
        if (Budget is not { } account || bytes == 0) return;
        if (bytes < 0)
        {
            account.ReturnStored(-bytes);
            return;
        }

        var amounts = new BudgetAmounts { BytesStored = bytes };
        if (!account.TryReserve(in amounts, out BudgetReservation reservation, out BudgetRefusal refusal))
            throw new HypervisorException(HypervisorErrors.BudgetExhausted, OverBudget(in refusal));
        reservation.Settle(in amounts);
    }

    /// <summary>Takes down that its budget refused; gives the sentence that says so.</summary>
    internal string OverBudget(in BudgetRefusal refusal)
    {
        string reason = refusal.ToString();
        Host.Note(SecurityEventKind.BudgetRefused, this, refusal.Resource?.Name() ?? "", reason);
        if (refusal.MayPass) _turn?.OnMissing();
        return reason;
    }

    /// <summary>It has ended, and what it stored is no more.</summary>
    internal void CloseBudget()
    {
        if (Budget is not { } account) return;
        if (Variables is { Bytes: > 0 } variables) account.ReturnStored(variables.Bytes);
        if (_hasOwnBudget) account.Close();
    }

    /// <summary>The message is not tried again: what its steps may have used is used.</summary>
    private void WriteUnknownSteps(FactWriter facts)
    {
        if (Durable!.SettleUnknown()) facts.PutSpent(Budget!);
    }

    private void WriteBudget(FactWriter facts)
    {
        if (_hasOwnBudget) facts.Fact(FactKind.AgentBudget, Id).Put(Budget!.Limits);
    }

    private void RestoreBudget(AgentImage image)
    {
        OpenBudget(Host.Budgets is null ? null : image.Budget);
        if (Budget is not { } account) return;
        if (Variables is not null) account.CountStored(Variables.Bytes);
        foreach (StepImage step in image.Steps)
        {
            if (step.Result is null && step.SetAside != default)
                Durable!.Unsettled.Add(step.Index, (account.ReserveAgain(step.SetAside), step.SetAside));
        }
    }
}
