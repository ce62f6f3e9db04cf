using System.Diagnostics;
using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.CrashWriter;
using Sirsi.Hypervisor.Tests.Ledgers;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>A real process hosts durable agents on a real disk, or in a database, and is killed at random moments, again and again on the same folder or database.</summary>
public sealed class KillTests
{
    private int _accounts = 1_000;

    [Fact, Trait("Suite", "slow")]
    public Task A_killed_host_loses_nothing_and_repeats_no_effect() => KillAsync(kills: 5, seed: 1);

    [Fact, Trait("Suite", "slow")]
    public async Task A_killed_host_that_keeps_its_agents_in_PostgreSQL_loses_nothing_and_repeats_no_effect()
    {
        _accounts = 100;
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await KillAsync(site.Url, kills: 5, seed: 2);
    }

    [Fact, Trait("Suite", "full")]
    public async Task Forty_kills_of_a_host_that_keeps_its_agents_in_PostgreSQL_lose_nothing_and_repeat_no_effect()
    {
        _accounts = 100;
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await KillAsync(site.Url, kills: 40, Environment.TickCount);
    }

    [Fact, Trait("Suite", "full")]
    public async Task Two_hundred_kills_lose_nothing_and_repeat_no_effect()
    {
        int seed = Environment.TickCount;
        for (int folder = 0; folder < 5; folder++) await KillAsync(kills: 40, unchecked(seed + folder));
    }

    private async Task KillAsync(int kills, int seed)
    {
        using var folder = new TemporaryFolder();
        await KillAsync(folder.File("agents"), kills, seed);
    }

    private async Task KillAsync(string place, int kills, int seed)
    {
        await using var doomed = new DoomedHost("agents", place, ready: "spawned");
        await doomed.KillAsync(kills, seed, longest: 700, apart: 1_000_000, $"{_accounts}");
        int started = doomed.Said("started").Distinct().Count();
        await VerifyAsync(doomed, started, kills);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{kills} kills, {started} chains acknowledged, {doomed.Server.Effects.Count} effects in {doomed.Server.Requests} requests, opened in {doomed.Said("open").Max()} ms at most"));
    }

    private async Task VerifyAsync(DoomedHost doomed, int started, int kills)
    {
        EffectServer server = doomed.Server;
        AgentTypes types = new AgentTypes().Register(Account.Type(server.Address));
        AgentHostOptions options = await Account.OptionsAsync(doomed.Place);
        await using Database? database = options.Ledger?.Database;
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, types, options);
        Agent[] accounts = [.. Assert.Single(host.Sessions(doomed.Scope)).Agents()];
        Assert.Equal(_accounts, accounts.Length);
        await UntilIdleAsync(accounts);
        (int Begun, int Handled, int Balance)[] kept = [.. accounts.Select(Account.Read)];
        Assert.Equal(0, host.DeadLetters.Count);
        int begun = kept.Sum(static account => account.Begun);
        Assert.InRange(begun, started, started + kills);
        Assert.Equal(begun * Account.Hops, kept.Sum(static account => account.Handled));
        Assert.Equal(_accounts * Account.Balance, kept.Sum(static account => account.Balance));
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
