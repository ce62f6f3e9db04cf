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

    internal Agent(AgentId id, AgentType type, Session session, Agent? parent)
    {
        Id = id;
        Type = type;
        Session = session;
        ParentAgent = parent;
        _mailbox = new Mailbox(type.Mailbox, session.MailboxQuota);
    }

    /// <summary>Its name in the world.</summary>
    public AgentId Id { get; }

    /// <summary>What it is an instance of.</summary>
    public AgentType Type { get; private set; }

    /// <summary>The session it lives in.</summary>
    public Session Session { get; }

    /// <summary>Who spawned it; empty for one that was spawned from outside.</summary>
    public AgentId ParentId => ParentAgent?.Id ?? default;

    /// <summary>Messages that wait for it.</summary>
    public int MailboxCount => _mailbox.Count;

    /// <summary>Turns that ended well.</summary>
    public long Turns { get; private set; }

    /// <summary>Turns that failed.</summary>
    public long Failures { get; private set; }

    /// <summary>What its last failed turn died of, in words; null when none failed.</summary>
    public string? LastError { get; private set; }

    /// <summary>The names and bytes its turns have kept so far: a copy of this moment.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> CopyVariables() => Variables?.Copy() ?? NoVariables;

    internal AgentHost Host => Session.Host;

    internal Agent? ParentAgent { get; }

    internal AgentVariables? Variables { get; set; }

    /// <summary>Sends it a message from outside of any agent.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="payload">Its content, given away.</param>
    /// <param name="timeout">How long to wait for room in a full mailbox whose policy is to wait; default not at all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<SendOutcome> TellAsync(string type, ReadOnlyMemory<byte> payload, TimeSpan timeout = default, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        if (payload.Length > Type.Mailbox.PayloadBytesMax) return ValueTask.FromResult(SendOutcome.TooLarge);
        return SendAsync(NewMessage(type, payload, default, asker: null), timeout, cancellation);
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

    private AgentMessage NewMessage(string type, ReadOnlyMemory<byte> payload, TraceContext trace, IAsker? asker, Agent? from = null)
    {
        long number = Host.NextNumber();
        trace = trace.IsEmpty ? Host.BeginTrace(number) : trace.Next((ulong)number);
        return new AgentMessage(number, from?.Id ?? default, type, payload, trace) { Asker = asker };
    }

    private async ValueTask<SendOutcome> SendAsync(AgentMessage message, TimeSpan timeout, CancellationToken cancellation)
    {
        SendOutcome outcome = Put(message, mayOverfill: false);
        if (outcome is not SendOutcome.MailboxFull || timeout <= TimeSpan.Zero || Type.Mailbox.Policy is not MailboxPolicy.Wait) return outcome;
        TimeProvider time = Host.Environment.Time;
        long began = time.GetTimestamp();
        while (outcome is SendOutcome.MailboxFull && timeout - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            var waiter = new RoomWaiter(Host.Environment.Executor);
            if (_mailbox.AwaitRoom(waiter, message.Weight) && !await ComesAsync(waiter.Room, left, cancellation)) return outcome;
            outcome = Put(message, mayOverfill: false);
        }

        return outcome;
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
    internal SendOutcome Put(AgentMessage message, bool mayOverfill)
    {
        if (Refusal() is { } refusal) return refusal;
        PutResult result = _mailbox.Put(message, mayOverfill, out AgentMessage? dropped);
        if (result is PutResult.Full) return SendOutcome.MailboxFull;
        if (result is PutResult.OverQuota) return SendOutcome.QuotaExceeded;
        if (dropped is not null) Host.SetAside(this, dropped, "The mailbox was full and newer messages came.");
        if (result is PutResult.TakenAndWake) Host.Environment.Executor.Post(this);
        return SendOutcome.Accepted;
    }

    /// <summary>Puts in a message of the host or of the agent itself, whether there is room or not.</summary>
    internal void Deliver(AgentMessage message) => _ = Put(message, mayOverfill: true);

    /// <summary>Whether agents that sent here are to wait.</summary>
    internal bool IsOverfull => Type.Mailbox.Policy is MailboxPolicy.Wait && _mailbox.IsOverfull;

    /// <summary>True as soon as there is room; false when there was none for as long as the type says.</summary>
    internal ValueTask<bool> RoomAsync()
    {
        var waiter = new RoomWaiter(Host.Environment.Executor);
        return _mailbox.AwaitRoom(waiter, 0) ? ComesAsync(waiter.Room, Type.Mailbox.HoldMax, CancellationToken.None) : ValueTask.FromResult(true);
    }
}
