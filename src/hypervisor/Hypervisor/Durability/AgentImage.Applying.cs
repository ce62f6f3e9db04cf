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
                if (Changes.Count == Agent.ChangesMax) Changes.Dequeue();
                Changes.Enqueue(new StatusChange((AgentStatus)facts.Number(), facts.Instant(), facts.Text()));
                break;
            case FactKind.VariableSet:
                Variables[facts.Text()] = facts.Bytes().ToArray();
                break;
            case FactKind.VariableRemoved:
                Variables.Remove(facts.Text());
                break;
            case FactKind.AgentBudget:
                Budget = facts.Limits();
                break;
            case FactKind.StateMigrated:
                StateVersion = (int)facts.Number();
                break;
            case FactKind.KeySeen:
                if (Keys.Count == HostImage.KeysMax) Keys.Dequeue();
                Keys.Enqueue(facts.Text());
                break;
            case FactKind.CapabilityGranted:
                Capabilities.Add(facts.Text());
                break;
            case FactKind.CapabilitiesExpire:
                CapabilitiesExpireAt = facts.Instant();
                break;
            case FactKind.CapabilityRevoked:
                Revoked.Add(facts.Text());
                break;
            case FactKind.ApprovalAsked:
                ApprovalImage asked = ApprovalImage.Read(id, ref facts);
                Approvals[asked.Request.Number] = asked;
                return asked.Request.Number;
            case FactKind.ApprovalAnswered:
                Approvals.Remove(facts.Number());
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
            Mailbox.AddLast(accepted);
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
        Steps.RemoveAll(step => step.Message == number);
        for (LinkedListNode<MessageImage>? place = Mailbox.First; place is not null; place = place.Next)
        {
            if (place.Value.Number != number) continue;
            Mailbox.Remove(place);
            break;
        }

        return number;
    }

    private long ApplySchedule(FactKind kind, ref FactReader facts)
    {
        if (kind is FactKind.ScheduleSet)
        {
            ScheduleImage set = ScheduleImage.Read(ref facts);
            Schedules[set.Number] = set;
            return set.Number;
        }

        long number = facts.Number();
        if (kind is FactKind.ScheduleEnded) Schedules.Remove(number);
        else if (facts.Instant() is var due && Schedules.TryGetValue(number, out ScheduleImage? moved)) Schedules[number] = moved with { Due = due };
        return number;
    }

    private void ApplyStep(FactKind kind, ref FactReader facts)
    {
        long message = facts.Number();
        int index = (int)facts.Number();
        Steps.RemoveAll(step => step.Message == message && step.Index == index);
        if (kind is FactKind.StepForgotten) return;
        string name = facts.Text();
        Steps.Add(kind is FactKind.StepSettled
            ? new StepImage(message, index, name, facts.Bytes().ToArray())
            : new StepImage(message, index, name, null) { SetAside = facts.Amounts() });
    }
}
