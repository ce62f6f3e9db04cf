using Sirsi.Bus.Events;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Publishing;

/// <summary>An event on its way from an agent to the bus. Its id is given when it is made, so that the bus knows it again when it is published twice.</summary>
internal sealed record OutgoingEvent(
    long Number, AgentId Agent, SessionId Session, ProjectScope Scope, Id<EventKind> Id, string Subject, string Key, string Schema, int SchemaVersion,
    EventPriority Priority, DateTimeOffset Time, TraceContext Trace, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether the journal has it, so that its end has to be told there too.</summary>
    public bool IsStored { get; init; }

    public EventMessage ToMessage() => new()
    {
        Scope = new TopicScope(Scope.Tenant.ToString(), Scope.Project.ToString()),
        Id = Id,
        Subject = Subject,
        Key = Key,
        Schema = Schema,
        SchemaVersion = SchemaVersion,
        Priority = Priority,
        Time = Time,
        Session = Session,
        SourceAgent = Agent,
        TraceParent = Trace.ToString(),
        Payload = Payload,
    };

    public void Write(FactWriter facts) =>
        facts.Fact(FactKind.EventPromised, Agent).Put(Number).Put(Session.Value).Put(Scope.Tenant.Value).Put(Scope.Project.Value).Put(Id.Value)
            .Put(Subject).Put(Key).Put(Schema).Put((long)SchemaVersion).Put((long)Priority).Put(Time)
            .Put(Trace.TraceHigh).Put(Trace.TraceLow).Put(Trace.Span).Put(Payload.Span);

    public static OutgoingEvent Read(ref FactReader facts)
    {
        AgentId agent = facts.Id<AgentKind>();
        return new OutgoingEvent(
            facts.Number(), agent, facts.Id<SessionKind>(), new ProjectScope(facts.Id<TenantKind>(), facts.Id<ProjectKind>()), facts.Id<EventKind>(),
            facts.Text(), facts.Text(), facts.Text(), (int)facts.Number(), (EventPriority)facts.Number(), facts.Instant(),
            new TraceContext(facts.Word(), facts.Word(), facts.Word()), facts.Bytes().ToArray())
        {
            IsStored = true,
        };
    }
}
