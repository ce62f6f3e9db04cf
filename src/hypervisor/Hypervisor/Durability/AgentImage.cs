using System.Collections.ObjectModel;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Messages;

namespace Sirsi.Hypervisor.Durability;

/// <summary>What the journal says of one durable agent.</summary>
/// <remarks>Most agents have next to nothing, and a host may have a million: what one does not have takes no memory.</remarks>
internal sealed partial class AgentImage(AgentId id, SessionId session, AgentId parent, string type)
{
    private SortedDictionary<string, ReadOnlyMemory<byte>>? _variables;
    private LinkedList<MessageImage>? _mailbox;
    private SortedDictionary<long, ScheduleImage>? _schedules;
    private List<StepImage>? _steps;
    private List<string>? _capabilities;
    private List<string>? _revoked;
    private SortedDictionary<long, ApprovalImage>? _approvals;
    private Queue<StatusChange>? _changes;
    private Queue<string>? _keys;

    public AgentId Id => id;

    public SessionId Session => session;

    public AgentId Parent => parent;

    public string Type => type;

    /// <summary>Why it rests; null when it does not.</summary>
    public (HoldReasons Reasons, string Why)? Hold { get; set; }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Variables => _variables ?? (IReadOnlyDictionary<string, ReadOnlyMemory<byte>>)ReadOnlyDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>Which form they have.</summary>
    public int StateVersion { get; set; } = 1;

    /// <summary>The messages that wait, by number; a message's number grows in the order of its acceptance by one sender.</summary>
    public IReadOnlyCollection<MessageImage> Mailbox => _mailbox ?? (IReadOnlyCollection<MessageImage>)[];

    public IReadOnlyCollection<ScheduleImage> Schedules => _schedules?.Values ?? (IReadOnlyCollection<ScheduleImage>)[];

    /// <summary>The steps of the turn under way.</summary>
    public IReadOnlyList<StepImage> Steps => _steps ?? (IReadOnlyList<StepImage>)[];

    /// <summary>The message it began again after its process had ended, and how often it has; 0 times when there is none.</summary>
    public (long Message, int Times) Begun { get; set; }

    /// <summary>The capabilities it was given.</summary>
    public IReadOnlyList<string> Capabilities => _capabilities ?? (IReadOnlyList<string>)[];

    /// <summary>When they end; null for with those above.</summary>
    public DateTimeOffset? CapabilitiesExpireAt { get; set; }

    /// <summary>What was taken from it; an empty text for all.</summary>
    public IReadOnlyList<string> Revoked => _revoked ?? (IReadOnlyList<string>)[];

    /// <summary>What it may spend; null when it has no budget of its own.</summary>
    public BudgetLimits? Budget { get; set; }

    /// <summary>The requests that wait for a person, by number.</summary>
    public IReadOnlyCollection<ApprovalImage> Approvals => _approvals?.Values ?? (IReadOnlyCollection<ApprovalImage>)[];

    /// <summary>The last changes of its status, the oldest first.</summary>
    public IReadOnlyCollection<StatusChange> Changes => _changes ?? (IReadOnlyCollection<StatusChange>)[];

    /// <summary>The idempotency keys seen last, the oldest first.</summary>
    public IReadOnlyCollection<string> Keys => _keys ?? (IReadOnlyCollection<string>)[];

    /// <summary>Nothing waits any more; gives what did.</summary>
    public IReadOnlyCollection<MessageImage> EmptyMailbox()
    {
        IReadOnlyCollection<MessageImage> waited = Mailbox;
        _mailbox = null;
        return waited;
    }

    /// <inheritdoc cref="HostImage.Write"/>
    public IEnumerable<FactKind> Write(FactWriter facts)
    {
        facts.Fact(FactKind.AgentSpawned, id).Put(session.Value).Put(parent.Value).Put(type);
        if (Hold is { } hold) facts.Fact(FactKind.AgentHeld, id).Put((long)hold.Reasons).Put(hold.Why);
        if (Budget is not null) facts.Fact(FactKind.AgentBudget, id).Put(Budget);
        if (StateVersion != 1) facts.Fact(FactKind.StateMigrated, id).Put((long)StateVersion);
        foreach (StatusChange change in Changes) facts.Put(id, change);
        foreach (string capability in Capabilities) facts.Fact(FactKind.CapabilityGranted, id).Put(capability);
        if (CapabilitiesExpireAt is { } end) facts.Fact(FactKind.CapabilitiesExpire, id).Put(end);
        foreach (string revoked in Revoked) facts.Fact(FactKind.CapabilityRevoked, id).Put(revoked);
        yield return FactKind.AgentSpawned;
        foreach ((string name, ReadOnlyMemory<byte> value) in Variables)
        {
            facts.Fact(FactKind.VariableSet, id).Put(name).Put(value.Span);
            yield return FactKind.VariableSet;
        }

        foreach (MessageImage message in Mailbox)
        {
            message.Write(facts, id);
            yield return FactKind.MessageAccepted;
        }

        foreach (ScheduleImage schedule in Schedules)
        {
            schedule.Write(facts, id);
            yield return FactKind.ScheduleSet;
        }

        foreach (StepImage step in Steps)
        {
            step.Write(facts, id);
            yield return FactKind.StepBegun;
        }

        if (Begun.Times > 0) facts.Fact(FactKind.TurnBegun, id).Put(Begun.Message).Put((long)Begun.Times);
        foreach (ApprovalImage approval in Approvals)
        {
            approval.Write(facts);
            yield return FactKind.ApprovalAsked;
        }

        foreach (string key in Keys) facts.Fact(FactKind.KeySeen, id).Put(key);
        yield return FactKind.KeySeen;
    }
}

/// <summary>A message that waits.</summary>
internal sealed record MessageImage(long Number, AgentId From, MessageKind Kind, string Type, ReadOnlyMemory<byte> Payload, TraceContext Trace)
{
    /// <summary>As it waits in a mailbox.</summary>
    public AgentMessage ToMessage() => new(Number, From, Type, Payload, Trace) { Kind = Kind, IsStored = true };

    public void Write(FactWriter facts, AgentId to) => WriteFields(facts.Fact(FactKind.MessageAccepted, to));

    private FactWriter WriteFields(FactWriter facts) =>
        facts.Put(Number).Put(From.Value).Put((long)Kind).Put(Type).Put(Payload.Span).Put(Trace.TraceHigh).Put(Trace.TraceLow).Put(Trace.Span);

    /// <summary>That a message was set aside.</summary>
    public static void WriteDeadLetter(FactWriter facts, DeadLetter letter)
    {
        AgentMessage message = letter.Message;
        facts.Fact(FactKind.DeadLettered, letter.To).Put(letter.Session.Value);
        new MessageImage(message.Number, message.From, message.Kind, message.Type, message.Payload, message.Trace).WriteFields(facts).Put(letter.At).Put(letter.Reason);
    }

    public static DeadLetter ReadDeadLetter(ref FactReader facts)
    {
        AgentId to = facts.Id<Core.Identity.AgentKind>();
        SessionId session = facts.Id<Core.Identity.SessionKind>();
        AgentMessage message = Read(ref facts).ToMessage();
        return new DeadLetter(to, session, message, facts.Instant(), facts.Text());
    }

    public static MessageImage Read(ref FactReader facts) => new(facts.Number(), facts.Id<Core.Identity.AgentKind>(), (MessageKind)facts.Number(), facts.Text(),
        facts.Bytes().ToArray(), new TraceContext(facts.Word(), facts.Word(), facts.Word()));
}

/// <summary>A message that is sent later.</summary>
internal sealed record ScheduleImage(long Number, DateTimeOffset Due, TimeSpan? Period, string Type, ReadOnlyMemory<byte> Payload)
{
    public void Write(FactWriter facts, AgentId agent) =>
        facts.Fact(FactKind.ScheduleSet, agent).Put(Number).Put(Due).Put(Period ?? TimeSpan.Zero).Put(Type).Put(Payload.Span);

    public static ScheduleImage Read(ref FactReader facts)
    {
        long number = facts.Number();
        DateTimeOffset due = facts.Instant();
        TimeSpan period = facts.Span();
        return new ScheduleImage(number, due, period > TimeSpan.Zero ? period : null, facts.Text(), facts.Bytes().ToArray());
    }
}

/// <summary>A step of a turn: begun, and perhaps settled.</summary>
internal sealed record StepImage(long Message, int Index, string Name, ReadOnlyMemory<byte>? Result)
{
    /// <summary>What was set aside of the agent's budget when it began.</summary>
    public BudgetAmounts SetAside { get; init; }

    public void Write(FactWriter facts, AgentId agent)
    {
        if (Result is { } result) facts.Fact(FactKind.StepSettled, agent).Put(Message).Put((long)Index).Put(Name).Put(result.Span);
        else facts.Fact(FactKind.StepBegun, agent).Put(Message).Put((long)Index).Put(Name).Put(SetAside);
    }
}

/// <summary>A request that waits for a person.</summary>
internal sealed record ApprovalImage(ApprovalRequest Request)
{
    public void Write(FactWriter facts) =>
        facts.Fact(FactKind.ApprovalAsked, Request.Agent).Put(Request.Number).Put(Request.Kind).Put(Request.Details.Span).Put(Request.ExpiresAt)
            .Put((long)(Request.Step + 1 ?? 0));

    public static ApprovalImage Read(AgentId agent, ref FactReader facts)
    {
        var request = new ApprovalRequest(facts.Number(), agent, facts.Text(), facts.Bytes().ToArray(), facts.Instant());
        int step = (int)facts.Number();
        return new ApprovalImage(step > 0 ? request with { Step = step - 1 } : request);
    }
}
