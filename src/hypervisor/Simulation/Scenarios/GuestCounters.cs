using System.Collections.Immutable;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Modules;
using Sirsi.Wasm.Text;

namespace Sirsi.Simulation.Scenarios;

/// <summary>WebAssembly agents count, and trap now and then after they have counted. What they answer goes up by one each time, and no count is lost or made twice.</summary>
internal sealed class GuestCounters : Scenario
{
    private const int Guests = 2, Counts = 6;

    private const string Source = $"""
        (module
          (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
          (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
          (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
          (import "extism:host/env" "input_offset" (func $input (result i64)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
          (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
          (memory (export "memory") 1)
          {CounterGuest.Name}
          {CounterGuest.Trapping})
        """;

    private static readonly ReadOnlyMemory<byte> Binary = WatParser.Parse(Source, new WatOptions()).Module!.Value;

    private readonly AgentId[] _guests = new AgentId[Guests];
    private readonly int[] _answered = new int[Guests];
    private readonly int[] _asked = new int[Guests];

    public override void Register(AgentTypes types) => types.Register(
        AgentModule.Load(Binary, ImmutableDictionary<string, string>.Empty, World.Environment.Time).ToType("guest") with
        {
            Durability = AgentDurability.Durable,
            Supervision = new SupervisionOptions { AttemptsMax = 1, FailuresMax = 1_000_000, ProcessEndsMax = 1_000 },
            HibernateAfter = TimeSpan.FromSeconds(20),
        });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Guests; i++) _guests[i] = (await World.Session.SpawnAsync("guest")).Id;
    }

    public override Task ActAsync() => Task.WhenAll(Enumerable.Range(0, Guests).Select(ActAsync));

    private async Task ActAsync(int guest)
    {
        while (_answered[guest] < Counts)
        {
            Agent agent = World.Session.Find(_guests[guest])!;
            bool traps = World.Happens(0.3);
            if (!traps) _asked[guest]++;
            AgentReply reply = await agent.AskAsync("count", traps ? "t"u8.ToArray() : "c"u8.ToArray(), TimeSpan.FromMinutes(1));
            World.Require(!traps || !reply.IsReplied, $"A guest that trapped has answered.");
            if (reply.IsReplied)
            {
                int count = reply.Payload.Span[0];
                World.Require(count > _answered[guest] && count <= _asked[guest], $"A guest that had counted to {_answered[guest]} and was asked {_asked[guest]} times says {count}.");
                _answered[guest] = count;
            }

            await Task.Delay(TimeSpan.FromSeconds(World.Random.Next(3) == 0 ? 40 : 1), World.Environment.Time);
        }
    }

    public override Task JudgeAsync()
    {
        for (int i = 0; i < Guests; i++)
        {
            int count = World.Session.Find(_guests[i])!.CopyVariables()["n"].Span[0];
            World.Require(count >= _answered[i] && count <= _asked[i], $"A guest was asked {_asked[i]} times, has answered {_answered[i]} and counted {count}.");
        }

        return Task.CompletedTask;
    }
}
