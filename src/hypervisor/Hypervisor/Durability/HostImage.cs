using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Publishing;
using Sirsi.Hypervisor.Schedules;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// What the journal says of a whole host: sessions and durable agents as of some record. Facts are applied in the order of the journal. A fact about an agent that has
/// ended is let pass: it was under way to it.
/// </summary>
internal sealed class HostImage
{
    /// <summary>How many idempotency keys an agent remembers.</summary>
    public const int KeysMax = 1_000;

    private readonly SpecReader _specs = new(new TextCache());
    private readonly ContextOptions _contexts;
    private long _lastNumber;

    public HostImage(int deadLettersMax, ContextOptions contexts)
    {
        _contexts = contexts;
        DeadLetters = new DeadLetters(deadLettersMax);
        Tasks = new TaskImages(Sessions.ContainsKey, _specs);
    }

    public SortedDictionary<SessionId, SessionImage> Sessions { get; } = [];

    public SortedDictionary<AgentId, AgentImage> Agents { get; } = [];

    /// <summary>What agents promised to publish and the bus does not have, by number.</summary>
    public SortedDictionary<long, OutgoingEvent> Events { get; } = [];

    /// <summary>What accounts have spent, by name.</summary>
    public SortedDictionary<string, BudgetSnapshot> Spent { get; } = new(StringComparer.Ordinal);

    public TaskImages Tasks { get; }

    /// <summary>The contexts of sessions that have one.</summary>
    public SortedDictionary<SessionId, ContextState> Contexts { get; } = [];

    /// <summary>The last messages to durable agents that were set aside.</summary>
    public DeadLetters DeadLetters { get; }

    /// <summary>The greatest number of any message, schedule or task.</summary>
    public long LastNumber => Math.Max(_lastNumber, Tasks.LastNumber);

    /// <summary>All of it as facts; whoever enumerates may store what has been written so far, and clear it, after each.</summary>
    public IEnumerable<FactKind> Write(FactWriter facts)
    {
        foreach (SessionImage session in Sessions.Values)
        {
            session.Write(facts);
            yield return FactKind.SessionOpened;
            foreach (SessionScheduleImage schedule in session.Schedules.Values)
            {
                schedule.Write(facts, session.Id);
                yield return FactKind.SessionScheduleSet;
            }
        }

        foreach (AgentImage agent in Agents.Values)
        {
            foreach (FactKind kind in agent.Write(facts)) yield return kind;
        }

        foreach ((string account, BudgetSnapshot spent) in Spent)
        {
            facts.PutSpent(account, spent);
            yield return FactKind.BudgetSpent;
        }

        foreach (OutgoingEvent promised in Events.Values)
        {
            promised.Write(facts);
            yield return FactKind.EventPromised;
        }

        foreach (FactKind kind in Tasks.Write(facts)) yield return kind;

        foreach ((SessionId session, ContextState context) in Contexts)
        {
            foreach (FactKind kind in context.Write(facts, session)) yield return kind;
        }

        foreach (DeadLetter letter in DeadLetters.Kept())
        {
            MessageImage.WriteDeadLetter(facts, letter);
            yield return FactKind.DeadLettered;
        }
    }

    public void Apply(ReadOnlySpan<byte> record)
    {
        var facts = new FactReader(record);
        while (!facts.IsAtEnd) Apply(ref facts);
    }

    /// <summary>Applies the next fact, and no other.</summary>
    public void Apply(ref FactReader facts)
    {
        FactKind kind = facts.Kind();
        switch (kind)
        {
            case FactKind.BudgetSpent:
                Spent.ApplySpent(ref facts);
                break;
            case FactKind.SessionOpened or FactKind.SessionExtended or FactKind.SessionClosed or FactKind.SessionCapability or FactKind.SessionBudget:
                ApplyToSession(kind, ref facts);
                break;
            case FactKind.EventPromised:
                OutgoingEvent promised = OutgoingEvent.Read(ref facts);
                Events[promised.Number] = promised;
                Saw(promised.Number);
                break;
            case FactKind.EventPublished:
                facts.Id<AgentKind>();
                Events.Remove(facts.Number());
                break;
            case FactKind.AgentSpawned:
                var spawned = new AgentImage(facts.Id<AgentKind>(), facts.Id<SessionKind>(), facts.Id<AgentKind>(), facts.Text());
                Agents[spawned.Id] = spawned;
                break;
            case FactKind.CheckpointBegun or FactKind.CheckpointEnded:
                facts.Number();
                Saw(facts.Number());
                break;
            case >= FactKind.TaskSubmitted and <= FactKind.SubmissionEnded:
                Tasks.Apply(kind, ref facts);
                break;
            case >= FactKind.ContextSet and <= FactKind.ContextRevision:
                ApplyToContext(kind, ref facts);
                break;
            case >= FactKind.SessionScheduleSet and <= FactKind.SessionScheduleRemoved:
                SortedDictionary<string, SessionScheduleImage>? schedules = Sessions.GetValueOrDefault(facts.Id<SessionKind>())?.Schedules;
                SessionScheduleImage.Apply(kind, schedules ?? [], _specs, ref facts);
                break;
            case FactKind.DeadLettered:
                DeadLetters.Add(MessageImage.ReadDeadLetter(ref facts));
                break;
            default:
                ApplyToAgent(kind, ref facts);
                break;
        }
    }

    private void ApplyToContext(FactKind kind, ref FactReader facts)
    {
        SessionId id = facts.Id<SessionKind>();
        if (!Contexts.TryGetValue(id, out ContextState? context))
        {
            context = new ContextState(_contexts);
            if (Sessions.ContainsKey(id)) Contexts.Add(id, context);
        }

        context.Apply(kind, ref facts);
    }

    private void ApplyToSession(FactKind kind, ref FactReader facts)
    {
        if (kind is FactKind.SessionOpened)
        {
            SessionImage opened = SessionImage.Read(ref facts);
            Sessions[opened.Id] = opened;
            return;
        }

        SessionId id = facts.Id<SessionKind>();
        if (kind is FactKind.SessionClosed)
        {
            Sessions.Remove(id);
            Spent.Remove(id.ToString());
            Contexts.Remove(id);
            Tasks.Close(id);
            return;
        }

        if (kind is FactKind.SessionCapability)
        {
            string capability = facts.Text();
            if (Sessions.TryGetValue(id, out SessionImage? given)) given.Capabilities.Add(capability);
            return;
        }

        if (kind is FactKind.SessionBudget)
        {
            BudgetLimits limits = facts.Limits();
            if (Sessions.TryGetValue(id, out SessionImage? budgeted)) Sessions[id] = budgeted with { Budget = limits };
            return;
        }

        DateTimeOffset expiresAt = facts.Instant();
        if (Sessions.TryGetValue(id, out SessionImage? session)) Sessions[id] = session with { ExpiresAt = expiresAt };
    }

    private void ApplyToAgent(FactKind kind, ref FactReader facts)
    {
        AgentId id = facts.Id<AgentKind>();
        AgentImage agent = Agents.GetValueOrDefault(id) ?? new AgentImage(id, default, default, "");
        switch (kind)
        {
            case FactKind.AgentEnded:
                Agents.Remove(id);
                Spent.Remove(id.ToString());
                break;
            case FactKind.MailboxSetAside:
                SetAside(agent, facts.Instant(), facts.Text());
                break;
            default:
                Saw(agent.Apply(kind, ref facts));
                break;
        }
    }

    private void SetAside(AgentImage agent, DateTimeOffset at, string reason)
    {
        foreach (MessageImage message in agent.EmptyMailbox().Where(static message => message.Kind is MessageKind.Message))
            DeadLetters.Add(new DeadLetter(agent.Id, agent.Session, message.ToMessage(), at, reason));
    }

    private void Saw(long number) => _lastNumber = Math.Max(_lastNumber, number);
}
