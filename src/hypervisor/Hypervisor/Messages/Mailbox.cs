namespace Sirsi.Hypervisor.Messages;

/// <summary>
/// The messages that wait for one agent, oldest first, and whether the agent is at work on them. Thread-safe: any number of senders, one agent.
/// The messages themselves are the list, so an empty mailbox owns nothing.
/// </summary>
internal sealed class Mailbox(MailboxOptions options, MailboxQuota quota)
{
    private MailboxOptions _options = options;
    private AgentMessage? _first;
    private AgentMessage? _last;
    private AgentMessage? _visit;
    private Queue<RoomWaiter>? _waiters;
    private long _bytes;
    private int _count;
    private int _reserved;
    private bool _isAtWork;
    private HoldReasons _holds;

    /// <summary>What it takes; what is in it already stays.</summary>
    public MailboxOptions Options
    {
        set => Volatile.Write(ref _options, value);
    }

    public int Count => Volatile.Read(ref _count);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether the agent has a turn, or one is due.</summary>
    public bool IsAtWork => Volatile.Read(ref _isAtWork);

    /// <summary>Whether the agent has no turn and none is due before somebody outside of it acts: nothing waits, or it is held. A pause after a failure and the wait of suspects end by themselves.</summary>
    public bool IsAtRest
    {
        get
        {
            lock (this) return !_isAtWork && (_first is null || (_holds & ~HoldReasons.EndByThemselves) is not HoldReasons.None);
        }
    }

    /// <summary>Whether more is in it than its options allow; an agent that sent here waits as long.</summary>
    public bool IsOverfull => Volatile.Read(ref _count) > _options.MessagesMax || Interlocked.Read(ref _bytes) > _options.BytesMax;

    /// <summary>Puts a message last.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mayOverfill">Whether it is taken although there is no room.</param>
    /// <param name="dropped">What made room for it, the oldest first, linked; null as a rule.</param>
    /// <returns>Whether it was taken, and whether the agent has to be put to work.</returns>
    public PutResult Put(AgentMessage message, bool mayOverfill, out AgentMessage? dropped)
    {
        dropped = null;
        lock (this)
        {
            if (!mayOverfill && !HasRoom(message.Weight))
            {
                if (_options.Policy is not MailboxPolicy.DropOldest || message.Weight > _options.BytesMax) return PutResult.Full;
                dropped = MakeRoom(message.Weight);
            }

            if (_bytes + message.Weight > _reserved && !quota.TryReserve(ref _reserved, _bytes + message.Weight, mayOverfill)) return PutResult.OverQuota;
            Append(message);
            return WakeIfNeeded();
        }
    }

    /// <summary>Puts in work of the host, to be taken before all messages and whether the agent is held or not; true when the agent has to be put to work.</summary>
    public bool PutVisit(AgentMessage visit)
    {
        lock (this)
        {
            visit.Next = _visit;
            _visit = visit;
            bool wakes = !_isAtWork;
            _isAtWork = true;
            return wakes;
        }
    }

    /// <summary>Puts back the message just taken, to be taken next.</summary>
    public void PutBack(AgentMessage message)
    {
        lock (this)
        {
            message.Next = _first;
            _first = message;
            _last ??= message;
            Account(message, 1);
        }
    }

    /// <summary>The next message; null when the agent rests from here on, because there is none or it is held.</summary>
    public AgentMessage? Take()
    {
        RoomWaiter? waiter;
        AgentMessage? message;
        lock (this)
        {
            if (_visit is { } visit)
            {
                _visit = visit.Next;
                visit.Next = null;
                return visit;
            }

            message = _holds is HoldReasons.None ? _first : null;
            if (message is null)
            {
                _isAtWork = false;
                quota.GiveBack(ref _reserved, _bytes);
                return null;
            }

            _first = message.Next;
            if (_first is null) _last = null;
            message.Next = null;
            Account(message, -1);
            waiter = _waiters is { Count: > 0 } ? _waiters.Dequeue() : null;
        }

        waiter?.Wake();
        return message;
    }

    /// <summary>The agent rests, whatever comes, until <see cref="Release"/> has been called for each reason.</summary>
    public void Hold(HoldReasons reason)
    {
        lock (this) _holds |= reason;
    }

    /// <summary>Ends <see cref="Hold"/> for these reasons; true when the agent has to be put to work.</summary>
    public bool Release(HoldReasons reasons)
    {
        lock (this)
        {
            _holds &= ~reasons;
            return _first is not null && WakeIfNeeded() is PutResult.TakenAndWake;
        }
    }

    /// <summary>Takes an agent that rests, with nothing in its mailbox, for somebody else's work; false when it does not. <see cref="GiveBack"/> ends it.</summary>
    public bool TryClaim()
    {
        lock (this)
        {
            if (_isAtWork || _first is not null || _holds is not HoldReasons.None) return false;
            _isAtWork = true;
            return true;
        }
    }

    /// <summary>Ends <see cref="TryClaim"/>; true when something came meanwhile and the agent has to be put to work.</summary>
    public bool GiveBack()
    {
        lock (this)
        {
            if (_visit is not null || (_first is not null && _holds is HoldReasons.None)) return true;
            _isAtWork = false;
            return false;
        }
    }

    /// <summary>Takes out all messages, the oldest first, linked, and gives all that was reserved back.</summary>
    public AgentMessage? TakeAll()
    {
        Queue<RoomWaiter>? waiters;
        AgentMessage? first;
        lock (this)
        {
            (first, _first, _last) = (_first, null, null);
            (_count, _bytes) = (0, 0);
            quota.GiveAllBack(ref _reserved);
            (waiters, _waiters) = (_waiters, null);
        }

        while (waiters is { Count: > 0 }) waiters.Dequeue().Wake();
        return first;
    }

    /// <summary>Whether there is room for a message of this weight right now.</summary>
    public bool HasRoomFor(int weight)
    {
        lock (this) return HasRoom(weight);
    }

    /// <summary>Remembers who is to be woken at the next message that leaves; false, and nothing remembered, when there is room now.</summary>
    public bool AwaitRoom(RoomWaiter waiter, int weight)
    {
        lock (this)
        {
            if (HasRoom(weight)) return false;
            (_waiters ??= new Queue<RoomWaiter>()).Enqueue(waiter);
            return true;
        }
    }

    private bool HasRoom(int weight) => _count < _options.MessagesMax && _bytes + weight <= _options.BytesMax;

    private AgentMessage? MakeRoom(int weight)
    {
        AgentMessage? firstDropped = _first, lastDropped = null;
        while (_first is { } oldest && !HasRoom(weight))
        {
            lastDropped = oldest;
            _first = oldest.Next;
            Account(oldest, -1);
        }

        if (_first is null) _last = null;
        if (lastDropped is null) return null;
        lastDropped.Next = null;
        return firstDropped;
    }

    private void Append(AgentMessage message)
    {
        if (_last is null) _first = message;
        else _last.Next = message;
        _last = message;
        Account(message, 1);
    }

    private void Account(AgentMessage message, int sign)
    {
        _count += sign;
        _bytes += sign * message.Weight;
    }

    private PutResult WakeIfNeeded()
    {
        if (_isAtWork || _holds is not HoldReasons.None) return PutResult.Taken;
        _isAtWork = true;
        return PutResult.TakenAndWake;
    }
}

/// <summary>What became of a message put into a mailbox.</summary>
internal enum PutResult : byte
{
    Full,
    OverQuota,
    Taken,

    /// <summary>Taken by a mailbox whose agent was at rest: the caller puts it to work.</summary>
    TakenAndWake,
}

/// <summary>Why an agent rests although messages wait.</summary>
[Flags]
internal enum HoldReasons : short
{
    None = 0,
    Suspended = 1,
    Pausing = 2,
    Quarantined = 4,

    /// <summary>The host is stopping, or its journal has failed.</summary>
    HostStopped = 8,
    AwaitingApproval = 16,

    /// <summary>What its next turn needs of its budget is not there.</summary>
    AwaitingBudget = 32,

    /// <summary>Nobody has registered its type in this process, so there is nothing to handle messages with, whoever lets it go on.</summary>
    TypeAbsent = 64,

    /// <summary>Its turn goes on when tasks have ended.</summary>
    AwaitingTasks = 128,

    /// <summary>It waits for its turn among those that may have ended the process (<see cref="Agents.SuspectLine"/>).</summary>
    AmongSuspects = 256,
    EndByThemselves = Pausing | AmongSuspects,
    OfTheAgent = Suspended | Pausing | Quarantined,
}
