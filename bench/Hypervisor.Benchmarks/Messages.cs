using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>Messages between pairs of agents, with quotas, trace context and counters on, beside Erlang processes that do the same.</summary>
internal static class Messages
{
    public static async Task RunAsync(int rounds)
    {
        Console.WriteLine("pairs, our messages/s, Erlang's messages/s, ratio (medians of {0}, by turns)", rounds);
        foreach ((int pairs, int each) in ((int, int)[])[(64, 30_000), (1, 1_000_000)])
        {
            var ours = new List<double>();
            var theirs = new List<double>();
            await OursAsync(pairs, each);
            for (int round = 0; round < rounds; round++)
            {
                ours.Add(2.0 * pairs * each / await OursAsync(pairs, each));
                if (Peer.Erlang("pairs", pairs, each) is [double seconds]) theirs.Add(2.0 * pairs * each / seconds);
            }

            Console.WriteLine(theirs.Count == 0
                ? $"{pairs,5} {Median(ours),15:N0}  (no Erlang here)"
                : $"{pairs,5} {Median(ours),15:N0} {Median(theirs),15:N0} {Median([.. ours.Zip(theirs, static (a, b) => a / b)]),8:0.00}");
        }
    }

    internal static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static async Task<double> OursAsync(int pairs, int rounds)
    {
        HostEnvironment environment = HostEnvironment.Production;
        using var allDone = new CountdownEvent(pairs);
        AgentTypes types = new AgentTypes().Register(new AgentType("pinging", () => new Pinging(() => allDone.Signal())));
        await using AgentHost host = await AgentHost.OpenAsync(environment, types);
        Session session = await host.OpenSessionAsync(new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>()));
        var agents = new List<(Agent Ping, Agent Pong)>();
        for (int i = 0; i < pairs; i++) agents.Add((await session.SpawnAsync("pinging"), await session.SpawnAsync("pinging")));
        long began = Stopwatch.GetTimestamp();
        foreach ((Agent ping, Agent pong) in agents)
        {
            byte[] payload = new byte[8 + AgentId.TextLength];
            BinaryPrimitives.WriteInt64LittleEndian(payload, rounds);
            Encoding.UTF8.GetBytes(pong.Id.ToString(), payload.AsSpan(8));
            await ping.TellAsync("go", payload);
        }

        allDone.Wait();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
