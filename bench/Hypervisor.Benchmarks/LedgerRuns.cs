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
using Sirsi.Store.Sqlite;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>
/// Durable turns per second, by turns in a folder, in SQLite and in the PostgreSQL database that SIRSI_TEST_POSTGRES names: agents that are asked one question after the other. A question is stored when it is taken, and again with what its turn
/// did, before it is answered.
/// </summary>
internal static class LedgerRuns
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);
    private static readonly HostEnvironment Machine = HostEnvironment.Production;

    public static async Task RunAsync(int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("sirsi-bench-").FullName;
        try
        {
            string? address = Environment.GetEnvironmentVariable("SIRSI_TEST_POSTGRES");
            foreach (int agents in (int[])[1, 32, 512])
            {
                var rates = new Dictionary<string, List<double>>(StringComparer.Ordinal) { ["folder"] = [], ["SQLite"] = [], ["PostgreSQL"] = [] };
                for (int round = 0; round < rounds; round++)
                {
                    string place = Path.Combine(folder, $"{agents}-{round}");
                    rates["folder"].Add(await RateAsync(new AgentHostOptions { Folder = place }, agents));
                    rates["SQLite"].Add(await RateAsync(new SqliteOptions { Path = place + "-sqlite/ledger.db" }, agents));
                    if (address is { Length: > 0 }) rates["PostgreSQL"].Add(await RateAsync(PostgresOptions.Parse(address), agents));
                }

                Console.WriteLine($"durable turns/s, {agents} agents: {string.Join(", ", rates.Where(static pair => pair.Value.Count > 0).Select(static pair => $"{pair.Key} {Messages.Median(pair.Value):N0}"))} (median of {rounds})");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> RateAsync(DatabaseOptions options, int agents)
    {
        await using Database database = await Database.OpenAsync(options, [DatabaseLedger.Tables], Machine, CancellationToken.None);
        var ledger = new DatabaseLedger(database) { Name = $"bench {Machine.Ids.Next():N}" };
        double rate = await RateAsync(new AgentHostOptions { Ledger = ledger }, agents);
        await database.RunAsync(unit => unit.ExecuteAsync("DELETE FROM sirsi_ledger WHERE ledger = $1", ledger.Name), CancellationToken.None);
        return rate;
    }

    private static async Task<double> RateAsync(AgentHostOptions options, int count)
    {
        AgentTypes types = new AgentTypes().Register(new AgentType("counter", static () => new Counter()) { Durability = AgentDurability.Durable });
        await using AgentHost host = await AgentHost.OpenAsync(Machine, types, options);
        Session session = await host.OpenSessionAsync(new ProjectScope(Machine.Ids.Next<TenantKind>(), Machine.Ids.Next<ProjectKind>()));
        Agent[] agents = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => session.SpawnAsync("counter").AsTask()));
        long began = Stopwatch.GetTimestamp(), done = 0;
        await Task.WhenAll(agents.Select(async agent =>
        {
            while (Stopwatch.GetElapsedTime(began) < Round)
            {
                AgentReply reply = await agent.AskAsync("add", default, TimeSpan.FromSeconds(30));
                if (!reply.IsReplied) throw new InvalidOperationException(reply.Reason);
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private sealed class Counter : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            int count = turn.TryGetVariable("count", out ReadOnlyMemory<byte> held) ? BitConverter.ToInt32(held.Span) : 0;
            turn.SetVariable("count", BitConverter.GetBytes(count + 1));
            turn.Reply(default);
            return ValueTask.CompletedTask;
        }
    }
}
