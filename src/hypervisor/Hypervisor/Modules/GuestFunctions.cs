using System.Collections.Immutable;
using System.Text;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Wasm;
using Sirsi.Wasm.Extism;

namespace Sirsi.Hypervisor.Modules;

/// <summary>
/// What guests may call, beside the Extism ABI's own: <c>extism:host/user</c>. Texts and bytes are Extism blocks; 0 is none. What they send is in the turn like that of a .NET agent. A
/// call with what is no id, or too long, stops the turn with the reason.
/// </summary>
internal static class GuestFunctions
{
    /// <summary>All of them, in the order of <c>docs/guides/write-an-agent.md</c>.</summary>
    public static ImmutableArray<ExtismFunction> All { get; } =
    [
        Text("agent_self", static guest => guest.Turn.Self.ToString()),
        Text("agent_parent", static guest => guest.Turn.Parent.ToString()),
        Text("message_type", static guest => guest.Message?.Type ?? ""),
        Text("message_from", static guest => guest.Message?.From.ToString() ?? ""),
        Define("message_is_asked", 0, static (guest, _, _) => guest.Message is { IsAsked: true } ? 1 : 0),
        Define("agent_tell", 3, static (guest, call, blocks) =>
            (long)guest.Turn.Tell(IdOf(call.Text(blocks[0].AsI64)), call.Text(blocks[1].AsI64), call.Bytes(blocks[2].AsI64))),
        Define("agent_broadcast", 2, static (guest, call, blocks) => guest.Turn.Broadcast(call.Text(blocks[0].AsI64), call.Bytes(blocks[1].AsI64))),
        Define("agent_spawn", 2, static (guest, call, blocks) =>
        {
            CapabilitySet given = CapabilitySet.Parse(call.Text(blocks[1].AsI64).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            return call.Store(Encoding.UTF8.GetBytes(guest.Turn.Spawn(call.Text(blocks[0].AsI64), new SpawnOptions { Capabilities = given }).ToString()));
        }),
        Define("agent_schedule", 4, static (guest, call, blocks) => guest.Turn.Schedule(
            TimeSpan.FromMilliseconds(blocks[0].AsI64), call.Text(blocks[1].AsI64), call.Bytes(blocks[2].AsI64),
            blocks[3].AsI64 == 0 ? null : TimeSpan.FromMilliseconds(blocks[3].AsI64))),
        Define("agent_unschedule", 1, static (guest, _, blocks) =>
        {
            guest.Turn.Unschedule(blocks[0].AsI64);
            return 0;
        }),
        Define("agent_stop", 1, static (guest, call, blocks) =>
        {
            guest.Turn.Stop(call.Text(blocks[0].AsI64));
            return 0;
        }),
        Define("bus_publish", 3, static (guest, call, blocks) =>
            (long)guest.Turn.Publish(call.Text(blocks[0].AsI64), call.Bytes(blocks[2].AsI64), blocks[1].AsI64 == 0 ? null : call.Text(blocks[1].AsI64))),
        Define("approval_request", 3, static (guest, call, blocks) => guest.Turn.RequestApproval(
            call.Text(blocks[0].AsI64), call.Bytes(blocks[1].AsI64), TimeSpan.FromMilliseconds(blocks[2].AsI64))),
        Define("context_get", 1, static (guest, call, blocks) =>
            guest.Turn.TryGetContext(call.Text(blocks[0].AsI64), out ContextEntry? entry) ? call.Store(entry.Value.Span) : 0),
        Define("context_version", 1, static (guest, call, blocks) =>
            guest.Turn.TryGetContext(call.Text(blocks[0].AsI64), out ContextEntry? entry) ? entry.Version : 0),
        Define("context_put", 3, static (guest, call, blocks) =>
            VersionOf(guest.Turn.PutContext(call.Text(blocks[0].AsI64), call.Bytes(blocks[1].AsI64), Expected(blocks[2].AsI64)))),
        Define("context_delete", 2, static (guest, call, blocks) => VersionOf(guest.Turn.DeleteContext(call.Text(blocks[0].AsI64), Expected(blocks[1].AsI64)))),
        Define("model_complete", 1, static (guest, call, blocks) => call.Store(GuestModel.Complete(guest, call.Call, call.Bytes(blocks[0].AsI64)))),
        Define("now_ms", 0, static (guest, _, _) => guest.Turn.Now.ToUnixTimeMilliseconds()),
    ];

    private delegate long Body(GuestTurn guest, ExtismCall call, ReadOnlySpan<WasmValue> arguments);

    private static ExtismFunction Text(string name, Func<GuestTurn, string> read) =>
        Define(name, 0, (guest, call, _) => call.Store(Encoding.UTF8.GetBytes(read(guest))));

    private static ExtismFunction Define(string name, int parameters, Body body) => ExtismFunction.From(
        name,
        new WasmFunctionType([.. Enumerable.Repeat(WasmValueType.I64, parameters)], [WasmValueType.I64]),
        (call, arguments, results) => results[0] = WasmValue.I64(body((GuestTurn)call.State!, call, arguments)));

    private static long? Expected(long version) => version < 0 ? null : version;

    /// <summary>The version that a key will have; below 0 when it has another one than was expected: by as much more as that is.</summary>
    private static long VersionOf(ContextWrite write) => write.IsWritten ? write.Version : -1 - write.Version;

    private static AgentId IdOf(string text) => AgentId.TryParse(text, out AgentId id) ? id : throw new InvalidOperationException($"'{text}' is no agent's id.");
}
