using System.Collections.Immutable;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Modules;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Contexts;

public sealed class GuestContextTests
{
    /// <summary>Sets the key that its input names to its input, if it has the version that it has; or whatever else the first letter of the input says. Replies with what the function gave, as one byte.</summary>
    private const string Text = """
        (module
          (import "extism:host/user" "context_get" (func $get (param i64) (result i64)))
          (import "extism:host/user" "context_version" (func $version (param i64) (result i64)))
          (import "extism:host/user" "context_put" (func $put (param i64 i64 i64) (result i64)))
          (import "extism:host/user" "context_delete" (func $delete (param i64 i64) (result i64)))
          (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
          (import "extism:host/env" "length" (func $length (param i64) (result i64)))
          (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
          (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (func (export "on_message") (result i32) (local $what i32) (local $block i64) (local $given i64)
            (local.set $what (call $load (call $input)))
            (if (i32.eq (local.get $what) (i32.const 103))
              (then
                (if (i64.ne (local.tee $block (call $get (call $input))) (i64.const 0)) (then (call $output (local.get $block) (call $length (local.get $block)))))
                (return (i32.const 0))))
            (if (i32.eq (local.get $what) (i32.const 118)) (then (local.set $given (call $version (call $input)))))
            (if (i32.eq (local.get $what) (i32.const 112)) (then (local.set $given (call $put (call $input) (call $input) (call $version (call $input))))))
            (if (i32.eq (local.get $what) (i32.const 119)) (then (local.set $given (call $put (call $input) (call $input) (i64.const 7)))))
            (if (i32.eq (local.get $what) (i32.const 120)) (then (local.set $given (call $delete (call $input) (i64.const -1)))))
            (local.set $block (call $alloc (i64.const 1)))
            (call $store (local.get $block) (i32.wrap_i64 (local.get $given)))
            (call $output (local.get $block) (i64.const 1))
            (i32.const 0)))
        """;

    private static (World World, Agent Guest) Open()
    {
        var world = new World(session: Shared.Allowing);
        WatResult result = WatParser.Parse(Text, new WatOptions());
        Assert.Empty(result.Problems);
        AgentModule module = AgentModule.Load(result.Module!.Value, ImmutableDictionary<string, string>.Empty, world.Machine.Environment.Time);
        world.Types.Register(module.ToType("guest"));
        return (world, world.Machine.Run(() => world.Session.SpawnAsync("guest", new SpawnOptions { Capabilities = Shared.Everything }).AsTask()));
    }

    [Fact]
    public void A_guest_reads_sets_and_deletes_keys_by_their_versions()
    {
        (World world, Agent guest) = Open();
        Assert.Equal("", World.Text(world.Ask(guest, "x", "g").Payload));
        Assert.Equal([0, 1, 2], new[] { "v", "p", "p" }.Select(what => Ask(world, guest, what)));
        world.Put("g", "given");
        Assert.Equal("given", World.Text(world.Ask(guest, "x", "g").Payload));
        ContextEntry entry = world.Session.Context.Get("p")!;
        Assert.Equal(("p", 2L, guest.Id), (World.Text(entry.Value), entry.Version, entry.By));
        world.Put("w", "x");
        // Version 1 and not 7: -1 - 1.
        Assert.Equal(-2, Ask(world, guest, "w"));
        world.Put("x", "x");
        Assert.Equal(0, Ask(world, guest, "x"));
        Assert.Null(world.Session.Context.Get("x"));
    }

    private static int Ask(World world, Agent guest, string what) => (sbyte)world.Ask(guest, "x", what).Payload.Span[0];
}
