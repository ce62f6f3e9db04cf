using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What a durable agent stores besides its turns, and how it comes back.</summary>
public sealed partial class Agent
{
    /// <summary>The message its first turn is about; gone when it has begun.</summary>
    internal AgentMessage? First { get; set; }

    /// <summary>That it is made, with all it begins with.</summary>
    internal void WriteSpawned(FactWriter facts)
    {
        facts.Fact(FactKind.AgentSpawned, Id).Put(Session.Id.Value).Put(ParentId.Value).Put(Type.Name);
        if (StateVersion != 1) facts.Fact(FactKind.StateMigrated, Id).Put((long)StateVersion);
        foreach ((string name, ReadOnlyMemory<byte> value) in CopyVariables()) facts.Fact(FactKind.VariableSet, Id).Put(name).Put(value.Span);
        WriteCapabilities(facts);
        WriteBudget(facts);
        if (First is not null) Write(facts, First);
    }

    /// <summary>That a message is in its mailbox.</summary>
    internal void Write(FactWriter facts, AgentMessage message)
    {
        new MessageImage(message.Number, message.From, message.Kind, message.Type, message.Payload, message.Trace).Write(facts, Id);
        message.IsStored = true;
    }

    /// <summary>As the journal left it; nothing of it runs before <see cref="Begin()"/>.</summary>
    internal void Restore(AgentImage image)
    {
        _mailbox.Hold(HoldReasons.HostStopped);
        StateVersion = image.StateVersion;
        if (image.Variables.Count > 0) Begin(image.Variables, long.MaxValue);
        RestoreCapabilities(image);
        RestoreBudget(image);
        foreach (string key in image.Keys) Durable!.Remember(key);
        if (image.Steps.Count > 0) Durable!.Steps.AddRange(image.Steps);
        bool isHeld = image.Hold is not null;
        if (Slot.Absence is { } why)
        {
            image.Hold ??= (HoldReasons.Suspended, why);
            _mailbox.Hold(HoldReasons.TypeAbsent);
        }

        RestoreStatus(image);
        if (isHeld && image.Steps.LastOrDefault(static step => step.Result is null && !AgentTurn.IsApproval(step)) is { } open)
            _unknownStep = new UnknownStep(open.Message, open.Index, open.Name, AgentTurn.KeyOf(Id, open.Message, open.Index));
        foreach (MessageImage message in image.Mailbox)
        {
            if (message.Kind is MessageKind.Start) _status = image.Hold is null ? AgentStatus.Starting : _status;
            AgentMessage waiting = message.ToMessage();
            if (message == image.Mailbox.First()) Suspect(waiting, image);
            _ = _mailbox.Put(waiting, mayOverfill: true, out _);
        }

        foreach (ApprovalImage approval in image.Approvals) Take(approval.Request);
        foreach (ScheduleImage schedule in image.Schedules)
            (_schedules ??= []).Add(new AgentSchedule(this, schedule.Number, schedule.Due, schedule.Period, schedule.Type, schedule.Payload));
    }

    /// <summary>It goes on where it was.</summary>
    internal void Begin()
    {
        foreach (AgentSchedule schedule in _schedules ?? []) schedule.Arm();
        Wake(HoldReasons.HostStopped);
        OfferForTasks();
    }

    /// <summary>No more turns from here on; completes when the one under way has ended, or has had its time.</summary>
    internal async Task StandStillAsync(TimeSpan grace)
    {
        _mailbox.Hold(HoldReasons.HostStopped);
        foreach (AgentSchedule schedule in _schedules ?? []) schedule.Cancel();
        try
        {
            await VisitAsync(
                () =>
                {
                    DisposeBehavior();
                    return ValueTask.CompletedTask;
                },
                grace, CancellationToken.None);
        }
        catch (HypervisorException overdue) when (overdue.Code == HypervisorErrors.AgentBusy)
        {
            _turn?.Cancel(isByHost: true);
        }
    }

    private async ValueTask<SendOutcome> StoreAndSendAsync(AgentMessage message, string? key, TimeSpan timeout, CancellationToken cancellation)
    {
        long began = Host.Environment.Time.GetTimestamp();
        while (Refusal() is null && !_mailbox.HasRoomFor(message.Weight))
        {
            if (Type.Mailbox.Policy is MailboxPolicy.Reject || !await RoomAsync(message.Weight, timeout, began, cancellation)) return SendOutcome.MailboxFull;
        }

        if (Refusal() is { } refusal) return refusal;
        if (key is not null && !Durable!.Remember(key)) return SendOutcome.Repeated;
        try
        {
            var facts = new FactWriter();
            Write(facts, message);
            if (key is not null) facts.Fact(FactKind.KeySeen, Id).Put(key);
            await Host.Ledger!.AppendAsync(facts.Written);
        }
        catch when (key is not null)
        {
            Durable!.Forget(key);
            throw;
        }

        // It is stored, so it is taken, whatever has become of the room; an agent that has ended meanwhile took its mailbox along.
        Enqueue(message);
        return HasEnded ? SendOutcome.Ended : SendOutcome.Accepted;
    }

    private ValueTask StoreAsync(FactKind kind, HoldReasons reasons, StatusChange change)
    {
        if (Durable is null) return ValueTask.CompletedTask;
        FactWriter facts = new FactWriter().Fact(kind, Id);
        if (kind is FactKind.AgentHeld) facts.Put((long)reasons).Put(change.Reason);
        return Host.Ledger!.CommitAsync(facts.Put(Id, change).Written);
    }

    private StatusChange Hold(HoldReasons reasons, string why)
    {
        _mailbox.Hold(reasons);
        return Change(StatusOf(reasons), why);
    }

    private void RestoreStatus(AgentImage image)
    {
        _status = AgentStatus.Idle;
        if (image.Changes.Count > 0) _changes = new Queue<StatusChange>(image.Changes);
        if (image.Hold is not { } hold) return;
        if (image.Changes.LastOrDefault()?.Status != StatusOf(hold.Reasons))
        {
            Hold(hold.Reasons, hold.Why);
            return;
        }

        _mailbox.Hold(hold.Reasons);
        _status = StatusOf(hold.Reasons);
        if (_status is AgentStatus.Quarantined) Host.OnQuarantine(1);
    }

    private static AgentStatus StatusOf(HoldReasons reasons) => reasons.HasFlag(HoldReasons.Quarantined) ? AgentStatus.Quarantined : AgentStatus.Suspended;
}
