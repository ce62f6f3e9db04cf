using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>From opening a folder with 100,000 durable agents to the first answer of one of them; once from a checkpoint, once from the journal alone.</summary>
internal static class Restarting
{
    private const int Count = 100_000;

    public static async Task RunAsync(int rounds)
    {
        foreach (bool hasCheckpoint in (bool[])[false, true])
        {
            string folder = Directory.CreateTempSubdirectory("sirsi-bench-").FullName;
            try
            {
                (ProjectScope scope, AgentId one) = await FillAsync(folder, hasCheckpoint);
                var times = new List<double>();
                for (int round = 0; round < rounds; round++) times.Add(await OpenAsync(folder, scope, one));
                long bytes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length);
                Console.WriteLine($"{Count:N0} agents, {(hasCheckpoint ? "checkpoint" : "journal alone")}, {bytes >> 20} MiB on disk: first answer after {Messages.Median(times):N0} ms (median of {rounds}; {times.Max():N0} at most)");
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static async Task<(ProjectScope Scope, AgentId One)> FillAsync(string folder, bool hasCheckpoint)
    {
        HostEnvironment environment = HostEnvironment.Production;
        var scope = new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>());
        await using AgentHost host = await AgentHost.OpenAsync(environment, Types(), new AgentHostOptions { Folder = folder, CheckpointBytes = long.MaxValue });
        Session session = await host.OpenSessionAsync(scope, new SessionOptions { AgentsMax = Count });
        for (int spawned = 0; spawned < Count; spawned += 1_000) await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => session.SpawnAsync("keeper").AsTask()));
        Agent[] agents = [.. session.Agents()];
        foreach (Agent[] some in agents.Chunk(1_000))
            foreach (AgentReply reply in await Task.WhenAll(some.Select(static agent => agent.AskAsync("keep", new byte[100], TimeSpan.FromMinutes(1)).AsTask())))
                if (!reply.IsReplied) throw new InvalidOperationException(reply.Reason);
        if (hasCheckpoint) await host.CheckpointAsync();
        return (scope, agents[Count / 2].Id);
    }

    private static async Task<double> OpenAsync(string folder, ProjectScope scope, AgentId one)
    {
        long began = Stopwatch.GetTimestamp();
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, Types(), new AgentHostOptions { Folder = folder, CheckpointBytes = long.MaxValue });
        AgentReply reply = await host.Find(scope, one)!.AskAsync("keep", new byte[100], TimeSpan.FromMinutes(1));
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return reply.IsReplied && host.AgentCount == Count ? milliseconds : throw new InvalidOperationException("not all came back");
    }

    private static AgentTypes Types() => new AgentTypes().Register(new AgentType("keeper", static () => new Keeper()) { Durability = AgentDurability.Durable });

    private sealed class Keeper : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            turn.SetVariable("kept", message.Payload);
            if (message.IsAsked) turn.Reply(default);
            return ValueTask.CompletedTask;
        }
    }
}
