using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Scheduling;

namespace Sirsi.Hypervisor.Turns;

public sealed partial class AgentTurn
{
    private Send[] _sends = [];
    private int _sendCount;
    private List<Agent>? _children;
    private List<AgentSchedule>? _schedules;
    private List<long>? _cancelledSchedules;
    private string? _stopReason;
    private bool _hasEffects;

    private AgentReply _reply;

    /// <summary>A message to an agent, or, to none, the reply to the turn's own.</summary>
    private readonly record struct Send(Agent? To, AgentMessage Message);

    /// <summary>Sends a message to an agent of this session, or, with the capability <c>agent.tell:TYPE</c> for its type, to one of another session of the project.</summary>
    /// <returns>Whether it will be sent. A mailbox that is full when the turn ends tells the sender by <see cref="HostEvents.Undeliverable"/>.</returns>
    public SendOutcome Tell(AgentId to, string type, ReadOnlyMemory<byte> payload)
    {
        ThrowIfOver();
        ThrowIfNoType(type);
        Agent? agent = Find(to);
        if (agent is null) return SendOutcome.NoSuchAgent;
        if (agent.Session != _agent.Session && !_agent.May("agent.tell", agent.Type.Name)) return SendOutcome.Refused;
        if (agent.Status is AgentStatus.Quarantined) return SendOutcome.Quarantined;
        if (payload.Length > agent.Type.Mailbox.PayloadBytesMax) return SendOutcome.TooLarge;
        Add(agent, type, payload);
        return SendOutcome.Accepted;
    }

    /// <summary>Sends a message to every other agent of the session.</summary>
    /// <returns>To how many.</returns>
    public int Broadcast(string type, ReadOnlyMemory<byte> payload)
    {
        ThrowIfOver();
        ThrowIfNoType(type);
        int count = 0;
        foreach (Agent agent in _agent.Session.Agents())
        {
            if (agent == _agent || payload.Length > agent.Type.Mailbox.PayloadBytesMax) continue;
            Add(agent, type, payload);
            count++;
        }

        return count;
    }

    /// <summary>Answers the question this turn is about, once.</summary>
    /// <exception cref="InvalidOperationException">Nobody asked, or it is answered already.</exception>
    public void Reply(ReadOnlyMemory<byte> payload)
    {
        ThrowIfOver();
        if (!_message!.IsAsked) throw new InvalidOperationException("Nobody waits for a reply: see AgentMessage.IsAsked.");
        if (_hasReplied) throw new InvalidOperationException("The question is answered already.");
        _hasReplied = true;
        Append(new Send(null, _message));
        _reply = new AgentReply(ReplyOutcome.Replied, payload);
    }

    /// <summary>
    /// Asks an agent and waits for its reply, within the turn: no other message is handled meanwhile. The question leaves at once, whatever becomes of the turn.
    /// </summary>
    /// <exception cref="InvalidOperationException">The agent is durable: it tells, and takes the answer as a message.</exception>
    public ValueTask<AgentReply> AskAsync(AgentId to, string type, ReadOnlyMemory<byte> payload, TimeSpan timeout)
    {
        ThrowIfOver();
        ThrowIfNoType(type);
        if (_agent.Type.Durability is AgentDurability.Durable)
            throw new InvalidOperationException("A durable agent's turn asks nobody: it tells, and takes the answer as a message.");
        if (Find(to) is not { } agent) return ValueTask.FromResult(AgentReply.NotSent(SendOutcome.NoSuchAgent));
        if (agent.Session != _agent.Session && !_agent.May("agent.tell", agent.Type.Name)) return ValueTask.FromResult(AgentReply.NotSent(SendOutcome.Refused));
        return agent.AskAsync(_agent, type, payload, timeout, Trace, Cancellation);
    }

    /// <summary>Makes a child, which begins when this turn has ended well.</summary>
    /// <returns>Its id, which this turn may already send to.</returns>
    /// <exception cref="HypervisorException">
    /// The type is unknown, the agent has no capability <c>agent.spawn:TYPE</c> or not what it gives on, or the session's quota does not allow another agent.
    /// </exception>
    public AgentId Spawn(string type, SpawnOptions? options = null)
    {
        ThrowIfOver();
        ArgumentNullException.ThrowIfNull(type);
        ThrowIfTooMany();
        if (!_agent.May("agent.spawn", type))
            throw new HypervisorException(HypervisorErrors.CapabilityRefused, $"An agent of '{_agent.Type.Name}' may not spawn '{type}': it has no capability agent.spawn:{type}.");
        Agent child = _agent.Session.Create(Host.Types.GetSlot(type), options ?? SpawnOptions.Default, _agent);
        (_children ??= []).Add(child);
        _hasEffects = true;
        return child.Id;
    }

    /// <summary>Sends the agent itself a message later, once or again and again.</summary>
    /// <param name="delay">When, from the end of the turn.</param>
    /// <param name="type">The message's type.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="period">When given, again after each such time; at least a millisecond. A time that has been missed is made up for once.</param>
    /// <returns>What <see cref="Unschedule"/> takes.</returns>
    public long Schedule(TimeSpan delay, string type, ReadOnlyMemory<byte> payload, TimeSpan? period = null)
    {
        ThrowIfOver();
        ThrowIfNoType(type);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (period is { } time) ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMilliseconds(1), nameof(period));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, _agent.Type.Mailbox.PayloadBytesMax, nameof(payload));
        ThrowIfTooMany();
        var schedule = new AgentSchedule(_agent, Host.NextNumber(), Now + delay, period, type, payload);
        (_schedules ??= []).Add(schedule);
        _hasEffects = true;
        return schedule.Number;
    }

    /// <summary>Ends what <see cref="Schedule"/> began; nothing happens when it has ended already.</summary>
    public void Unschedule(long schedule)
    {
        ThrowIfOver();
        if (_schedules?.RemoveAll(other => other.Number == schedule) > 0) return;
        (_cancelledSchedules ??= []).Add(schedule);
        _hasEffects = true;
    }

    private Agent? Find(AgentId to)
    {
        if (_sendCount > 0 && _sends[_sendCount - 1].To is { } last && last.Id == to) return last;
        return _children?.Find(child => child.Id == to) ?? Host.Find(to, _agent);
    }

    private void Add(Agent to, string type, ReadOnlyMemory<byte> payload)
    {
        long number = Host.NextNumber();
        Append(new Send(to, new AgentMessage(number, _agent.Id, type, payload, Trace.Next((ulong)number))));
    }

    private void Append(Send send)
    {
        ThrowIfTooMany();
        if (_sendCount == _sends.Length) Array.Resize(ref _sends, Math.Max(4, 2 * _sends.Length));
        _sends[_sendCount++] = send;
        _hasEffects = true;
    }

    private void ThrowIfTooMany()
    {
        int count = _sendCount + (_children?.Count ?? 0) + (_schedules?.Count ?? 0) + (_events?.Count ?? 0) + (_tasks?.Count ?? 0) + (_contextWrites?.Count ?? 0);
        if (count >= _agent.Type.EffectsMax)
            throw new InvalidOperationException($"A turn of '{_agent.Type.Name}' has at most {_agent.Type.EffectsMax} effects; it goes on in another turn.");
    }

    private void ClearEffects()
    {
        Array.Clear(_sends, 0, _sendCount);
        _sendCount = 0;
        if (_hasReplied) _reply = default;
        foreach (Agent child in CollectionsMarshal.AsSpan(_children)) _agent.Session.GiveUpPlace(child);
        _children?.Clear();
        _schedules?.Clear();
        _cancelledSchedules?.Clear();
        _approvals?.Clear();
        _events?.Clear();
        _contextWrites?.Clear();
        GiveTasksUp();
        GiveBack();
        _stopReason = null;
        _hasEffects = false;
    }

    private static void ThrowIfNoType(string type)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        if (type.Length > AgentMessage.TypeLengthMax) throw new ArgumentException($"A message's type is at most {AgentMessage.TypeLengthMax} characters.", nameof(type));
    }
}
