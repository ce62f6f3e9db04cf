using System.Collections.Immutable;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Modules;
using Sirsi.Store;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Modules;

public sealed class GuestTests
{
    private static Agent Spawn(World world, AgentModule module, string name, Func<AgentType, AgentType>? configure = null)
    {
        AgentType type = module.ToType(name);
        world.Types.Register(configure?.Invoke(type) ?? type);
        return world.Machine.Run(() => world.Session.SpawnAsync(name).AsTask());
    }

    [Fact]
    public void A_guest_answers_and_its_variables_are_the_agents()
    {
        var world = new World();
        Agent agent = Spawn(world, Guests.Load(Guests.Counter, world), "counter");
        Assert.Equal([1], world.Ask(agent, "count").Payload.ToArray());
        Assert.Equal([2], world.Ask(agent, "count").Payload.ToArray());
        Assert.Equal([2], agent.CopyVariables()["n"].ToArray());
    }

    [Fact]
    public void Guests_and_other_agents_send_each_other_messages()
    {
        var world = new World();
        Agent guest = Spawn(world, Guests.Load(Guests.Echo, world), "echo");
        var seen = new List<string>();
        Agent other = world.Spawn((turn, message) =>
        {
            seen.Add(message.Type);
            if (message.Type == "go") turn.Tell(guest.Id, "say", World.Bytes("hello"));
        });
        world.Tell(other, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal(["go", "hello"], seen);
    }

    [Fact]
    public void A_durable_guest_goes_on_where_it_was()
    {
        var world = new World(options: World.Kept);
        AgentType Durable(AgentType type) => type with { Durability = AgentDurability.Durable };
        Agent agent = Spawn(world, Guests.Load(Guests.Counter, world), "counter", Durable);
        for (int i = 1; i <= 3; i++) Assert.Equal([(byte)i], world.Ask(agent, "count").Payload.ToArray());
        World again = world.Restart(types => types.Register(Durable(Guests.Load(Guests.Counter, world).ToType("counter"))));
        Assert.Equal([4], again.Ask(again.Host.Find(again.Scope, agent.Id)!, "count").Payload.ToArray());
    }

    [Theory]
    [InlineData("l", "longer than")]
    [InlineData("r", "stack")]
    [InlineData("t", "unreachable")]
    [InlineData("w", "out of bounds")]
    [InlineData("g", "unreachable")]
    [InlineData("f", "longer than")]
    [InlineData("i", "is no agent's id")]
    [InlineData("b", "output_set")]
    public void A_guest_that_misbehaves_fails_its_turn_and_hurts_nobody(string what, string error)
    {
        var world = new World();
        var log = new List<string>();
        var limits = new ModuleLimits { TurnTimeout = TimeSpan.FromMilliseconds(200), MemoryBytesMax = 1 << 20, LogCharactersPerTurn = 1_000, FuelPerTurn = 2_000_000_000 };
        AgentModule module = Guests.Load(Guests.Hostile, world, limits, log);
        SupervisionOptions once = new() { AttemptsMax = 1 };
        world.Types.Register(module.ToType("hostile") with { Supervision = once });
        Agent hostile = world.Machine.Run(() => world.Session.SpawnAsync("hostile").AsTask());
        Agent neighbour = world.Machine.Run(() => world.Session.SpawnAsync("hostile").AsTask());
        AgentReply reply = world.Ask(hostile, "do", what, TimeSpan.FromHours(1));
        Assert.Equal(ReplyOutcome.Failed, reply.Outcome);
        if (what is not ("l" or "f")) Assert.Contains(error, reply.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("ok", World.Text(world.Ask(neighbour, "do", "ok").Payload));
        Assert.Equal("ok", World.Text(world.Ask(hostile, "do", "ok").Payload));
        Assert.InRange(log.Sum(static text => text.Length), 0, 1_000);
    }

    [Fact]
    public async Task A_guest_that_loops_is_told_that_it_took_too_long_whoever_notices_first()
    {
        HostEnvironment machine = HostEnvironment.Production;
        WatResult guest = WatParser.Parse("""(module (func (export "on_message") (result i32) (loop $again (br $again)) (i32.const 0)))""", new WatOptions());
        var limits = new ModuleLimits { TurnTimeout = TimeSpan.FromMilliseconds(30), FuelPerTurn = long.MaxValue };
        AgentModule module = AgentModule.Load(guest.Module!.Value, ImmutableDictionary<string, string>.Empty, machine.Time, limits);
        SupervisionOptions patient = new() { AttemptsMax = 1, FailuresMax = 1_000, PauseMin = TimeSpan.Zero, PauseMax = TimeSpan.Zero };
        AgentTypes types = new AgentTypes().Register(module.ToType("looper") with { Supervision = patient });
        await using AgentHost host = await AgentHost.OpenAsync(machine, types, cancellation: TestContext.Current.CancellationToken);
        Session session = await host.OpenSessionAsync(new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()));
        Agent agent = await session.SpawnAsync("looper", cancellation: TestContext.Current.CancellationToken);
        for (int i = 0; i < 20; i++)
        {
            AgentReply reply = await agent.AskAsync("loop", default, TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Equal("TimeoutException: The turn took longer than its time-out of 0.03 s.", reply.Reason);
        }
    }

    [Fact]
    public void A_module_that_the_host_cannot_serve_is_refused_with_every_reason()
    {
        var world = new World();
        WatResult result = WatParser.Parse("""
            (module
              (import "extism:host/user" "launch_rocket" (func))
              (import "env" "puts" (func))
              (func (export "run")))
            """, new WatOptions());
        HypervisorException refused = Assert.Throws<HypervisorException>(() =>
            AgentModule.Load(result.Module!.Value, ImmutableDictionary<string, string>.Empty, world.Machine.Environment.Time));
        Assert.Equal(HypervisorErrors.ModuleInvalid, refused.Code);
        Assert.Contains("launch_rocket", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'puts' from 'env'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("exports none of on_message", refused.Message, StringComparison.Ordinal);
    }
}
