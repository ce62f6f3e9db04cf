using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Durability;

/// <summary>How an agent's facts come to what it is.</summary>
internal sealed partial class AgentImage
{
    /// <summary>Applies what happened to it; gives the number of the message, schedule or request that it is about, else 0.</summary>
    public long Apply(FactKind kind, ref FactReader facts)
    {
        switch (kind)
        {
            case FactKind.AgentHeld:
                Hold = ((HoldReasons)facts.Number(), facts.Text());
                break;
            case FactKind.AgentReleased:
                Hold = null;
                Begun = default;
                break;
            case FactKind.StatusChanged:
                _changes ??= new();
                if (_changes.Count == Agent.ChangesMax) _changes.Dequeue();
                _changes.Enqueue(new StatusChange((AgentStatus)facts.Number(), facts.Instant(), facts.Text()));
                break;
            case FactKind.VariableSet:
                (_variables ??= new(StringComparer.Ordinal))[facts.Text()] = facts.Bytes().ToArray();
                break;
            case FactKind.VariableRemoved:
                _variables?.Remove(facts.Text());
                break;
            case FactKind.AgentBudget:
                Budget = facts.Limits();
                break;
            case FactKind.StateMigrated:
                StateVersion = (int)facts.Number();
                break;
            case FactKind.KeySeen:
                _keys ??= new();
                if (_keys.Count == HostImage.KeysMax) _keys.Dequeue();
                _keys.Enqueue(facts.Text());
                break;
            case FactKind.CapabilityGranted:
                (_capabilities ??= []).Add(facts.Text());
                break;
            case FactKind.CapabilitiesExpire:
                CapabilitiesExpireAt = facts.Instant();
                break;
            case FactKind.CapabilityRevoked:
                (_revoked ??= []).Add(facts.Text());
                break;
            case FactKind.ApprovalAsked:
                ApprovalImage asked = ApprovalImage.Read(id, ref facts);
                (_approvals ??= [])[asked.Request.Number] = asked;
                return asked.Request.Number;
            case FactKind.ApprovalAnswered:
                _approvals?.Remove(facts.Number());
                break;
            case FactKind.ScheduleSet or FactKind.ScheduleMoved or FactKind.ScheduleEnded:
                return ApplySchedule(kind, ref facts);
            case FactKind.StepBegun or FactKind.StepSettled or FactKind.StepForgotten:
                ApplyStep(kind, ref facts);
                break;
            default:
                return ApplyMessage(kind, ref facts);
        }

        return 0;
    }

    private long ApplyMessage(FactKind kind, ref FactReader facts)
    {
        if (kind is FactKind.MessageAccepted)
        {
            MessageImage accepted = MessageImage.Read(ref facts);
            (_mailbox ??= new()).AddLast(accepted);
            return accepted.Number;
        }

        if (kind is not (FactKind.MessageHandled or FactKind.MessageSetAside or FactKind.TurnBegun)) throw FactReader.Broken();
        long number = facts.Number();
        if (kind is FactKind.TurnBegun)
        {
            Begun = (number, (int)facts.Number());
            return number;
        }

        if (Begun.Message == number) Begun = default;
        _steps?.RemoveAll(step => step.Message == number);
        for (LinkedListNode<MessageImage>? place = _mailbox?.First; place is not null; place = place.Next)
        {
            if (place.Value.Number != number) continue;
            _mailbox!.Remove(place);
            break;
        }

        return number;
    }

    private long ApplySchedule(FactKind kind, ref FactReader facts)
    {
        if (kind is FactKind.ScheduleSet)
        {
            ScheduleImage set = ScheduleImage.Read(ref facts);
            (_schedules ??= [])[set.Number] = set;
            return set.Number;
        }

        long number = facts.Number();
        if (kind is FactKind.ScheduleEnded) _schedules?.Remove(number);
        else if (facts.Instant() is var due && _schedules is not null && _schedules.TryGetValue(number, out ScheduleImage? moved)) _schedules[number] = moved with { Due = due };
        return number;
    }

    private void ApplyStep(FactKind kind, ref FactReader facts)
    {
        long message = facts.Number();
        int index = (int)facts.Number();
        _steps?.RemoveAll(step => step.Message == message && step.Index == index);
        if (kind is FactKind.StepForgotten) return;
        string name = facts.Text();
        (_steps ??= []).Add(kind is FactKind.StepSettled
            ? new StepImage(message, index, name, facts.Bytes().ToArray())
            : new StepImage(message, index, name, null) { SetAside = facts.Amounts() });
    }
}
