using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>Tasks: submitted, run and ended a second, in memory and on disk, beside BullMQ on a Redis that flushes each write; a large graph; and how soon a host with a million of them is at work again.</summary>
internal static class TaskRuns
{
    private const int Workers = 64, UnderWay = 1_024, GraphTasks = 100_000, Stored = 1_000_000;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);
    private static readonly byte[] Payload = new byte[100];

    public static async Task RunAsync(int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("sirsi-bench-").FullName;
        try
        {
            List<double> memory = [], durable = [], peers = [], quartz = [];
            for (int round = 0; round < rounds; round++)
            {
                memory.Add(await RateAsync(null, AgentDurability.Volatile));
                durable.Add(await RateAsync(Path.Combine(folder, $"r{round}"), AgentDurability.Durable));
                if (await BullMqRateAsync(folder) is { } peer) peers.Add(peer);
                if (await QuartzPeer.RateAsync(Payload, Round) is { } other) quartz.Add(other);
            }

            Console.WriteLine($"tasks of {Payload.Length} B submitted, run and ended, {UnderWay} under way, {Workers} agents, medians of {rounds}");
            Console.WriteLine($"in memory: {Messages.Median(memory):N0}/s; on disk, durable agents: {Messages.Median(durable):N0}/s");
            if (peers.Count > 0) Console.WriteLine($"BullMQ, Redis with appendfsync always, by turns: {Messages.Median(peers):N0}/s; ratio {Messages.Median(durable) / Messages.Median(peers):0.0}");
            if (quartz.Count > 0) Console.WriteLine($"Quartz, jobs in PostgreSQL, by turns: {Messages.Median(quartz):N0}/s; ratio {Messages.Median(durable) / Messages.Median(quartz):0.0}");
            await GraphAsync();
            await RecoverAsync(1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>How soon a host with a million stored tasks is at work again.</summary>
    public static async Task RecoverAsync(int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("sirsi-bench-").FullName;
        try
        {
            (ProjectScope scope, Id<SessionKind> session) = await StoreAsync(folder);
            for (int round = 0; round < rounds; round++) await RecoverAsync(folder, scope, session);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(AgentHost Host, Session Session)> OpenAsync(string? folder, AgentDurability durability, int agents)
    {
        HostEnvironment environment = HostEnvironment.Production;
        AgentTypes types = new AgentTypes().Register(new AgentType("worker", static () => new Worker()) { TakesTasks = true, Durability = durability });
        var options = new AgentHostOptions { Folder = folder, Tasks = new TaskOptions { WaitingMax = 10_000_000, ResultsMax = 10_000 } };
        AgentHost host = await AgentHost.OpenAsync(environment, types, options);
        Session session = await host.OpenSessionAsync(new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>()));
        for (int i = 0; i < agents; i++) await session.SpawnAsync("worker");
        return (host, session);
    }

    private static async Task<double> RateAsync(string? folder, AgentDurability durability)
    {
        (AgentHost host, Session session) = await OpenAsync(folder, durability, Workers);
        await using AgentHost owned = host;
        var spec = new TaskSpec("work", Payload);
        long done = 0, began = 0;
        bool ends = false;
        Task[] callers = [.. Enumerable.Range(0, UnderWay).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref ends))
            {
                SessionTask task = await session.SubmitAsync(spec);
                if (!await task.WaitAsync(TimeSpan.FromSeconds(60)) || task.State is not TaskState.Succeeded) throw new InvalidOperationException(task.Reason);
                Interlocked.Increment(ref done);
            }
        }))];
        await Task.Delay(TimeSpan.FromSeconds(1));
        (long before, began) = (Interlocked.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(Round);
        double rate = (Interlocked.Read(ref done) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Volatile.Write(ref ends, true);
        await Task.WhenAll(callers);
        return rate;
    }

    /// <summary>BullMQ's jobs per second; null when SIRSI_BENCH_BULLMQ names no folder in which npm has installed it.</summary>
    private static async Task<double?> BullMqRateAsync(string folder)
    {
        if (Environment.GetEnvironmentVariable("SIRSI_BENCH_BULLMQ") is not { Length: > 0 } modules) return null;
        int port = FreePort();
        string data = Directory.CreateDirectory(Path.Combine(folder, $"redis{port}")).FullName;
        using Process redis = Process.Start("redis-server", ["--port", $"{port}", "--dir", data, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--loglevel", "warning"]);
        try
        {
            await Task.Delay(500);
            string[] arguments = [Path.Combine(AppContext.BaseDirectory, "bullmq_peer.mjs"), modules, $"{port}", $"{UnderWay}", $"{Round.TotalSeconds}"];
            using Process node = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            string output = await node.StandardOutput.ReadToEndAsync();
            await node.WaitForExitAsync();
            return double.Parse(output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture);
        }
        finally
        {
            redis.Kill();
            await redis.WaitForExitAsync();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task GraphAsync()
    {
        (AgentHost host, Session session) = await OpenAsync(null, AgentDurability.Volatile, Workers);
        await using AgentHost owned = host;
        var random = new Random(1);
        ImmutableArray<TaskSpec> specs = [.. Enumerable.Range(0, GraphTasks).Select(place => new TaskSpec("work")
        {
            After = place < 3 ? [] : [TaskDependency.On(random.Next(place)), TaskDependency.On(random.Next(place)), TaskDependency.On(random.Next(place))],
        })];
        long began = Stopwatch.GetTimestamp();
        ImmutableArray<SessionTask> tasks = await session.SubmitAsync(specs);
        double submitted = Stopwatch.GetElapsedTime(began).TotalSeconds;
        foreach (SessionTask task in tasks) await task.WaitAsync(TimeSpan.FromMinutes(5));
        Console.WriteLine($"a graph of {GraphTasks:N0} tasks and {3 * GraphTasks:N0} dependencies: submitted in {submitted:0.00} s, all ended after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
    }

    private static async Task<(ProjectScope Scope, Id<SessionKind> Session)> StoreAsync(string folder)
    {
        (AgentHost host, Session session) = await OpenAsync(folder, AgentDurability.Durable, agents: 0);
        for (int at = 0; at < Stored; at += 1_000)
            await session.SubmitAsync([.. Enumerable.Range(0, 1_000).Select(static _ => new TaskSpec("work", Payload) { AgentType = "worker" })]);
        await host.DisposeAsync();
        return (session.Scope, session.Id);
    }

    private static async Task RecoverAsync(string folder, ProjectScope scope, Id<SessionKind> id)
    {
        GC.Collect();
        (long began, TimeSpan used, TimeSpan paused) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration());
        (AgentHost host, _) = await OpenAsync(folder, AgentDurability.Durable, agents: 0);
        double opened = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Session session = host.FindSession(scope, id)!;
        await session.SpawnAsync("worker");
        SessionTask first = session.Tasks().First(static task => !task.HasEnded);
        await first.WaitAsync(TimeSpan.FromMinutes(1));
        double worked = Stopwatch.GetElapsedTime(began).TotalSeconds;
        (used, paused) = (Environment.CpuUsage.TotalTime - used, GC.GetTotalPauseDuration() - paused);
        Console.WriteLine($"{Stored:N0} stored tasks: open in {opened:0.00} s, first one done after {worked:0.00} s, {used.TotalSeconds:0.00} s of processor time, {paused.TotalSeconds:0.00} s of it in collections, {GC.GetTotalMemory(forceFullCollection: true) >> 20:N0} MiB");
        await host.DisposeAsync();
    }

    private sealed class Worker : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

        public ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt) => ValueTask.FromResult<ReadOnlyMemory<byte>>(Payload);
    }
}
