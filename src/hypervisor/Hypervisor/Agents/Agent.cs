using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Agents;

/// <summary>
/// A running actor: an identity, a mailbox, variables, and one turn at a time. Thread-safe. A reference stays valid after the agent has ended and then says so.
/// </summary>
public sealed partial class Agent
{
    private readonly Mailbox _mailbox;

    // Written by the turn under way alone, of which there is one.
    private long _turns;
    private long _failures;
    private string? _lastError;

    internal Agent(AgentId id, AgentTypeSlot slot, Session session, Agent? parent)
    {
        AgentType type = slot.Current;
        Id = id;
        Slot = slot;
        Type = type;
        StateVersion = type.StateVersion;
        Session = session;
        ParentAgent = parent;
        _mailbox = new Mailbox(type.Mailbox, session.MailboxQuota);
        if (type.Durability is AgentDurability.Durable) Durable = new DurableState();
    }

    /// <summary>Its name in the world.</summary>
    public AgentId Id { get; }

    /// <summary>The session it lives in.</summary>
    public Session Session { get; }

    /// <summary>Who spawned it; empty for one that was spawned from outside.</summary>
    public AgentId ParentId => ParentAgent?.Id ?? default;

    /// <summary>Messages that wait for it.</summary>
    public int MailboxCount => _mailbox.Count;

    /// <summary>Turns that ended well since the host was opened. To be read by anybody at any moment, as are <see cref="Failures"/> and <see cref="LastError"/>: each is as of that moment, and a turn counts before its agent rests.</summary>
    public long Turns => Volatile.Read(ref _turns);

    /// <summary>Turns that failed since the host was opened.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>What its last failed turn died of, in words; null when none failed since the host was opened.</summary>
    public string? LastError
    {
        get => Volatile.Read(ref _lastError);
        private set => Volatile.Write(ref _lastError, value);
    }

    /// <summary>The names and bytes its turns have kept so far: a copy of this moment.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> CopyVariables() => Variables?.Copy() ?? NoVariables;

    internal AgentHost Host => Session.Host;

    /// <summary>Where its turns run.</summary>
    private HostExecutor Executor => Type.HoldsThread ? Host.Threads : Host.Environment.Executor;

    internal Agent? ParentAgent { get; }

    internal AgentVariables? Variables { get; set; }

    /// <summary>What only a durable agent has; null for a volatile one.</summary>
    internal DurableState? Durable { get; }

    /// <summary>Sends it a message from outside of any agent. A durable agent has it on disk when this completes.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="payload">Its content, given away.</param>
    /// <param name="timeout">How long to wait for room in a full mailbox whose policy is to wait; default not at all.</param>
    /// <param name="key">
    /// Names the message to a durable agent, so that who does not know whether it arrived may send it again: of messages with one key the agent handles one. It remembers
    /// the last 1,000.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="HypervisorException">The agent is durable, and the message could not be stored.</exception>
    public ValueTask<SendOutcome> TellAsync(
        string type, ReadOnlyMemory<byte> payload, TimeSpan timeout = default, string? key = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        if (payload.Length > Type.Mailbox.PayloadBytesMax) return ValueTask.FromResult(SendOutcome.TooLarge);
        if (!Host.Admits(Type)) return ValueTask.FromResult(SendOutcome.Overloaded);
        if (key is { Length: 0 or > KeyLengthMax }) throw new ArgumentException($"A key is 1 to {KeyLengthMax} characters.", nameof(key));
        AgentMessage message = NewMessage(type, payload, default, asker: null);
        return Durable is null ? SendAsync(message, timeout, cancellation) : StoreAndSendAsync(message, key, timeout, cancellation);
    }

    /// <summary>Sends it a question from outside of any agent and waits for its reply.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="payload">Its content, given away.</param>
    /// <param name="timeout">How long to wait in all.</param>
    /// <param name="cancellation">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    public ValueTask<AgentReply> AskAsync(string type, ReadOnlyMemory<byte> payload, TimeSpan timeout, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        if (!Host.Admits(Type)) return ValueTask.FromResult(AgentReply.NotSent(SendOutcome.Overloaded));
        return AskAsync(null, type, payload, timeout, default, cancellation);
    }

    internal async ValueTask<AgentReply> AskAsync(
        Agent? from, string type, ReadOnlyMemory<byte> payload, TimeSpan timeout, TraceContext trace, CancellationToken cancellation)
    {
        if (payload.Length > Type.Mailbox.PayloadBytesMax) return AgentReply.NotSent(SendOutcome.TooLarge);
        TimeProvider time = Host.Environment.Time;
        long began = time.GetTimestamp();
        var ask = new PendingAsk(Host.Environment.Executor);
        SendOutcome sent = await SendAsync(NewMessage(type, payload, trace, ask, from), timeout, cancellation);
        if (sent is not (SendOutcome.Accepted or SendOutcome.Repeated)) return AgentReply.NotSent(sent);
        TimeSpan left = timeout - time.GetElapsedTime(began);
        return await ask.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellation);
    }

    /// <summary>The longest idempotency key, in characters.</summary>
    public const int KeyLengthMax = 200;

    private AgentMessage NewMessage(string type, ReadOnlyMemory<byte> payload, TraceContext trace, IAsker? asker, Agent? from = null)
    {
        long number = Host.NextNumber();
        trace = trace.IsEmpty ? Host.BeginTrace(number) : trace.Next((ulong)number);
        return new AgentMessage(number, from?.Id ?? default, type, payload, trace) { Asker = asker };
    }

    private async ValueTask<SendOutcome> SendAsync(AgentMessage message, TimeSpan timeout, CancellationToken cancellation)
    {
        SendOutcome outcome = Put(message, mayOverfill: false);
        long began = Host.Environment.Time.GetTimestamp();
        while (outcome is SendOutcome.MailboxFull && Type.Mailbox.Policy is MailboxPolicy.Wait && await RoomAsync(message.Weight, timeout, began, cancellation))
            outcome = Put(message, mayOverfill: false);
        return outcome;
    }

    /// <summary>True when there is room or was a moment ago; false when the mailbox's policy or the time do not allow to wait for it.</summary>
    private async ValueTask<bool> RoomAsync(int weight, TimeSpan timeout, long began, CancellationToken cancellation)
    {
        TimeSpan left = timeout - Host.Environment.Time.GetElapsedTime(began);
        if (left <= TimeSpan.Zero || Type.Mailbox.Policy is MailboxPolicy.DropOldest) return false;
        var waiter = new RoomWaiter(Host.Environment.Executor);
        return !_mailbox.AwaitRoom(waiter, weight) || await ComesAsync(waiter.Room, left, cancellation);
    }

    private async ValueTask<bool> ComesAsync(Task room, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            await room.WaitAsync(timeout, Host.Environment.Time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Puts a message into the mailbox and the agent to work.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mayOverfill">Whether it is taken although there is no room.</param>
    /// <param name="sender">Whose turn sends it as its last act; null when it comes from elsewhere.</param>
    internal SendOutcome Put(AgentMessage message, bool mayOverfill, Agent? sender = null)
    {
        if (Refusal() is { } refusal) return refusal;
        PutResult result = _mailbox.Put(message, mayOverfill, out AgentMessage? dropped);
        if (result is PutResult.Full) return SendOutcome.MailboxFull;
        if (result is PutResult.OverQuota) return SendOutcome.QuotaExceeded;
        if (dropped is not null) Host.SetAside(this, dropped, "The mailbox was full and newer messages came.");
        if (result is PutResult.TakenAndWake) PutToWork(sender);
        return SendOutcome.Accepted;
    }

    /// <summary>Puts in a message of the host or of the agent itself, whether there is room or not.</summary>
    internal void Deliver(AgentMessage message) => _ = Put(message, mayOverfill: true);

    /// <summary>Whether agents that sent here are to wait.</summary>
    internal bool IsOverfull => (Durable is not null || Type.Mailbox.Policy is MailboxPolicy.Wait) && _mailbox.IsOverfull;

    /// <summary>True as soon as there is room; false when there was none for as long as the type says.</summary>
    internal ValueTask<bool> RoomAsync() => RoomAsync(0, Type.Mailbox.HoldMax, Host.Environment.Time.GetTimestamp(), CancellationToken.None);
}
