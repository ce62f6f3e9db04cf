using System.Collections.Immutable;
using Sirsi.Hypervisor.Modules;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Modules;

public sealed class CommandTests
{
    /// <summary>Does what the first letter of its input says; everything else it prints as it came.</summary>
    private const string Program = """
        (module
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_prestat_get" (func $granted (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func $print (param $descriptor i32) (param $at i32) (param $length i32) (result i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $length))
            (call $write (local.get $descriptor) (i32.const 0) (i32.const 1) (i32.const 8)))
          (func (export "_start") (local $length i32) (local $what i32)
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const 8192))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (local.set $length (i32.load (i32.const 8)))
            (local.set $what (i32.load8_u (i32.const 1024)))
            (if (i32.eq (local.get $what) (i32.const 97)) (then ;; a: its arguments
              (drop (call $args_sizes (i32.const 16) (i32.const 20)))
              (drop (call $args (i32.const 12288) (i32.const 16384)))
              (drop (call $print (i32.const 1) (i32.const 16384) (i32.load (i32.const 20))))
              (return)))
            (if (i32.eq (local.get $what) (i32.const 118)) (then ;; v: its variables
              (drop (call $environ_sizes (i32.const 16) (i32.const 20)))
              (drop (call $environ (i32.const 12288) (i32.const 16384)))
              (drop (call $print (i32.const 1) (i32.const 16384) (i32.load (i32.const 20))))
              (return)))
            (if (i32.eq (local.get $what) (i32.const 110)) (then ;; n: how often this memory has seen it
              (i32.store8 (i32.const 512) (i32.add (i32.load8_u (i32.const 512)) (i32.const 1)))
              (drop (call $print (i32.const 1) (i32.const 512) (i32.const 1)))
              (return)))
            (if (i32.eq (local.get $what) (i32.const 112)) (then ;; p: what asking for a folder comes to
              (i32.store8 (i32.const 512) (call $granted (i32.const 3) (i32.const 600)))
              (drop (call $print (i32.const 1) (i32.const 512) (i32.const 1)))
              (return)))
            (if (i32.eq (local.get $what) (i32.const 115)) (then ;; s: sleeps an hour, and then goes on as c
              (i32.store (i32.const 720) (i32.const 1))
              (i64.store (i32.const 728) (i64.const 3600000000000))
              (drop (call $poll (i32.const 704) (i32.const 800) (i32.const 1) (i32.const 900)))
              (local.set $what (i32.const 99))))
            (if (i32.eq (local.get $what) (i32.const 99)) (then ;; c: the time, and random bytes
              (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 512)))
              (drop (call $random (i32.const 520) (i32.const 8)))
              (drop (call $print (i32.const 1) (i32.const 512) (i32.const 16)))
              (return)))
            (if (i32.eq (local.get $what) (i32.const 101)) (then ;; e: says it to standard error and fails
              (drop (call $print (i32.const 2) (i32.const 1024) (local.get $length)))
              (call $exit (i32.const 3))))
            (if (i32.eq (local.get $what) (i32.const 108)) (then (loop $again (br $again)))) ;; l: loops
            (if (i32.eq (local.get $what) (i32.const 116)) (then unreachable)) ;; t: traps
            (if (i32.eq (local.get $what) (i32.const 102)) (then ;; f: floods
              (loop $more (br_if $more (i32.eqz (call $print (i32.const 1) (i32.const 0) (i32.const 65536)))))))
            (drop (call $print (i32.const 1) (i32.const 1024) (local.get $length)))))
        """;

    private static readonly ModuleLimits Limits = new() { FuelPerTurn = 20_000_000, MemoryBytesMax = 1 << 20, OutputBytesMax = 10_000, LogCharactersPerTurn = 100 };

    private static AgentModule Load(World world, List<string>? log = null, params (string Name, string Value)[] configuration) => AgentModule.Load(
        WatParser.Parse(Program, new WatOptions()).Module!.Value, configuration.ToImmutableDictionary(static pair => pair.Name, static pair => pair.Value), world.Machine.Environment.Time, Limits,
        log is null ? null : (_, _, text) => log.Add(text));

    private static Agent Spawn(World world, AgentModule module)
    {
        world.Types.Register(module.ToType("tool") with { Supervision = new SupervisionOptions { AttemptsMax = 1 } });
        return world.Machine.Run(() => world.Session.SpawnAsync("tool").AsTask());
    }

    [Fact]
    public void A_command_reads_the_message_and_what_it_prints_is_the_reply()
    {
        var world = new World();
        AgentModule module = Load(world);
        Assert.Equal(ModuleKind.Command, module.Kind);
        Agent agent = Spawn(world, module);
        Assert.Equal("Hello", World.Text(world.Ask(agent, "say", "Hello").Payload));
        Assert.Equal("", World.Text(world.Ask(agent, "say").Payload));
        Assert.Equal(SendOutcome.Accepted, world.Tell(agent, "say", "nobody waits"));
        world.Machine.RunUntilIdle();
        Assert.Equal(AgentStatus.Idle, agent.Status);
    }

    [Fact]
    public void Each_message_runs_it_anew()
    {
        var world = new World();
        Agent agent = Spawn(world, Load(world));
        for (int i = 0; i < 3; i++) Assert.Equal([1], world.Ask(agent, "do", "n").Payload.ToArray());
    }

    [Fact]
    public void It_is_told_its_name_the_message_s_type_and_the_module_s_configuration_and_nothing_of_the_machine()
    {
        const byte BadDescriptor = 8;
        var world = new World();
        Agent agent = Spawn(world, Load(world, null, ("level", "2"), ("Currency", "USD")));
        Assert.Equal("tool\0check\0", World.Text(world.Ask(agent, "check", "a").Payload));
        Assert.Equal("Currency=USD\0level=2\0", World.Text(world.Ask(agent, "check", "v").Payload));
        Assert.Equal([BadDescriptor], world.Ask(agent, "check", "p").Payload.ToArray());
    }

    [Fact]
    public void Time_and_chance_are_the_world_s_and_sleeping_takes_none()
    {
        byte[][] Run()
        {
            var world = new World(seed: 5);
            Agent agent = Spawn(world, Load(world));
            return [world.Ask(agent, "do", "c").Payload.ToArray(), world.Ask(agent, "do", "s").Payload.ToArray(), world.Ask(agent, "do", "c").Payload.ToArray()];
        }

        byte[][] once = Run();
        Assert.Equal(once, Run());
        Assert.NotEqual(once[0][8..], once[2][8..]);
        long first = BitConverter.ToInt64(once[0]), slept = BitConverter.ToInt64(once[1]);
        Assert.True(slept - first >= TimeSpan.FromHours(1).TotalNanoseconds, $"{first} {slept}");
    }

    [Fact]
    public void An_exit_code_fails_the_turn_with_what_it_said_last()
    {
        var world = new World();
        var log = new List<string>();
        Agent agent = Spawn(world, Load(world, log));
        AgentReply reply = world.Ask(agent, "do", "eh: no such\nresource: vm-7\n");
        Assert.Equal(ReplyOutcome.Failed, reply.Outcome);
        Assert.Contains("The command ended with exit code 3: eh: no such\nresource: vm-7", reply.Reason, StringComparison.Ordinal);
        Assert.Equal(["eh: no such", "resource: vm-7"], log);
        Assert.Equal("ok", World.Text(world.Ask(agent, "do", "ok").Payload));
    }

    [Fact]
    public void What_it_says_is_bounded_in_log_and_reason()
    {
        var world = new World();
        var log = new List<string>();
        Agent agent = Spawn(world, Load(world, log));
        AgentReply reply = world.Ask(agent, "do", "e" + new string('x', 7_000) + "the end");
        Assert.EndsWith("the end", reply.Reason, StringComparison.Ordinal);
        Assert.InRange(reply.Reason!.Length, 800, 1_000);
        Assert.Equal(100, log.Sum(static text => text.Length));
    }

    [Theory]
    [InlineData("l", "fuel")]
    [InlineData("t", "unreachable")]
    [InlineData("f", "printed more than the 10000 bytes")]
    public void A_command_that_misbehaves_fails_its_turn_and_hurts_nobody(string what, string error)
    {
        var world = new World();
        Agent agent = Spawn(world, Load(world));
        AgentReply reply = world.Ask(agent, "do", what, TimeSpan.FromHours(1));
        Assert.Equal(ReplyOutcome.Failed, reply.Outcome);
        Assert.Contains(error, reply.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("ok", World.Text(world.Ask(agent, "do", "ok").Payload));
    }

    [Fact]
    public void A_durable_command_answers_after_a_restart()
    {
        var world = new World(options: World.Kept);
        AgentType Durable() => Load(world).ToType("tool") with { Durability = AgentDurability.Durable };
        world.Types.Register(Durable());
        Agent agent = world.Machine.Run(() => world.Session.SpawnAsync("tool").AsTask());
        Assert.Equal("one", World.Text(world.Ask(agent, "say", "one").Payload));
        World again = world.Restart(types => types.Register(Durable()));
        Assert.Equal("Two", World.Text(again.Ask(again.Host.Find(again.Scope, agent.Id)!, "say", "Two").Payload));
    }

    [Theory]
    [InlineData("(import \"env\" \"puts\" (func))", "'puts' from 'env'")]
    [InlineData("(import \"extism:host/env\" \"input_length\" (func (result i64)))", "exports none of on_message")]
    public void A_program_that_needs_more_than_wasi_is_refused_with_what(string import, string reason)
    {
        var world = new World();
        string text = $$"""
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) {{import}}
              (memory (export "memory") 1)
              (func (export "_start")))
            """;
        HypervisorException refused = Assert.Throws<HypervisorException>(() => AgentModule.Load(
            WatParser.Parse(text, new WatOptions()).Module!.Value, ImmutableDictionary<string, string>.Empty, world.Machine.Environment.Time));
        Assert.Equal(HypervisorErrors.ModuleInvalid, refused.Code);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }
}
