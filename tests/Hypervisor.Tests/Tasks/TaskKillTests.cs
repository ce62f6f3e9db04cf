using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.CrashWriter;
using Sirsi.Hypervisor.Tests.Durability;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>A real process runs graphs of tasks on a real disk and is killed at random moments, again and again on the same folder: every task ends once in the ledger of results.</summary>
public sealed class TaskKillTests
{
    private readonly HashSet<int> _submitted = [];

    [Fact, Trait("Suite", "slow")]
    public Task Every_task_of_a_killed_host_ends_once() => KillAsync(kills: 5, seed: 3);

    [Fact, Trait("Suite", "full")]
    public async Task Every_task_ends_once_over_two_hundred_kills()
    {
        int seed = Environment.TickCount;
        for (int folder = 0; folder < 5; folder++)
        {
            await KillAsync(kills: 40, unchecked(seed + folder));
            _submitted.Clear();
        }
    }

    private async Task KillAsync(int kills, int seed)
    {
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        string place = folder.File("agents");
        await using var server = new EffectServer();
        HostEnvironment machine = HostEnvironment.Production;
        var scope = new ProjectScope(machine.Ids.Next<Core.Identity.TenantKind>(), machine.Ids.Next<Core.Identity.ProjectKind>());
        for (int kill = 0; kill < kills; kill++) await RunAndKillAsync(place, scope, server, firstGraph: kill * 100_000, random.Next(1, 600), isLate: kill % 2 == 1 || kill == kills - 1);
        await VerifyAsync(place, scope, server, kills);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kills} kills, {_submitted.Count} graphs acknowledged, {server.Effects.Count} effects in {server.Requests} requests"));
    }

    private async Task RunAndKillAsync(string place, ProjectScope scope, EffectServer server, int firstGraph, int milliseconds, bool isLate)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using DoomedProcess process = DoomedProcess.Start("CrashWriter",
            ["tasks", place, scope.Tenant.ToString(), scope.Project.ToString(), $"{firstGraph}", server.Address.ToString()],
            line =>
            {
                if (line == "ready") ready.TrySetResult();
            });
        await process.UntilItSpeaksAsync();
        // However slow the machine, every other time there are graphs to be cut off, and in the end the workers are there.
        if (isLate) await ready.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await Task.Delay(milliseconds);
        foreach (string line in await process.KillAsync())
            if (line.StartsWith("submitted ", StringComparison.Ordinal)) _submitted.Add(int.Parse(line["submitted ".Length..], CultureInfo.InvariantCulture));
    }

    private async Task VerifyAsync(string place, ProjectScope scope, EffectServer server, int kills)
    {
        AgentTypes types = new AgentTypes().Register(GraphWorker.Type(server.Address));
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, types, await Account.OptionsAsync(place));
        Session session = Assert.Single(host.Sessions(scope));
        Assert.True(await host.RestAsync(TimeSpan.FromMinutes(2)), "The tasks do not come to their end.");
        SessionTask[] tasks = [.. session.Tasks()];
        Assert.All(tasks, static task => Assert.True(task.State is TaskState.Succeeded, $"{task.Id} is {task.State}: {task.Reason}"));
        int graphs = tasks.Length / GraphWorker.TasksOfGraph;
        Assert.Equal(graphs * GraphWorker.TasksOfGraph, tasks.Length);
        Assert.InRange(graphs, _submitted.Count, _submitted.Count + kills);
        Assert.Superset(_submitted, tasks.Select(static task => int.Parse(task.Spec.IdempotencyKey!.Split('.')[0], CultureInfo.InvariantCulture)).ToHashSet());
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
                Assert.True(host.Find(scope, dependency.Task)!.EndedAt <= task.EndedAt, $"{task.Id} ended before {dependency.Task}, which it waited for.");
        }
    }
}
