using System.Collections.Immutable;
using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>Guests that loop for ever: how late they are stopped, and what their neighbours notice.</summary>
internal static class Runaways
{
    private const int Neighbours = 1_000, Clients = 8, Loopers = 2;
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(250), Round = TimeSpan.FromSeconds(4);

    /// <summary>Loops for ever when it gets anything.</summary>
    private const string Looper = """
        (module
          (import "extism:host/env" "input_length" (func $length (result i64)))
          (func (export "on_message") (result i32)
            (if (i64.ne (call $length) (i64.const 0)) (then (loop (br 0))))
            (i32.const 0)))
        """;

    public static async Task RunAsync(int rounds)
    {
        HostEnvironment environment = HostEnvironment.Production;
        AgentModule module = AgentModule.Load(
            WatParser.Parse(Looper, new WatOptions()).Module!.Value,
            ImmutableDictionary<string, string>.Empty, environment.Time, new ModuleLimits { TurnTimeout = Deadline, FuelPerTurn = long.MaxValue });
        AgentTypes types = new AgentTypes()
            .Register(module.ToType("looper") with { Supervision = new SupervisionOptions { AttemptsMax = 1, FailuresMax = 1_000_000, PauseMin = TimeSpan.Zero, PauseMax = TimeSpan.Zero } })
            .Register(new AgentType("neighbour", static () => new Neighbour()));
        await using AgentHost host = await AgentHost.OpenAsync(environment, types);
        Session session = await host.OpenSessionAsync(new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>()));
        Agent[] neighbours = await Task.WhenAll(Enumerable.Range(0, Neighbours).Select(_ => session.SpawnAsync("neighbour").AsTask()));
        Agent[] loopers = await Task.WhenAll(Enumerable.Range(0, Loopers).Select(_ => session.SpawnAsync("looper").AsTask()));
        await NeighboursAsync(neighbours);
        // From here on a turn begins as soon as it is asked for.
        foreach (Agent looper in loopers) await looper.AskAsync("rest", default, TimeSpan.FromSeconds(30));
        var quiet = new List<double>();
        var disturbed = new List<double>();
        var late = new List<double>();
        var first = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            quiet.Add(await NeighboursAsync(neighbours));
            using var end = new CancellationTokenSource(Round);
            Task<List<double>>[] looping = [.. loopers.Select(looper => LoopAsync(looper, end.Token))];
            disturbed.Add(await NeighboursAsync(neighbours));
            foreach (List<double> times in await Task.WhenAll(looping))
            {
                if (round == 0) first.Add(times[0]);
                late.AddRange(round == 0 ? times[1..] : times);
            }
        }

        late.Sort();
        Console.WriteLine($"stopped after the deadline: p50 {late[late.Count / 2]:0.0} ms, p99 {late[(int)(late.Count * 0.99)]:0.0} ms, most {late[^1]:0.0} ms ({late.Count} runs); the first of each in the process {first.Max():0.0} ms at most");
        Console.WriteLine($"neighbours' p99: {Messages.Median(quiet):0.00} ms alone, {Messages.Median(disturbed):0.00} ms beside {Loopers} loops on {Environment.ProcessorCount} cores (medians of {rounds})");
    }

    private static async Task<List<double>> LoopAsync(Agent looper, CancellationToken end)
    {
        var times = new List<double>();
        while (!end.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            await looper.AskAsync("loop", new byte[1], TimeSpan.FromSeconds(30), CancellationToken.None);
            times.Add((Stopwatch.GetElapsedTime(began) - Deadline).TotalMilliseconds);
        }

        return times;
    }

    private static async Task<double> NeighboursAsync(Agent[] neighbours)
    {
        var times = new List<double>();
        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var random = new Random(client);
            while (Stopwatch.GetElapsedTime(began) < Round)
            {
                long asked = Stopwatch.GetTimestamp();
                await neighbours[random.Next(neighbours.Length)].AskAsync("work", default, TimeSpan.FromSeconds(30));
                double milliseconds = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
                lock (times) times.Add(milliseconds);
                await Task.Delay(1);
            }
        }));
        times.Sort();
        return times[(int)(times.Count * 0.99)];
    }

    private sealed class Neighbour : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            for (int i = 0; i < 1_000; i++) Thread.SpinWait(1);
            turn.Reply(default);
            return ValueTask.CompletedTask;
        }
    }
}
