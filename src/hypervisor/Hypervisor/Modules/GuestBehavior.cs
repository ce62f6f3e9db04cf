using System.Globalization;
using System.Text;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Snapshots;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm;
using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules;

/// <summary>
/// An agent that runs a module: a plug-in whose input is the message's payload and whose output is the reply to whoever asked. Its variables are the agent's; its memory lives from
/// turn to turn and is only a cache.
/// </summary>
internal sealed class GuestBehavior : IAgentBehavior, IGuestMemory, IDisposable
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
        byte[] output = Call(export, turn, message.Payload, message);
        if (message.IsAsked) turn.Reply(output);
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(Call(GuestExports.OnTask, turn, attempt.Spec.Payload, null));

    public ValueTask OnEventAsync(AgentTurn turn, AgentMessage happened) => CallIfThereAsync(GuestExports.OnEvent, turn, happened);

    public ValueTask MigrateStateAsync(AgentTurn turn, int from)
    {
        if (!_plugin.HasFunction(GuestExports.MigrateState))
            throw new InvalidOperationException($"The agent's variables have form {from}, and the module has no {GuestExports.MigrateState} that brings them into another.");
        Call(GuestExports.MigrateState, turn, Encoding.UTF8.GetBytes(from.ToString(CultureInfo.InvariantCulture)), null);
        return ValueTask.CompletedTask;
    }

    public ValueTask OnStopAsync(AgentTurn turn) => CallIfThereAsync(GuestExports.OnStop, turn, null);

    public WasmSnapshot? TakeSnapshot() => _plugin.TakeSnapshot();

    public void Restore(WasmSnapshot memory) => _plugin.Restore(memory);

    public void Dispose() => _plugin.Dispose();

    private ValueTask CallIfThereAsync(string export, AgentTurn turn, AgentMessage? message)
    {
        if (_plugin.HasFunction(export)) Call(export, turn, message?.Payload ?? default, message);
        return ValueTask.CompletedTask;
    }

    private byte[] Call(string export, AgentTurn turn, ReadOnlyMemory<byte> input, AgentMessage? message)
    {
        _state.Begin(turn, message);
        try
        {
            return _plugin.Call(export, input.Span, turn.Cancellation);
        }
        catch (ExtismException stopped) when (stopped.Trap is { Kind: var kind } && turn.IsLate(kind))
        {
            throw turn.Late(stopped);
        }
        finally
        {
            _state.End();
        }
    }
}
