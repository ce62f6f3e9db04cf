using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>Durable runs of three steps, each on disk before the next, of 32 agents at once; beside what 32 ÷ (3 flushes) would allow.</summary>
internal static class DurableRuns
{
    private const int Agents = 32;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("sirsi-bench-").FullName;
        try
        {
            var rates = new List<double>();
            var flushes = new List<double>();
            var ratios = new List<double>();
            var peers = new List<double>();
            for (int round = 0; round < rounds; round++)
            {
                double flush = FlushMedian(folder), rate = await RateAsync(Path.Combine(folder, $"r{round}"));
                rates.Add(rate);
                flushes.Add(flush * 1e6);
                ratios.Add(rate / (Agents / (3 * flush)));
                if (await RestateRateAsync() is { } peer) peers.Add(peer);
            }

            Console.WriteLine($"three-step runs, {Agents} at once: {Messages.Median(rates):N0}/s; fdatasync p50 {Messages.Median(flushes):N0} µs; ratio to {Agents} ÷ 3 flushes {Messages.Median(ratios):0.00} (median of {rounds})");
            if (peers.Count > 0) Console.WriteLine($"Restate, by turns: {Messages.Median(peers):N0}/s; ratio {Messages.Median(rates) / Messages.Median(peers):0.0}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Restate's runs per second; null when SIRSI_BENCH_RESTATE names no folder in which npm has installed it.</summary>
    private static async Task<double?> RestateRateAsync()
    {
        if (Environment.GetEnvironmentVariable("SIRSI_BENCH_RESTATE") is not { Length: > 0 } folder) return null;
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "restate_peer.mjs"), folder, $"{Agents}", $"{Round.TotalSeconds}"];
        using Process process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? double.Parse(output.Trim().Split('\n')[^1], System.Globalization.CultureInfo.InvariantCulture) : throw new InvalidOperationException("Restate failed.");
    }

    private static async Task<double> RateAsync(string folder)
    {
        HostEnvironment environment = HostEnvironment.Production;
        AgentTypes types = new AgentTypes().Register(new AgentType("runner", static () => new Runner()) { Durability = AgentDurability.Durable });
        await using AgentHost host = await AgentHost.OpenAsync(environment, types, new AgentHostOptions { Folder = folder });
        Session session = await host.OpenSessionAsync(new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>()));
        Agent[] agents = await Task.WhenAll(Enumerable.Range(0, Agents).Select(_ => session.SpawnAsync("runner").AsTask()));
        long began = Stopwatch.GetTimestamp(), done = 0;
        await Task.WhenAll(agents.Select(async agent =>
        {
            while (Stopwatch.GetElapsedTime(began) < Round)
            {
                AgentReply reply = await agent.AskAsync("run", default, TimeSpan.FromSeconds(30));
                if (!reply.IsReplied) throw new InvalidOperationException(reply.Reason);
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static double FlushMedian(string folder)
    {
        string path = Path.Combine(folder, "flush");
        var times = new List<double>();
        using (FileStream file = File.Create(path))
        {
            file.SetLength(64 << 20);
            file.Flush(flushToDisk: true);
            byte[] page = new byte[4_096];
            for (int i = 0; i < 500; i++)
            {
                long began = Stopwatch.GetTimestamp();
                RandomAccess.Write(file.SafeFileHandle, page, i * 4_096L);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
                times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            }
        }

        File.Delete(path);
        return Messages.Median(times);
    }

    private sealed class Runner : IAgentBehavior
    {
        private static readonly byte[] Result = new byte[64];

        public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            for (int step = 0; step < 3; step++)
                await turn.StepAsync("step", StepPolicy.Repeat, static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(Result));
            turn.Reply(default);
        }
    }
}
