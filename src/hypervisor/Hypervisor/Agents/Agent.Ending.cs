using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Agents;

/// <summary>How it ends.</summary>
public sealed partial class Agent
{
    private TaskCompletionSource? _ended;

    /// <summary>
    /// Ends it: its children first, then what is in its mailbox, then its last turn. What has not ended after <paramref name="grace"/> is ended by force: its turn
    /// is cancelled and its mailbox set aside.
    /// </summary>
    /// <param name="reason">Why, in words.</param>
    /// <param name="grace">How long to wait; default 10 s.</param>
    /// <returns>Completes when it has ended.</returns>
    public Task StopAsync(string reason, TimeSpan? grace = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Task ended;
        lock (Session.Gate)
        {
            if (HasEnded) return Task.CompletedTask;
            _ended ??= new TaskCompletionSource();
            ended = _ended.Task;
            if (_status is AgentStatus.Stopping) return ended;
            Change(AgentStatus.Stopping, reason);
        }

        Host.Own(EndChildrenAndSelfAsync(reason, grace ?? TimeSpan.FromSeconds(10)));
        return ended;
    }

    private async Task EndChildrenAndSelfAsync(string reason, TimeSpan grace)
    {
        foreach (Agent child in Children()) await child.StopAsync($"Its parent ends: {reason}", grace);
        Enqueue(new AgentMessage(Host.NextNumber(), default, "", default, default) { Kind = MessageKind.Stop });
        Wake(HoldReasons.OfTheAgent | HoldReasons.AwaitingApproval | HoldReasons.AwaitingBudget | HoldReasons.AwaitingTasks | HoldReasons.TypeAbsent | HoldReasons.AmongSuspects);
        if (await EndsWithinAsync(grace)) return;
        SetMailboxAside("The agent was ended by force.");
        _turn?.Cancel();
        Enqueue(new AgentMessage(Host.NextNumber(), default, "", default, default) { Kind = MessageKind.Stop });
        if (await EndsWithinAsync(grace)) return;
        await EndAsync(AgentStatus.Failed, "Its turn did not end when it was cancelled.");
    }

    private async Task<bool> EndsWithinAsync(TimeSpan grace)
    {
        try
        {
            await _ended!.Task.WaitAsync(grace, Host.Environment.Time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async ValueTask EndAsync(AgentStatus status, string reason)
    {
        AgentMessage? toParent = ParentAgent is { } parent ? EndOf(parent, status, reason) : null;
        if (Durable is not null)
        {
            FactWriter facts = new FactWriter();
            WriteUnknownSteps(facts);
            facts.Fact(FactKind.MailboxSetAside, Id).Put(Host.Environment.Time.GetUtcNow()).Put(EndedWith(reason)).Fact(FactKind.AgentEnded, Id);
            if (toParent is not null && ParentAgent!.Durable is not null) ParentAgent.Write(facts, toParent);
            await Host.Ledger!.CommitAsync(facts.Written);
        }

        End(status, reason);
        if (toParent is not null) ParentAgent!.Deliver(toParent);
    }

    private void End(AgentStatus status, string reason)
    {
        lock (Session.Gate)
        {
            if (HasEnded) return;
            Change(status, reason);
        }

        foreach (AgentSchedule schedule in _schedules ?? []) schedule.Cancel();
        lock (Session.Gate)
        {
            foreach (ApprovalExpiry expiry in _approvals?.Values.AsEnumerable() ?? []) expiry.Cancel();
            _approvals = null;
        }

        SetMailboxAside(EndedWith(reason));
        DisposeBehavior();
        Session.Remove(this);
        ParentAgent?.Disown(this);
        if (_ended is { } ended) Host.Environment.Executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), ended);
    }

    private void Disown(Agent child)
    {
        lock (Session.Gate) _children?.Remove(child);
    }

    /// <summary>What a parent is told of this agent.</summary>
    private AgentMessage EndOf(Agent parent, AgentStatus status, string reason) => parent.EventOf(HostEvents.ChildEnded, writer =>
    {
        writer.WriteString("agent", Id.ToString());
        writer.WriteString("status", status.ToString());
        writer.WriteString("reason", reason);
    });

    private static string EndedWith(string reason) => $"The agent has ended: {reason}";

    private void SetMailboxAside(string reason)
    {
        if (_mailbox.TakeAll() is { } first) Host.SetAside(this, first, reason);
    }
}
