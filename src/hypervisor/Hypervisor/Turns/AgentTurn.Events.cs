using System.Runtime.InteropServices;
using Sirsi.Bus.Events;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Publishing;

namespace Sirsi.Hypervisor.Turns;

/// <summary>Telling the world what happened.</summary>
public sealed partial class AgentTurn
{
    private List<OutgoingEvent>? _events;

    /// <summary>
    /// Publishes an event on the host's bus, in the scope of the agent's project, when this turn has ended well. That of a durable agent is published at least once, also after a crash, and always under the same id.
    /// Events of one key keep their order.
    /// </summary>
    /// <param name="subject">What has happened: <c>agent.report.done</c>. Takes the capability <c>bus.publish:SUBJECT</c>.</param>
    /// <param name="payload">Its content, given away.</param>
    /// <param name="key">Names what it is about; null, the default, for the agent itself.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="schema">The payload's schema, empty for none.</param>
    /// <param name="schemaVersion">The schema's version, from 1; 0 for none.</param>
    /// <returns><see cref="SendOutcome.Accepted"/>, <see cref="SendOutcome.Refused"/>, <see cref="SendOutcome.OverBudget"/>, or <see cref="SendOutcome.Busy"/> when too much waits for the bus.</returns>
    /// <exception cref="ArgumentException">A part of it breaks a rule of the bus.</exception>
    /// <exception cref="Bus.BusException">The payload does not fit its schema, or is too long.</exception>
    /// <exception cref="InvalidOperationException">The host has no bus.</exception>
    public SendOutcome Publish(
        string subject, ReadOnlyMemory<byte> payload, string? key = null, EventPriority priority = EventPriority.Normal, string schema = "", int schemaVersion = 0)
    {
        ThrowIfOver();
        ArgumentException.ThrowIfNullOrEmpty(subject);
        EventRelay relay = Host.Relay ?? throw new InvalidOperationException("The host has no bus to publish on: see AgentHostOptions.Bus.");
        if (!_agent.May("bus.publish", subject)) return SendOutcome.Refused;
        if (relay.IsFull) return SendOutcome.Busy;
        ThrowIfTooMany();
        var happened = new OutgoingEvent(
            Host.NextNumber(), Self, Session, _agent.Session.Scope, Host.Environment.Ids.Next<EventKind>(), subject, key ?? Self.ToString(), schema, schemaVersion,
            priority, Now, Trace, payload)
        {
            IsStored = _agent.Durable is not null,
        };
        relay.ThrowUnlessPublishable(happened);
        if (!TryHold(OneCall.With(BudgetResource.BytesSent, payload.Length))) return SendOutcome.OverBudget;
        (_events ??= []).Add(happened);
        _hasEffects = true;
        return SendOutcome.Accepted;
    }

    private void WriteEvents(FactWriter facts)
    {
        foreach (OutgoingEvent happened in CollectionsMarshal.AsSpan(_events)) happened.Write(facts);
    }

    private void ReleaseEvents()
    {
        foreach (OutgoingEvent happened in CollectionsMarshal.AsSpan(_events)) Host.Relay!.Add(happened);
    }
}
