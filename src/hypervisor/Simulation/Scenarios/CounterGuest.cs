namespace Sirsi.Simulation.Scenarios;

/// <summary>A WebAssembly agent that counts, in the text format: functions of a module that imports what they call.</summary>
internal static class CounterGuest
{
    /// <summary>The name of its variable.</summary>
    public const string Name = """
        (func $name (result i64) (local $block i64)
          (local.set $block (call $alloc (i64.const 1)))
          (call $store (local.get $block) (i32.const 110))
          (local.get $block))
        """;

    /// <summary>Counts in its variable "n" and answers with the count.</summary>
    public const string Counter = Count + "(i32.const 0))";

    /// <summary>The same; traps, after that, when its input begins with "t".</summary>
    public const string Trapping = Count + "(if (i32.eq (call $load (call $input)) (i32.const 116)) (then unreachable)) (i32.const 0))";

    private const string Count = """
        (func (export "on_message") (result i32) (local $block i64) (local $count i32)
          (if (i64.ne (local.tee $block (call $var_get (call $name))) (i64.const 0))
            (then (local.set $count (call $load (local.get $block)))))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (local.set $block (call $alloc (i64.const 1)))
          (call $store (local.get $block) (local.get $count))
          (call $var_set (call $name) (local.get $block))
          (call $output (local.get $block) (i64.const 1))
        """;
}
