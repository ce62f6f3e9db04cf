using System.Diagnostics;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;
using Sirsi.Store.Postgres;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>From opening a folder, or a ledger in the PostgreSQL database that SIRSI_TEST_POSTGRES names, with 100,000 durable agents to the first answer of one of them; once from a checkpoint, once from the journal alone.</summary>
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
                string times = await MeasureAsync(new AgentHostOptions { Folder = folder }, hasCheckpoint, rounds);
                long bytes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length);
                Console.WriteLine($"{Count:N0} agents, {(hasCheckpoint ? "checkpoint" : "journal alone")}, {bytes >> 20} MiB on disk: {times}");
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }

            if (Environment.GetEnvironmentVariable("SIRSI_TEST_POSTGRES") is not { Length: > 0 } address) continue;
            await using Database database = await Database.OpenAsync(PostgresOptions.Parse(address), [DatabaseLedger.Tables], HostEnvironment.Production, CancellationToken.None);
            var ledger = new DatabaseLedger(database) { Name = $"bench {HostEnvironment.Production.Ids.Next():N}" };
            Console.WriteLine($"the same in PostgreSQL: {await MeasureAsync(new AgentHostOptions { Ledger = ledger }, hasCheckpoint, rounds)}");
            await database.RunAsync(unit => unit.ExecuteAsync("DELETE FROM sirsi_ledger WHERE ledger = $1", ledger.Name), CancellationToken.None);
        }
    }

    private static async Task<string> MeasureAsync(AgentHostOptions options, bool hasCheckpoint, int rounds)
    {
        options = options with { CheckpointBytes = long.MaxValue };
        (ProjectScope scope, AgentId one) = await FillAsync(options, hasCheckpoint);
        var times = new List<double>();
        for (int round = 0; round < rounds; round++) times.Add(await OpenAsync(options, scope, one));
        return $"first answer after {Messages.Median(times):N0} ms (median of {rounds}; {times.Max():N0} at most)";
    }

    private static async Task<(ProjectScope Scope, AgentId One)> FillAsync(AgentHostOptions options, bool hasCheckpoint)
    {
        HostEnvironment environment = HostEnvironment.Production;
        var scope = new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>());
        await using AgentHost host = await AgentHost.OpenAsync(environment, Types(), options);
        Session session = await host.OpenSessionAsync(scope, new SessionOptions { AgentsMax = Count });
        for (int spawned = 0; spawned < Count; spawned += 1_000) await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => session.SpawnAsync("keeper").AsTask()));
        Agent[] agents = [.. session.Agents()];
        foreach (Agent[] some in agents.Chunk(1_000))
            foreach (AgentReply reply in await Task.WhenAll(some.Select(static agent => agent.AskAsync("keep", new byte[100], TimeSpan.FromMinutes(1)).AsTask())))
                if (!reply.IsReplied) throw new InvalidOperationException(reply.Reason);
        if (hasCheckpoint) await host.CheckpointAsync();
        return (scope, agents[Count / 2].Id);
    }

    private static async Task<double> OpenAsync(AgentHostOptions options, ProjectScope scope, AgentId one)
    {
        long began = Stopwatch.GetTimestamp();
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, Types(), options);
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
