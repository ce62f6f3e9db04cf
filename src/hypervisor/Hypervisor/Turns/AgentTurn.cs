using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Turns;

/// <summary>
/// What a behaviour does things through while it handles one message. All of it is collected and comes out, whole and in this order, when the turn has ended well: variables,
/// children, messages, schedules, events, the agent's end. Not thread-safe: the behaviour uses it from one flow, and no longer than its turn.
/// </summary>
public sealed partial class AgentTurn
{
    private readonly Agent _agent;
    private AgentMessage? _message;
    private CancellationTokenSource? _cancellation;
    private bool _hasReplied;

    internal AgentTurn(Agent agent) => _agent = agent;

    /// <summary>The agent whose turn it is.</summary>
    public AgentId Self => _agent.Id;

    /// <summary>Who spawned it; empty for one that was spawned from outside.</summary>
    public AgentId Parent => _agent.ParentId;

    /// <summary>Its session.</summary>
    public SessionId Session => _agent.Session.Id;

    /// <summary>The host's clock.</summary>
    public DateTimeOffset Now => Host.Environment.Time.GetUtcNow();

    /// <summary>The trace that what this turn sends belongs to.</summary>
    public TraceContext Trace { get; private set; }

    /// <summary>Called for when the turn has taken as long as its type or its budget allows, and when the agent is ended by force.</summary>
    public CancellationToken Cancellation
    {
        get
        {
            ThrowIfOver();
            var attempt = _message!.Asker as TaskAttempt;
            CancellationToken token = (_cancellation ??= new CancellationTokenSource(Timeout, Host.Environment.Time)).Token;
            if (attempt is { IsCurrent: false }) Cancel(attempt);
            // It may have been stopped before there was anything to cancel.
            if (_time is { Stopped: not null }) Cancel();
            return token;
        }
    }

    private AgentHost Host => _agent.Host;

    /// <summary>A variable of the agent, as this turn has set it or else the turns before.</summary>
    public bool TryGetVariable(string name, out ReadOnlyMemory<byte> value)
    {
        ThrowIfOver();
        ArgumentException.ThrowIfNullOrEmpty(name);
        value = default;
        return _agent.Variables is { } variables && variables.TryGet(name, out value);
    }

    /// <summary>Sets a variable. The bytes are given away.</summary>
    /// <returns>False, and nothing is set, when the agent's variables would take more than its type or its budget allows.</returns>
    public bool SetVariable(string name, ReadOnlyMemory<byte> value)
    {
        ThrowIfOver();
        ThrowIfNoName(name);
        _agent.Variables ??= new AgentVariables();
        return TryHoldStored(name, value.Length) && _agent.Variables.TrySet(name, value, _agent.Type.VariableBytesMax);
    }

    /// <summary>Removes a variable if there is one.</summary>
    public void RemoveVariable(string name)
    {
        ThrowIfOver();
        ThrowIfNoName(name);
        _ = _agent.Variables?.TrySet(name, null, long.MaxValue);
    }

    /// <summary>Ends the agent after this turn, its children first.</summary>
    /// <param name="reason">Why, in words.</param>
    public void Stop(string reason)
    {
        ThrowIfOver();
        ArgumentException.ThrowIfNullOrEmpty(reason);
        _stopReason ??= reason;
        _hasEffects = true;
    }

    internal void Begin(AgentMessage message)
    {
        _message = message;
        Trace = message.Trace;
        _hasReplied = false;
        _stepCount = 0;
        _awaited = null;
        (IsForced, MissesWhatItHad) = (false, false);
        BeginContext(message);
    }

    /// <summary>The turn is over; what was not released is forgotten.</summary>
    internal void End()
    {
        _message = null;
        if (_cancellation is not null)
        {
            _cancellation.Dispose();
            _cancellation = null;
        }

        if (_hasEffects) ClearEffects();
    }

    /// <summary>Whether its end was called for, by the host, a person or its budget; not whether it took too long.</summary>
    internal bool IsForced { get; private set; }

    /// <summary>Whether it was refused what its agent had: of a budget that is used up, or by a capability that has expired or was revoked.</summary>
    internal bool MissesWhatItHad { get; private set; }

    /// <summary>Whether the turn was to end because the host does.</summary>
    internal bool IsForcedByHost { get; private set; }

    /// <summary>Calls for the end of the turn under way.</summary>
    internal void Cancel(bool isByHost = false)
    {
        IsForced = true;
        IsForcedByHost |= isByHost;
        try
        {
            _cancellation?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }

    internal void OnMissing() => MissesWhatItHad = true;

    /// <summary>Calls for the end of the turn of an attempt, and of no other.</summary>
    internal void Cancel(TaskAttempt attempt)
    {
        CancellationTokenSource? cancellation = _cancellation;
        if (_message?.Asker != attempt) return;
        try
        {
            cancellation?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at this moment.
        }
    }

    private void ThrowIfOver()
    {
        if (_message is null) throw new InvalidOperationException("The turn has ended: a behaviour acts only while it handles a message.");
    }

    private static void ThrowIfNoName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > VariableNameLengthMax) throw new ArgumentException($"A variable's name is at most {VariableNameLengthMax} characters.", nameof(name));
    }

    /// <summary>The longest name of a variable, in characters.</summary>
    public const int VariableNameLengthMax = 256;
}
