using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.CrashWriter;
using Sirsi.Hypervisor.Tests.Durability;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>A real process runs graphs of tasks on a real disk and is killed at random moments, again and again on the same folder: every task ends once in the ledger of results.</summary>
public sealed class TaskKillTests
{
    [Fact, Trait("Suite", "slow")]
    public Task Every_task_of_a_killed_host_ends_once() => KillAsync(kills: 5, seed: 3);

    [Fact, Trait("Suite", "full")]
    public async Task Every_task_ends_once_over_two_hundred_kills()
    {
        int seed = Environment.TickCount;
        for (int folder = 0; folder < 5; folder++) await KillAsync(kills: 40, unchecked(seed + folder));
    }

    private static async Task KillAsync(int kills, int seed)
    {
        using var folder = new TemporaryFolder();
        await using var doomed = new DoomedHost("tasks", folder.File("agents"), ready: "ready");
        await doomed.KillAsync(kills, seed, longest: 600, apart: 100_000);
        HashSet<int> submitted = [.. doomed.Said("submitted")];
        await VerifyAsync(doomed, submitted, kills);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills, {submitted.Count} graphs acknowledged, {doomed.Server.Effects.Count} effects in {doomed.Server.Requests} requests"));
    }

    private static async Task VerifyAsync(DoomedHost doomed, HashSet<int> submitted, int kills)
    {
        EffectServer server = doomed.Server;
        AgentTypes types = new AgentTypes().Register(GraphWorker.Type(server.Address));
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, types, await Account.OptionsAsync(doomed.Place));
        Session session = Assert.Single(host.Sessions(doomed.Scope));
        Assert.True(await host.RestAsync(TimeSpan.FromMinutes(2)), "The tasks do not come to their end.");
        SessionTask[] tasks = [.. session.Tasks()];
        Assert.All(tasks, static task => Assert.True(task.State is TaskState.Succeeded, $"{task.Id} is {task.State}: {task.Reason}"));
        int graphs = tasks.Length / GraphWorker.TasksOfGraph;
        Assert.Equal(graphs * GraphWorker.TasksOfGraph, tasks.Length);
        Assert.InRange(graphs, submitted.Count, submitted.Count + kills);
        Assert.Superset(submitted, tasks.Select(static task => int.Parse(task.Spec.IdempotencyKey!.Split('.')[0], CultureInfo.InvariantCulture)).ToHashSet());
        long[] numbers = [.. tasks.Select(static task => long.Parse(task.Result.Span, CultureInfo.InvariantCulture))];
        Assert.Equal(tasks.Length, numbers.Distinct().Count());

        // The ledger of results: what the workers keep, which came to be with the ends of the tasks.
        (long Done, long Sum)[] kept = [.. session.Agents().Select(GraphWorker.Read)];
        Assert.Equal((tasks.Length, numbers.Sum()), (kept.Sum(static worker => worker.Done), kept.Sum(static worker => worker.Sum)));
        Assert.Equal(numbers.Where(GraphWorker.IsTold).Order().Select(static number => number.ToString(CultureInfo.InvariantCulture)),
            server.Effects.Values.OrderBy(static told => long.Parse(told, CultureInfo.InvariantCulture)));
        foreach (SessionTask task in tasks)
        {
            foreach (TaskDependency dependency in task.After)
                Assert.True(host.Find(doomed.Scope, dependency.Task)!.EndedAt <= task.EndedAt, $"{task.Id} ended before {dependency.Task}, which it waited for.");
        }
    }
}
