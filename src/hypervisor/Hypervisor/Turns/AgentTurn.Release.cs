using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Turns;

/// <summary>How what a turn collected comes out.</summary>
public sealed partial class AgentTurn
{
    /// <summary>The turn has ended well: its effects come out.</summary>
    internal ValueTask ReleaseAsync(AgentMessage message)
    {
        Spend();
        // Not before it is stored: a turn that could not be runs again and is to find its steps.
        _agent.Durable?.ForgetSteps();
        _agent.Variables?.Commit();
        if (_agent.Migrates) _agent.SetMigrated();
        if (message.Schedule is { } schedule) _agent.Advance(schedule);
        bool isHeld = false;
        if (_hasEffects)
        {
            StartChildren();
            ReleaseTasks();
            isHeld = DeliverSends();
            ChangeSchedules();
            ReleaseEvents();
            foreach (ApprovalRequest request in CollectionsMarshal.AsSpan(_approvals)) _agent.Take(request);
            if (_stopReason is { } reason) _ = _agent.StopAsync(reason);
        }

        if (message.Asker is TaskAttempt attempt) Host.Tasks.OnSucceeded(attempt);
        else if (!_hasReplied) message.Asker?.Answer(new AgentReply(ReplyOutcome.NoReply, default, SendOutcome.Accepted, "The agent's turn ended without a reply."));
        return isHeld ? HoldUpAsync() : ValueTask.CompletedTask;
    }

    private void StartChildren()
    {
        if (_children is null) return;
        foreach (Agent child in _children) _agent.Session.Add(child);
        _children.Clear();
    }

    /// <summary>True when a mailbox sent to is overfull.</summary>
    private bool DeliverSends()
    {
        bool isOverfull = false;
        for (int i = 0; i < _sendCount; i++)
        {
            (Agent? to, AgentMessage message) = _sends[i];
            if (to is null)
            {
                message.Asker!.Answer(_reply);
                continue;
            }

            SendOutcome outcome = Deliver(to, message);
            if (outcome is not SendOutcome.Accepted) TellUndeliverable(to, message, outcome);
            isOverfull |= to.IsOverfull;
        }

        return isOverfull;
    }

    private SendOutcome Deliver(Agent to, AgentMessage message)
    {
        if (!message.IsStored || to.HasEnded) return to.Put(message, mayOverfill: to.Type.Mailbox.Policy is MailboxPolicy.Wait, _agent);
        // What is stored for an agent is in its mailbox, also while it is in quarantine or the host stops.
        to.Enqueue(message, _agent);
        return SendOutcome.Accepted;
    }

    /// <summary>Waits for room where there was none, until one wait has been as long as it may be: whoever waits for this agent in turn must get on.</summary>
    private async ValueTask HoldUpAsync()
    {
        for (int i = 0; i < _sendCount; i++)
        {
            if (_sends[i].To is { } to && to != _agent && to.IsOverfull && !await to.RoomAsync()) return;
        }
    }

    private void ChangeSchedules()
    {
        if (_schedules is not null)
        {
            foreach (AgentSchedule schedule in _schedules) _agent.Take(schedule);
            _schedules.Clear();
        }

        if (_cancelledSchedules is null) return;
        foreach (long number in _cancelledSchedules) _agent.Unschedule(number);
    }

    private void TellUndeliverable(Agent to, AgentMessage message, SendOutcome outcome)
    {
        Host.SetAside(to, message, $"It was not taken: {outcome}.");
        if (message.Kind is not MessageKind.Message) return;
        _agent.Deliver(_agent.EventOf(HostEvents.Undeliverable, writer =>
        {
            writer.WriteString("agent", to.Id.ToString());
            writer.WriteString("type", message.Type);
            writer.WriteNumber("number", message.Number);
            writer.WriteString("outcome", outcome.ToString());
        }));
    }
}
