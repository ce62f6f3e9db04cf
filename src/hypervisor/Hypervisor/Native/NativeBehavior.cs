using System.Text.Json;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Hypervisor.Native;

/// <summary>An agent that is a process: one frame in for each turn, effects out until it says that it is done. A turn that fails ends the process with the behaviour.</summary>
internal sealed class NativeBehavior(NativeProgram program, Action<AgentId, string>? log) : IAgentBehavior, IDisposable
{
    private NativeProcess? _process;

    public ValueTask OnStartAsync(AgentTurn turn) => RunAsync(turn, NativeFrames.Of("start", null), null);

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => RunAsync(turn, NativeFrames.Of("message", message), message);

    public ValueTask OnEventAsync(AgentTurn turn, AgentMessage happened) => RunAsync(turn, NativeFrames.Of("event", happened), happened);

    public ValueTask OnStopAsync(AgentTurn turn) => RunAsync(turn, NativeFrames.Of("stop", null), null);

    public void Dispose() => _process?.Dispose();

    private async ValueTask RunAsync(AgentTurn turn, byte[] frame, AgentMessage? message)
    {
        if (_process is not { } process)
        {
            turn.ThrowUnlessAllowed(program);
            _process = process = NativeProcess.Start(program, turn.ExecutorForWaiters, log is null ? null : text => log(turn.Self, text));
            await process.WriteAsync(NativeFrames.Hello(turn), turn.Cancellation);
        }

        process.BeginTurn();
        await process.WriteAsync(frame, turn.Cancellation);
        while (true)
        {
            byte[] line = await process.ReadAsync(turn.Cancellation);
            if (Do(turn, message, line)) return;
        }
    }

    /// <summary>Does what a line says; true when it says that all is done.</summary>
    private static bool Do(AgentTurn turn, AgentMessage? message, byte[] line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement effect = document.RootElement;
            switch (effect.GetProperty("do").GetString())
            {
                case "done":
                    return true;
                case "fail":
                    throw new HypervisorException(HypervisorErrors.NativeFailed, $"It says: {effect.GetProperty("reason").GetString()}");
                case "reply":
                    if (message is { IsAsked: true }) turn.Reply(effect.GetProperty("payload").GetBytesFromBase64());
                    return false;
                case "send":
                    if (!AgentId.TryParse(effect.GetProperty("to").GetString(), out AgentId to)) throw new FormatException();
                    _ = turn.Tell(to, effect.GetProperty("type").GetString()!, effect.GetProperty("payload").GetBytesFromBase64());
                    return false;
                case "set":
                    if (!turn.SetVariable(effect.GetProperty("name").GetString()!, effect.GetProperty("value").GetBytesFromBase64()))
                        throw new HypervisorException(HypervisorErrors.NativeFailed, "The agent's variables would take more than its type or its budget allows.");
                    return false;
                case "remove":
                    turn.RemoveVariable(effect.GetProperty("name").GetString()!);
                    return false;
                default:
                    throw new FormatException();
            }
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new HypervisorException(HypervisorErrors.NativeFailed, $"A line of it is no effect: {wrong.Message}", wrong);
        }
    }
}
