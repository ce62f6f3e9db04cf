using System.Collections.Immutable;
using System.Text.Json;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>How it lives: status, pauses, schedules. Changes of status are serialized by the session's gate.</summary>
public sealed partial class Agent
{
    /// <summary>How many changes of its status are kept.</summary>
    internal const int ChangesMax = 16;

    private volatile AgentStatus _status = AgentStatus.Starting;
    private List<Agent>? _children;
    private List<AgentSchedule>? _schedules;
    private Queue<StatusChange>? _changes;

    /// <summary>Where it is in its life, at this moment; to be read by anybody.</summary>
    public AgentStatus Status => _status is (AgentStatus.Idle or AgentStatus.Hibernated) && _mailbox.IsAtWork ? AgentStatus.Running : _status;

    /// <summary>Whether it takes nothing any more.</summary>
    public bool HasEnded => _status is AgentStatus.Stopped or AgentStatus.Failed;

    /// <summary>Whether nothing of it is under way or comes by itself, but for schedules and expiries.</summary>
    internal bool IsAtRest => _status is not AgentStatus.Stopping && _mailbox.IsAtRest;

    /// <summary>
    /// The last 16 changes of its status, the oldest first; that it runs and rests is none. Those of a durable agent are kept over a restart; that it rests only because its type is not
    /// registered counts from the opening of the host.
    /// </summary>
    public ImmutableArray<StatusChange> Changes()
    {
        lock (Session.Gate) return [.. _changes ?? []];
    }

    /// <summary>Its children, the eldest first.</summary>
    public ImmutableArray<Agent> Children()
    {
        lock (Session.Gate) return [.. _children ?? []];
    }

    /// <summary>Lets it rest after the turn under way; its mailbox fills. False when it is not in a state to be suspended.</summary>
    /// <exception cref="HypervisorException">It is durable, and it could not be stored that it rests.</exception>
    public async ValueTask<bool> SuspendAsync(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        StatusChange change;
        lock (Session.Gate)
        {
            if (_status is not (AgentStatus.Idle or AgentStatus.Starting or AgentStatus.Hibernated)) return false;
            change = Hold(HoldReasons.Suspended, reason);
        }

        await StoreAsync(FactKind.AgentHeld, HoldReasons.Suspended, change);
        return true;
    }

    /// <summary>Lets a suspended agent, or one in quarantine, go on. False when it is neither.</summary>
    /// <exception cref="HypervisorException">It is durable, and it could not be stored that it goes on.</exception>
    public async ValueTask<bool> ResumeAsync(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        StatusChange change;
        lock (Session.Gate)
        {
            if (_status is not (AgentStatus.Suspended or AgentStatus.Quarantined)) return false;
            change = Change(AgentStatus.Idle, reason);
            (_failuresInWindow, _timesBegun) = (0, 0);
        }

        await StoreAsync(FactKind.AgentReleased, default, change);
        Wake(HoldReasons.OfTheAgent);
        return true;
    }

    /// <summary>It begins: its first turn is due, unless it goes on from a snapshot.</summary>
    internal void Start()
    {
        if (First is not { } first)
        {
            OnStarted();
            return;
        }

        First = null;
        Enqueue(first);
    }

    /// <summary>What it has before its first turn.</summary>
    internal void Begin(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables, long bytesMax)
    {
        Variables = new AgentVariables();
        foreach ((string name, ReadOnlyMemory<byte> value) in variables)
        {
            if (!Variables.TrySet(name, value, bytesMax))
                throw new ArgumentException($"The variables take more than {bytesMax} bytes, which is what agents of '{Type.Name}' may keep.", nameof(variables));
        }

        Variables.Commit();
    }

    /// <summary>A child has been made, and lives as long as this one.</summary>
    internal void Adopt(Agent child)
    {
        lock (Session.Gate) (_children ??= []).Add(child);
    }

    internal void Take(AgentSchedule schedule)
    {
        (_schedules ??= []).Add(schedule);
        schedule.Arm();
    }

    internal void Unschedule(long number)
    {
        if (_schedules?.Find(other => other.Number == number) is not { } schedule) return;
        schedule.Cancel();
        _schedules.Remove(schedule);
    }

    /// <summary>An occurrence of a schedule has been handled.</summary>
    internal void Advance(AgentSchedule schedule)
    {
        if (!schedule.Advance(schedule.DueAfter(Host.Environment.Time.GetUtcNow()))) _schedules?.Remove(schedule);
    }

    /// <summary>Since which round of the janitor it rests.</summary>
    internal long RestsSince => Volatile.Read(ref _restsSince);

    /// <summary>Whether it is in memory without need.</summary>
    internal bool IsResting => _behavior is not null && _status is AgentStatus.Idle && !_mailbox.IsAtWork;

    /// <summary>Lets the behaviour go when the agent has rested since before <paramref name="round"/> of the janitor.</summary>
    internal void HibernateIfRestingSince(long round)
    {
        if (_behavior is null || _status is not AgentStatus.Idle || RestsSince > round || !_mailbox.TryClaim()) return;
        DisposeBehavior();
        _turn = null;
        Variables?.Rest();
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Idle) _status = AgentStatus.Hibernated;
        }

        if (_mailbox.GiveBack()) Executor.Post(this);
    }

    private void OnStarted()
    {
        lock (Session.Gate)
        {
            if (_status is AgentStatus.Starting) _status = AgentStatus.Idle;
        }
    }

    private SendOutcome? Refusal() => _status switch
    {
        AgentStatus.Stopping or AgentStatus.Stopped or AgentStatus.Failed => SendOutcome.Ended,
        AgentStatus.Quarantined => SendOutcome.Quarantined,
        _ => Host.IsStopping ? SendOutcome.HostStopped : null,
    };

    private StatusChange Change(AgentStatus status, string reason)
    {
        if ((_status is AgentStatus.Quarantined) != (status is AgentStatus.Quarantined)) Host.OnQuarantine(status is AgentStatus.Quarantined ? 1 : -1);
        _status = status;
        _changes ??= new Queue<StatusChange>();
        if (_changes.Count == ChangesMax) _changes.Dequeue();
        var change = new StatusChange(status, Host.Environment.Time.GetUtcNow(), reason);
        _changes.Enqueue(change);
        Host.OnStatusChanged(this, change);
        return change;
    }

    /// <summary>Puts in a message whatever the agent's status is and whether there is room or not.</summary>
    internal void Enqueue(AgentMessage message, Agent? sender = null)
    {
        if (_mailbox.Put(message, mayOverfill: true, out _) is PutResult.TakenAndWake) PutToWork(sender);
    }

    private void PutToWork(Agent? sender)
    {
        if (sender is null || Type.HoldsThread || !TurnThread.TryTake(sender, this)) Post();
    }

    private void Wake(HoldReasons reasons)
    {
        if (_mailbox.Release(reasons)) Executor.Post(this);
    }

    /// <summary>A message of the host to this agent.</summary>
    internal AgentMessage EventOf(string type, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return new AgentMessage(Host.NextNumber(), default, type, bytes.ToArray(), default) { Kind = MessageKind.Event };
    }

    private void DisposeBehavior()
    {
        IAgentBehavior? behavior = Interlocked.Exchange(ref _behavior, null);
        if (behavior is null) return;
        if (Type.Rest is not null) Host.Janitor.Slept();
        try
        {
            (behavior as IDisposable)?.Dispose();
        }
#pragma warning disable CA1031 // It is gone either way.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LastError = TextOf(failure);
        }
    }
}
