using System.Diagnostics;
using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.CrashWriter;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>A real process hosts durable agents on a real disk and is killed at random moments, again and again on the same folder.</summary>
public sealed class KillTests
{
    private const int Accounts = 1_000;

    private readonly HashSet<int> _started = [];
    private readonly List<int> _openings = [];

    [Fact, Trait("Suite", "slow")]
    public Task A_killed_host_loses_nothing_and_repeats_no_effect() => KillAsync(kills: 5, seed: 1);

    [Fact, Trait("Suite", "full")]
    public async Task Two_hundred_kills_lose_nothing_and_repeat_no_effect()
    {
        int seed = Environment.TickCount;
        for (int folder = 0; folder < 5; folder++)
        {
            await KillAsync(kills: 40, unchecked(seed + folder));
            _started.Clear();
        }
    }

    private async Task KillAsync(int kills, int seed)
    {
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        await using var server = new EffectServer();
        HostEnvironment machine = HostEnvironment.Production;
        var scope = new ProjectScope(machine.Ids.Next<Core.Identity.TenantKind>(), machine.Ids.Next<Core.Identity.ProjectKind>());
        for (int kill = 0; kill < kills; kill++) await RunAndKillAsync(folder.File("agents"), scope, server, firstChain: kill * 1_000_000, random.Next(1, 700), isLast: kill == kills - 1);
        await VerifyAsync(folder.File("agents"), scope, server, kills);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills, {_started.Count} chains acknowledged, {server.Effects.Count} effects in {server.Requests} requests, opened in {_openings.Max()} ms at most"));
    }

    private async Task RunAndKillAsync(string folder, ProjectScope scope, EffectServer server, int firstChain, int milliseconds, bool isLast)
    {
        var spawned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using DoomedProcess process = DoomedProcess.Start("CrashWriter",
            ["agents", folder, $"{Accounts}", scope.Tenant.ToString(), scope.Project.ToString(), $"{firstChain}", server.Address.ToString()],
            line =>
            {
                if (line == "spawned") spawned.TrySetResult();
            });
        await process.UntilItSpeaksAsync();
        // However slow the machine, the accounts to be counted are there in the end.
        if (isLast) await spawned.Task.WaitAsync(TimeSpan.FromMinutes(2));
        await Task.Delay(milliseconds);
        foreach (string line in await process.KillAsync())
        {
            if (line.StartsWith("started ", StringComparison.Ordinal)) _started.Add(int.Parse(line["started ".Length..], CultureInfo.InvariantCulture));
            if (line.StartsWith("open ", StringComparison.Ordinal)) _openings.Add(int.Parse(line["open ".Length..], CultureInfo.InvariantCulture));
        }
    }

    private async Task VerifyAsync(string folder, ProjectScope scope, EffectServer server, int kills)
    {
        AgentTypes types = new AgentTypes().Register(Account.Type(server.Address));
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, types, Account.Options(folder));
        Agent[] accounts = [.. Assert.Single(host.Sessions(scope)).Agents()];
        Assert.Equal(Accounts, accounts.Length);
        await UntilIdleAsync(accounts);
        (int Begun, int Handled, int Balance)[] kept = [.. accounts.Select(Account.Read)];
        Assert.Equal(0, host.DeadLetters.Count);
        int begun = kept.Sum(static account => account.Begun);
        Assert.InRange(begun, _started.Count, _started.Count + kills);
        Assert.Equal(begun * Account.Hops, kept.Sum(static account => account.Handled));
        Assert.Equal(Accounts * Account.Balance, kept.Sum(static account => account.Balance));
        Assert.Equal(begun * (Account.Hops / 10), server.Effects.Count);
        Assert.Equal(server.Effects.Count, server.Effects.Values.Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>Nobody has had anything to do for a while; who still has after two minutes hangs.</summary>
    private static async Task UntilIdleAsync(Agent[] accounts)
    {
        long began = Stopwatch.GetTimestamp();
        for (int quiet = 0; quiet < 10; quiet = accounts.All(static agent => agent.Status is AgentStatus.Idle) ? quiet + 1 : 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2), "the accounts do not come to rest");
            await Task.Delay(20);
        }
    }
}
