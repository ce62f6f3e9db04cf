using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;
using Sirsi.Wasm;
using Sirsi.Wasm.Extism;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Hypervisor.Modules;

/// <summary>
/// An agent that runs a WASI command, anew for each message: the payload is its standard input, what it prints the reply to whoever asked. An exit code other than 0 fails the turn. Nothing of it lives from turn to turn, so it has no
/// variables to bring into another form and nothing to do when the agent begins or ends.
/// </summary>
/// <param name="module">The command.</param>
/// <param name="name">What it is called: its first argument.</param>
/// <param name="variables">Its environment: the values of the module's configuration.</param>
/// <param name="limits">What a turn may take.</param>
/// <param name="log">Takes what it prints to standard error, a line at a time.</param>
internal sealed class CommandBehavior(
    WasmModule module, string name, ImmutableDictionary<string, string> variables, ModuleLimits limits, ExtismLogSink log) : IAgentBehavior
{
    private readonly GuestTurn _state = new();

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        _state.Begin(turn, message);
        byte[] output;
        try
        {
            output = Run(turn, message);
        }
        finally
        {
            _state.End();
        }

        if (message.IsAsked) turn.Reply(output);
        return ValueTask.CompletedTask;
    }

    public ValueTask MigrateStateAsync(AgentTurn turn, int from) => ValueTask.CompletedTask;

    private byte[] Run(AgentTurn turn, AgentMessage message)
    {
        using var input = new MemoryStream(message.Payload.ToArray(), writable: false);
        using var output = new CommandOutput(limits.OutputBytesMax);
        using var errors = new CommandStandardError(line => log(ExtismLogLevel.Info, line));
        using var host = new WasiHost(new WasiOptions
        {
            Arguments = [name, message.Type],
            Environment = variables,
            StandardInput = input,
            StandardOutput = output,
            StandardError = errors,
            Clock = turn.ClockForWaiters,
            Random = turn.FillRandom,
        });
        using var call = new WasmCall(module.Engine, new WasmBudget { Fuel = limits.FuelPerTurn, Time = limits.TurnTimeout, Cancellation = turn.Cancellation });
        int code = Run(turn, host, call, errors);
        errors.End();
        if (code != 0) throw new InvalidOperationException($"The command ended with exit code {code}{errors.Said}");
        return output.Printed ?? throw new InvalidOperationException($"The command printed more than the {limits.OutputBytesMax} bytes that a reply may have.");
    }

    private int Run(AgentTurn turn, WasiHost host, WasmCall call, CommandStandardError errors)
    {
        try
        {
            return host.Run(module, call);
        }
        catch (WasmTrap trap)
        {
            errors.End();
            if (turn.IsLate(trap.Kind)) throw turn.Late(trap, errors.Said);
            throw new InvalidOperationException($"The command was stopped: {trap.Message.TrimEnd('.')}{errors.Said}", trap);
        }
    }
}
