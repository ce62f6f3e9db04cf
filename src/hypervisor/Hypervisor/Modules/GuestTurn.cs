using System.Runtime.ExceptionServices;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules;

/// <summary>What the functions of the host find at a plug-in: the turn under way. The agent's variables are the plug-in's.</summary>
internal sealed class GuestTurn : IExtismVariables
{
    [ThreadStatic]
    private static GuestTurn? _current;

    private AgentTurn? _turn;

    /// <summary>The guest's turn on this thread; null when there is none.</summary>
    public static GuestTurn? Current => _current;

    public AgentTurn Turn => _turn ?? throw new InvalidOperationException("There is no turn under way.");

    /// <summary>What the turn is about; null for the first and the last.</summary>
    public AgentMessage? Message { get; private set; }

    /// <summary>How many characters the turn has logged.</summary>
    public int Logged { get; set; }

    /// <summary>The last request of the turn.</summary>
    public Task? Sending { get; set; }

    public void Begin(AgentTurn turn, AgentMessage? message)
    {
        (_turn, Message, Logged, Sending) = (turn, message, 0, null);
        _current = this;
    }

    /// <summary>The guest has come back or was stopped. What failed below it, and not by it, is thrown on as it is.</summary>
    public void End()
    {
        // A guest that was stopped leaves its request behind, cancelled: the turn is over when that is.
        if (Sending is not null) WaitFor(Sending);
        (_turn, Message) = (null, null);
        _current = null;
        if (Sending?.Exception?.InnerException is HypervisorException or OutcomeUnknownException) ExceptionDispatchInfo.Throw(Sending.Exception.InnerException);
    }

    private static void WaitFor(Task sending)
    {
#pragma warning disable VSTHRD002, VSTHRD103 // The guest's thread is the one to wait.
        Task.WaitAny([sending]);
#pragma warning restore VSTHRD002, VSTHRD103
    }

    public byte[]? Get(string name) => Turn.TryGetVariable(name, out ReadOnlyMemory<byte> value) ? value.ToArray() : null;

    public void Set(string name, byte[]? value)
    {
        if (value is null) Turn.RemoveVariable(name);
        else if (!Turn.SetVariable(name, value)) throw new InvalidOperationException("The agent's variables would take more than its type or its budget allows.");
    }
}
