using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>A million durable agents in one process, each with a variable: what they take, and how long one of them takes to answer.</summary>
internal static class Crowd
{
    private const int Count = 1_000_000;

    public static async Task RunAsync()
    {
        string folder = Directory.CreateTempSubdirectory("sirsi-bench-").FullName;
        try
        {
            HostEnvironment environment = HostEnvironment.Production;
            var scope = new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>());
            long began = Stopwatch.GetTimestamp();
            AgentTypes types = new AgentTypes().Register(new AgentType("keeper", static () => new Keeper()) { Durability = AgentDurability.Durable, HibernateAfter = TimeSpan.FromSeconds(5) });
            await using AgentHost host = await AgentHost.OpenAsync(environment, types, new AgentHostOptions { Folder = folder, JanitorPeriod = TimeSpan.FromSeconds(1) });
            var agents = new Agent[Count];
            for (int at = 0; at < Count; at += 1_000)
            {
                // A thousand sessions with a thousand agents each.
                Session session = await host.OpenSessionAsync(scope, new SessionOptions { AgentsMax = 1_000 });
                Agent[] some = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => session.SpawnAsync("keeper").AsTask()));
                await Task.WhenAll(some.Select(AskAsync));
                some.CopyTo(agents, at);
            }

            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            await Task.Delay(TimeSpan.FromSeconds(10));
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            var random = new Random(1);
            var times = new List<double>();
            for (int i = 0; i < 2_000; i++)
            {
                long asked = Stopwatch.GetTimestamp();
                await AskAsync(agents[random.Next(Count)]);
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
            }

            times.Sort();
            Console.WriteLine($"{host.AgentCount:N0} durable agents in 1,000 sessions in {seconds:0} s: working set {process.WorkingSet64 / (double)(1 << 30):0.00} GiB, peak {process.PeakWorkingSet64 / (double)(1 << 30):0.00} GiB, "
                + $"managed {GC.GetTotalMemory(true) / (double)(1 << 30):0.00} GiB; a durable answer of any: p50 {times[1_000]:0} µs, p99 {times[1_980]:0} µs");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task AskAsync(Agent agent)
    {
        AgentReply reply = await agent.AskAsync("keep", "some bytes"u8.ToArray(), TimeSpan.FromMinutes(1));
        if (!reply.IsReplied) throw new InvalidOperationException(reply.Reason);
    }

    private sealed class Keeper : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            turn.SetVariable("kept", message.Payload);
            turn.Reply(default);
            return ValueTask.CompletedTask;
        }
    }
}
