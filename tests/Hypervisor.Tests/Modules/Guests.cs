using System.Collections.Immutable;
using Sirsi.Hypervisor.Modules;
using Sirsi.Simulation.Scenarios;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Modules;

/// <summary>Small guests in the text format.</summary>
internal static class Guests
{
    private const string Imports = """
        (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
        (import "extism:host/env" "length" (func $length (param i64) (result i64)))
        (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
        (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
        (import "extism:host/env" "input_offset" (func $input (result i64)))
        (import "extism:host/env" "input_length" (func $input_length (result i64)))
        (import "extism:host/env" "output_set" (func $output (param i64 i64)))
        (import "extism:host/env" "error_set" (func $error (param i64)))
        (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
        (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
        (import "extism:host/env" "log_info" (func $log (param i64)))
        (import "extism:host/user" "message_from" (func $from (result i64)))
        (import "extism:host/user" "message_type" (func $type (result i64)))
        (import "extism:host/user" "agent_self" (func $self (result i64)))
        (import "extism:host/user" "agent_tell" (func $tell (param i64 i64 i64) (result i64)))
        (import "extism:host/user" "agent_spawn" (func $spawn (param i64 i64) (result i64)))
        (import "extism:host/user" "agent_schedule" (func $schedule (param i64 i64 i64 i64) (result i64)))
        (import "extism:host/user" "approval_request" (func $approve (param i64 i64 i64) (result i64)))
        (import "extism:host/user" "agent_stop" (func $stop (param i64) (result i64)))
        (memory (export "memory") 1)
        """;

    public const string Counter = CounterGuest.Counter;

    /// <summary>Sends what it gets back to who sent it, under its input as the type.</summary>
    public const string Echo = """
        (func (export "on_message") (result i32)
          (drop (call $tell (call $from) (call $input) (call $input)))
          (i32.const 0))
        """;

    /// <summary>Does what the first letter of its input says: loops for ever, recurses, traps, grows, floods the log, or answers.</summary>
    public const string Hostile = """
        (func $deep (param $n i64) (result i64) (i64.add (call $deep (i64.add (local.get $n) (i64.const 1))) (i64.const 1)))
        (func (export "on_message") (result i32) (local $what i32)
          (local.set $what (call $load (call $input)))
          (if (i32.eq (local.get $what) (i32.const 108)) (then (loop $again (br $again))))
          (if (i32.eq (local.get $what) (i32.const 114)) (then (drop (call $deep (i64.const 0)))))
          (if (i32.eq (local.get $what) (i32.const 116)) (then unreachable))
          (if (i32.eq (local.get $what) (i32.const 119)) (then (drop (i32.load (i32.const -4)))))
          (if (i32.eq (local.get $what) (i32.const 103)) (then (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable))
          (if (i32.eq (local.get $what) (i32.const 102)) (then (loop $more (call $log (call $self)) (br $more))))
          (if (i32.eq (local.get $what) (i32.const 102)) (then unreachable))
          (if (i32.eq (local.get $what) (i32.const 105)) (then (drop (call $tell (call $input) (call $input) (call $input)))))
          (if (i32.eq (local.get $what) (i32.const 98)) (then (call $output (i64.const 123456) (i64.const 99))))
          (call $output (call $input) (call $input_length))
          (i32.const 0))
        """;

    public static AgentModule Load(string functions, World world, ModuleLimits? limits = null, List<string>? log = null) => Load(functions, world.Machine.Environment.Time, limits, log);

    public static AgentModule Load(string functions, TimeProvider time, ModuleLimits? limits = null, List<string>? log = null)
    {
        WatResult result = WatParser.Parse($"(module {Imports} {CounterGuest.Name} {functions})", new WatOptions());
        Assert.Empty(result.Problems);
        return AgentModule.Load(result.Module!.Value, ImmutableDictionary<string, string>.Empty, time, limits,
            log is null ? null : (_, _, text) => log.Add(text));
    }
}
