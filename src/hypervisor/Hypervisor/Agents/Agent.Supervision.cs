using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Security;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>What happens when a turn fails.</summary>
public sealed partial class Agent
{
    private int _failuresInWindow;
    private long _windowBegan;

    /// <summary>
    /// Answers a failed turn: the message is tried again or set aside, the behaviour is made anew after a pause that doubles, and an agent that fails too often comes into quarantine.
    /// </summary>
    private async ValueTask OnFailedAsync(AgentTurn turn, AgentMessage message, Exception failure)
    {
        if (Durable is not null) await turn.StoreSpentAsync();
        Volatile.Write(ref _failures, _failures + 1);
        LastError = TextOf(failure);
        DisposeBehavior();
        if (message.Kind is MessageKind.Stop || RollsBack(turn, message, failure)) return;
        SupervisionOptions rules = Type.Supervision;
        bool isLast = message.Attempt >= rules.AttemptsMax;
        int failures = CountFailure(rules);
        if (failures > rules.FailuresMax || (isLast && message.Kind is MessageKind.Start)) await QuarantineAsync(message, $"It failed too often; last: {LastError}");
        else if (isLast) await SetAsideAsync(message);
        else TryAgain(message);
        if (_status is AgentStatus.Quarantined) return;
        _mailbox.Hold(HoldReasons.Pausing);
        Host.Timers.Add(new PauseEnd(this), PauseAfter(failures, rules));
    }

    private void TryAgain(AgentMessage message)
    {
        message.Attempt++;
        _mailbox.PutBack(message);
    }

    private async ValueTask SetAsideAsync(AgentMessage message)
    {
        if (message.IsStored)
        {
            FactWriter facts = new FactWriter().Fact(FactKind.MessageSetAside, Id).Put(message.Number);
            if (message.Kind is MessageKind.Message) MessageImage.WriteDeadLetter(facts, new DeadLetter(Id, Session.Id, message, Host.Environment.Time.GetUtcNow(), LastError!));
            WriteUnknownSteps(facts);
            await Host.Ledger!.CommitAsync(facts.Written);
        }

        Durable?.ForgetSteps();
        if (message.Schedule is { } schedule) Advance(schedule);
        Host.SetAside(this, message, LastError!);
    }

    /// <summary>Keeps mailbox and error for a person; nothing of it is lost.</summary>
    private async ValueTask QuarantineAsync(AgentMessage message, string reason)
    {
        message.Attempt = 1;
        _mailbox.PutBack(message);
        StatusChange change;
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Stopping || HasEnded) return;
            change = Hold(HoldReasons.Quarantined, reason);
        }

        Host.Note(SecurityEventKind.Quarantined, this, Type.Name, reason);

        AgentMessage? toParent = ParentAgent is { } parent ? EndOf(parent, AgentStatus.Quarantined, reason) : null;
        if (Durable is not null)
        {
            FactWriter facts = new FactWriter().Fact(FactKind.AgentHeld, Id).Put((long)HoldReasons.Quarantined).Put(reason).Put(Id, change);
            if (toParent is not null && ParentAgent!.Durable is not null) ParentAgent.Write(facts, toParent);
            await Host.Ledger!.CommitAsync(facts.Written);
        }

        if (toParent is not null) ParentAgent!.Deliver(toParent);
    }

    private int CountFailure(SupervisionOptions rules)
    {
        TimeProvider time = Host.Environment.Time;
        if (_failuresInWindow == 0 || time.GetElapsedTime(_windowBegan) > rules.Window)
        {
            _windowBegan = time.GetTimestamp();
            _failuresInWindow = 0;
        }

        return ++_failuresInWindow;
    }

    private static TimeSpan PauseAfter(int failures, SupervisionOptions rules)
    {
        double doubled = rules.PauseMin.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 40));
        return TimeSpan.FromSeconds(Math.Min(doubled, rules.PauseMax.TotalSeconds));
    }

    /// <summary>What a person reads of a failure: its kind and its message, no stack trace.</summary>
    private static string TextOf(Exception failure)
    {
        string text = $"{failure.GetType().Name}: {failure.Message}";
        return text.Length <= ErrorLengthMax ? text : text[..ErrorLengthMax];
    }

    private const int ErrorLengthMax = 1_000;

    private sealed class PauseEnd(Agent agent) : TimerEntry
    {
        public override void Fire() => agent.Wake(HoldReasons.Pausing);
    }
}
