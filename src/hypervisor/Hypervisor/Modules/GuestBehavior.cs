using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules;

/// <summary>
/// An agent that runs a module: a plug-in whose input is the message's payload and whose output is the reply to whoever asked. Its variables are the agent's; its memory lives from
/// turn to turn and is only a cache.
/// </summary>
internal sealed class GuestBehavior : IAgentBehavior, IDisposable
{
    private readonly ExtismPlugin _plugin;
    private readonly GuestTurn _state = new();

    public GuestBehavior(ExtismProgram program) => _plugin = new ExtismPlugin(program, _state) { State = _state };

    public ValueTask OnStartAsync(AgentTurn turn) => CallIfThereAsync(GuestExports.OnStart, turn, null);

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        string export = GuestExports.Of(message);
        if (!_plugin.HasFunction(export)) export = GuestExports.OnMessage;
        if (!_plugin.HasFunction(export)) throw new InvalidOperationException($"The module has no {export}, and so no answer to '{message.Type}'.");
        byte[] output = Call(export, turn, message);
        if (message.IsAsked) turn.Reply(output);
        return ValueTask.CompletedTask;
    }

    public ValueTask OnEventAsync(AgentTurn turn, AgentMessage happened) => CallIfThereAsync(GuestExports.OnEvent, turn, happened);

    public ValueTask OnStopAsync(AgentTurn turn) => CallIfThereAsync(GuestExports.OnStop, turn, null);

    public void Dispose() => _plugin.Dispose();

    private ValueTask CallIfThereAsync(string export, AgentTurn turn, AgentMessage? message)
    {
        if (_plugin.HasFunction(export)) Call(export, turn, message);
        return ValueTask.CompletedTask;
    }

    private byte[] Call(string export, AgentTurn turn, AgentMessage? message)
    {
        _state.Begin(turn, message);
        try
        {
            return _plugin.Call(export, message is null ? default : message.Payload.Span, turn.Cancellation);
        }
        finally
        {
            _state.End();
        }
    }
}
