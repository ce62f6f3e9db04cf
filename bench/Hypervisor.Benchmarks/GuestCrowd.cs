using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Snapshots;
using Sirsi.Store;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>Guests in numbers: from spawning one to its first answer, many alive at once, copied, and moved to a new version under load.</summary>
internal static class GuestCrowd
{
    private const int Samples = 2_000, Live = 130_000, Copies = 300;

    /// <summary>Until then the runtime has compiled what runs often for good; Node's needs less, and has a second.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static byte[] Module(int pages) => WatParser.Parse(Text(pages, Touching(pages)), new WatOptions()).Module!.Value.ToArray();

    private static byte[] UntouchedModule() => WatParser.Parse(Text(1, ""), new WatOptions()).Module!.Value.ToArray();

    /// <summary>Answers with one byte.</summary>
    private static string Text(int pages, string start) => $$"""
        (module
          (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
          (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
          (import "extism:host/env" "output_set" (func $output (param i64 i64)))
          (memory (export "memory") {{pages}})
          {{start}}
          (func (export "on_message") (result i32) (local $block i64)
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
            (local.set $block (call $alloc (i64.const 1)))
            (call $store (local.get $block) (i32.load (i32.const 0)))
            (call $output (local.get $block) (i64.const 1))
            (i32.const 0)))
        """;

    /// <summary>Touches its memory everywhere when it starts.</summary>
    private static string Touching(int pages) => $$"""
        (func (export "on_start") (result i32) (local $at i32)
          (loop $next
            (i32.store (local.get $at) (i32.const 1))
            (local.set $at (i32.add (local.get $at) (i32.const 4096)))
            (br_if $next (i32.lt_u (local.get $at) (i32.const {{pages * 65_536}}))))
          (i32.const 0))
        """;

    public static async Task RunAsync(int rounds)
    {
        HostEnvironment environment = HostEnvironment.Production;
        AgentModule untouched = AgentModule.Load(UntouchedModule(), ImmutableDictionary<string, string>.Empty, environment.Time);
        AgentModule small = AgentModule.Load(Module(1), ImmutableDictionary<string, string>.Empty, environment.Time);
        AgentModule large = AgentModule.Load(Module(16), ImmutableDictionary<string, string>.Empty, environment.Time);
        AgentTypes types = new AgentTypes().Register(small.ToType("small") with { HibernateAfter = TimeSpan.FromDays(1) }).Register(large.ToType("large")).Register(untouched.ToType("untouched"));
        await using AgentHost host = await AgentHost.OpenAsync(environment, types);
        Session session = await host.OpenSessionAsync(new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>()), new SessionOptions { AgentsMax = 1_000_000 });
        await FirstAnswersAsync(session, rounds);
        await CopiesAsync(session);
        await ReplacementAsync(session, types);
        await ManyAsync(session);
    }

    private static async Task FirstAnswersAsync(Session session, int rounds)
    {
        List<double> medians = [], tails = [], theirMedians = [], theirTails = [];
        string file = Path.Combine(Directory.CreateTempSubdirectory("sirsi-bench-").FullName, "module.wasm");
        await File.WriteAllBytesAsync(file, UntouchedModule());
        long warmedFrom = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds + 1; round++)
        {
            var times = new List<double>(Samples);
            for (int i = 0; i < Samples || (round == 0 && Stopwatch.GetElapsedTime(warmedFrom) < WarmUp); i++)
            {
                long began = Stopwatch.GetTimestamp();
                Agent agent = await session.SpawnAsync("untouched");
                await AskAsync(agent);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
                await agent.StopAsync("measured");
            }

            times.Sort();
            if (round == 0) continue;
            medians.Add(times[Samples / 2]);
            tails.Add(times[(int)(Samples * 0.99)]);
            if (Peer.Numbers("node", "instance_peer.mjs", file, Samples.ToString(CultureInfo.InvariantCulture)) is not [double median, double tail]) continue;
            theirMedians.Add(median);
            theirTails.Add(tail);
        }

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Console.WriteLine($"spawn to first answer: p50 {Messages.Median(medians):0.0} µs, p99 {Messages.Median(tails):0} µs (medians of {rounds} × {Samples})");
        if (theirMedians.Count > 0) Console.WriteLine($"Node's instance of the same module, and the same calls, by turns: p50 {Messages.Median(theirMedians):0.0} µs, p99 {Messages.Median(theirTails):0} µs");
    }

    private static async Task CopiesAsync(Session session)
    {
        Agent agent = await session.SpawnAsync("large");
        await AskAsync(agent);
        List<double> resting = [], taking = [], setting = [], forking = [], answering = [];
        for (int i = 0; i < Copies; i++)
        {
            await AskAsync(agent);
            long began = Stopwatch.GetTimestamp();
            await agent.SuspendAsync("measured");
            await agent.ResumeAsync("measured");
            resting.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            began = Stopwatch.GetTimestamp();
            using AgentSnapshot snapshot = await agent.TakeSnapshotAsync();
            taking.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            began = Stopwatch.GetTimestamp();
            await agent.RestoreAsync(snapshot);
            setting.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            began = Stopwatch.GetTimestamp();
            Agent fork = await agent.ForkAsync();
            forking.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            await AskAsync(fork);
            answering.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
            await fork.StopAsync("measured");
        }

        Console.WriteLine($"a guest with 1 MiB: suspended and resumed {Percentiles(resting)}, snapshot {Percentiles(taking)}, set back {Percentiles(setting)}, fork {Percentiles(forking)}, fork to its first answer {Percentiles(answering)}");
    }

    /// <summary>The next version is compiled beside the load, as a registry does it, and no answer is kept, so that what is measured is not the measuring.</summary>
    private static async Task ReplacementAsync(Session session, AgentTypes types)
    {
        const int Messages = 40_000;
        Agent[] agents = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => session.SpawnAsync("small").AsTask()));
        foreach (Agent agent in agents) await AskAsync(agent);
        double[] times = new double[Messages];
        bool[] hasMoved = new bool[agents.Length], isFirst = new bool[Messages];
        var random = new Random(1);
        int left = Messages, answered = 0;
        var allOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<AgentModule>? loading = null;
        bool isReplaced = false;
        GC.Collect();
        long began = Stopwatch.GetTimestamp();
        for (int sent = 0; sent < Messages; sent++)
        {
            if (sent == Messages / 4) loading = Task.Run(static () => Warmed(AgentModule.Load(Module(1), ImmutableDictionary<string, string>.Empty, HostEnvironment.Production.Time)));
            if (!isReplaced && sent >= Messages / 2 && loading is { IsCompletedSuccessfully: true })
            {
                types.Replace((await loading).ToType("small") with { HibernateAfter = TimeSpan.FromDays(1) });
                isReplaced = true;
            }

            while (Stopwatch.GetElapsedTime(began).TotalSeconds * 10_000 < sent) await Task.Delay(1);
            int at = random.Next(agents.Length);
            isFirst[sent] = isReplaced && !hasMoved[at];
            hasMoved[at] |= isReplaced;
            _ = TimedAsync(agents[at], sent);
        }

        await allOver.Task;
        Console.WriteLine($"1,000 guests at 10,000 messages/s while their version is replaced: {Percentiles([.. times.Where(static time => time > 0)])} a message; {Percentiles([.. times.Where((time, i) => time > 0 && isFirst[i])])} the first of each with the new version; {answered} of {Messages} answered");
        await Task.WhenAll(agents.Select(agent => agent.StopAsync("measured")));

        async Task TimedAsync(Agent agent, int number)
        {
            long asked = Stopwatch.GetTimestamp();
            AgentReply reply = await agent.AskAsync("work", default, TimeSpan.FromSeconds(30));
            if (reply.IsReplied)
            {
                times[number] = Stopwatch.GetElapsedTime(asked).TotalMicroseconds;
                Interlocked.Increment(ref answered);
            }

            if (Interlocked.Decrement(ref left) == 0) allOver.SetResult();
        }
    }

    private static AgentModule Warmed(AgentModule module)
    {
        module.Warm();
        return module;
    }

    private static async Task ManyAsync(Session session)
    {
        GC.Collect();
        long before = Process.GetCurrentProcess().WorkingSet64;
        long began = Stopwatch.GetTimestamp();
        var agents = new Agent[Live];
        for (int at = 0; at < Live; at += 1_000)
        {
            Agent[] some = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => session.SpawnAsync("small").AsTask()));
            await Task.WhenAll(some.Select(AskAsync));
            some.CopyTo(agents, at);
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        long each = (process.WorkingSet64 - before) / Live;
        began = Stopwatch.GetTimestamp();
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++) await AskAsync(agents[random.Next(Live)]);
        Console.WriteLine($"{Live:N0} live guests in {seconds:0.0} s, {each:N0} bytes of memory each; then {10_000 / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} questions/s one after another");
    }

    private static async Task AskAsync(Agent agent)
    {
        AgentReply reply = await agent.AskAsync("work", default, TimeSpan.FromMinutes(1));
        if (!reply.IsReplied) throw new InvalidOperationException(reply.Reason);
    }

    private static string Percentiles(List<double> microseconds)
    {
        microseconds.Sort();
        return $"p50 {microseconds[microseconds.Count / 2]:0} µs, p99 {microseconds[(int)(microseconds.Count * 0.99)]:0} µs";
    }
}
