using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>Making agents that have had their first turn, beside Erlang processes that have run.</summary>
internal static class Spawning
{
    private const int Count = 200_000;

    public static async Task RunAsync(int rounds)
    {
        var times = new List<double>();
        var bytes = new List<double>();
        var theirTimes = new List<double>();
        var theirBytes = new List<double>();
        await OursAsync();
        for (int round = 0; round < rounds; round++)
        {
            (double seconds, double each) = await OursAsync();
            times.Add(seconds / Count * 1e6);
            bytes.Add(each);
            if (Peer.Erlang("spawn", Count, 0) is not [double theirs, double theirEach]) continue;
            theirTimes.Add(theirs / Count * 1e6);
            theirBytes.Add(theirEach);
        }

        Console.WriteLine($"ours: {Messages.Median(times):0.00} µs and {Messages.Median(bytes):N0} bytes an agent");
        if (theirTimes.Count > 0) Console.WriteLine($"Erlang: {Messages.Median(theirTimes):0.00} µs and {Messages.Median(theirBytes):N0} bytes a process");
    }

    private static async Task<(double Seconds, double Bytes)> OursAsync()
    {
        HostEnvironment environment = HostEnvironment.Production;
        AgentTypes types = new AgentTypes().Register(new AgentType("quiet", static () => new Quiet()));
        await using AgentHost host = await AgentHost.OpenAsync(environment, types);
        Session session = await host.OpenSessionAsync(
            new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>()), new SessionOptions { AgentsMax = Count });
        long before = GC.GetTotalMemory(forceFullCollection: true), began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Count; i++) await session.SpawnAsync("quiet");
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        while (session.Agents().Any(static agent => agent.Status is not AgentStatus.Idle)) await Task.Delay(10);
        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Count;
        return (seconds, each);
    }

    private sealed class Quiet : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;
    }
}
