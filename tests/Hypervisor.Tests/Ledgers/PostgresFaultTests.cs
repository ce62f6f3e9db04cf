using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Health;
using Sirsi.Store.Postgres;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>Connections are cut and backends ended at any moment: nothing acknowledged is lost, nothing is stored twice.</summary>
[Trait("Suite", "slow")]
public sealed class PostgresFaultTests(ITestOutputHelper output)
{
    private const int Tellers = 24, Callers = 8;

    private static readonly CancellationToken None = CancellationToken.None;

    private static PostgresOptions Through(PostgresSite site, TcpProxy proxy) => site.Options with { Host = "127.0.0.1", Port = int.Parse(proxy.Address.Split(':')[1]) };

    private static async Task<List<string>> ReadAsync(ILedgerStorage storage)
    {
        var records = new List<string>();
        await storage.Turns.ReadAsync(1, record => records.Add(World.Text(record.ToArray())), None);
        return records;
    }

    /// <summary>Work that the server does at COMMIT, after which a client that is gone does not matter to it any more.</summary>
    private static Task DelayCommitsAsync(PostgresSite site) => site.ExecuteAsync(
        """
        CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON sirsi_ledger DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slowly();
        """);

    private static async Task UntilCommittingAsync(PostgresSite site)
    {
        while (await site.CountAsync("pg_stat_activity WHERE wait_event = 'PgSleep'") == 0) await Task.Delay(10, None);
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_while_the_server_works_on_it_counts_once()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        ILedgerStorage storage = await DatabaseStorage.OpenAsync(site.Environment, await site.LedgerAsync(Through(site, proxy)), None);
        await storage.Turns.AppendAsync(World.Bytes("before"));
        await DelayCommitsAsync(site);
        Task<long> cut = storage.Turns.AppendAsync(World.Bytes("cut")).AsTask();
        await UntilCommittingAsync(site);
        proxy.Cut();
        Task<long> behind = storage.Turns.AppendAsync(World.Bytes("behind")).AsTask();
        Assert.Equal((2, 3), (await cut, await behind));
        Assert.Equal(["before", "cut", "behind"], await ReadAsync(storage));
        await storage.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_that_the_server_gave_up_while_it_worked_on_it_is_done_again()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        ILedgerStorage storage = await DatabaseStorage.OpenAsync(site.Environment, await site.LedgerAsync(site.Options), None);
        await DelayCommitsAsync(site);
        Task<long> ended = storage.Turns.AppendAsync(World.Bytes("ended")).AsTask();
        await UntilCommittingAsync(site);
        await site.EndBackendsAsync();
        Assert.Equal(1, await ended);
        Assert.Equal(["ended"], await ReadAsync(storage));
        await storage.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_counts_also_when_another_host_has_the_ledger_meanwhile()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        DatabaseLedger ledger = await site.LedgerAsync(Through(site, proxy));
        ILedgerStorage first = await DatabaseStorage.OpenAsync(site.Environment, ledger, None);
        await DelayCommitsAsync(site);
        Task<long> cut = first.Turns.AppendAsync(World.Bytes("cut")).AsTask();
        await UntilCommittingAsync(site);
        proxy.Close();
        ILedgerStorage second = await DatabaseStorage.OpenAsync(site.Environment, await site.LedgerAsync(site.Options), None);
        Assert.Equal(["cut"], await ReadAsync(second));
        proxy.Open();
        Assert.Equal(1, await cut);
        HypervisorException refused = await Assert.ThrowsAsync<HypervisorException>(() => first.Turns.AppendAsync(World.Bytes("late")).AsTask());
        Assert.Equal(HypervisorErrors.StorageFailed, refused.Code);
        Assert.Equal(["cut"], await ReadAsync(second));
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Records_that_wait_at_the_same_time_share_a_transaction()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        ILedgerStorage storage = await DatabaseStorage.OpenAsync(site.Environment, await site.LedgerAsync(site.Options), None);
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => storage.Turns.AppendAsync(World.Bytes($"{i}")).AsTask()));
        Assert.InRange(await site.CountAsync("sirsi_ledger"), 3, 200);
        byte[] much = new byte[400_000];
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => storage.Turns.AppendAsync(much).AsTask()));
        Assert.InRange(await site.ScalarAsync("SELECT CAST(MAX(LENGTH(data)) AS INT8) FROM sirsi_ledger"), 800_000, 1 << 20);
        await storage.DisposeAsync();
    }

    [Fact]
    public async Task While_the_disk_of_the_database_is_full_turns_wait_and_those_outside_are_told()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Lives lives = await Lives.BeginAsync(await PostgresSite.CreateAsync(), types => types.Register(new AgentType("writer", () => new Behaving(async (turn, _) =>
        {
            await gate.Task;
            turn.SetVariable("written", World.Bytes("yes"));
        }))
        {
            Durability = AgentDurability.Durable,
        }));
        var site = (PostgresSite)lives.Site;
        Agent agent = await lives.SpawnAsync("writer");
        Assert.Equal(SendOutcome.Accepted, await lives.TellAsync(agent, "write"));
        await site.ExecuteAsync(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON sirsi_ledger FOR EACH ROW EXECUTE FUNCTION full_disk();
            """);
        HypervisorException full = await Assert.ThrowsAsync<HypervisorException>(() => lives.TellAsync(agent, "more"));
        Assert.Equal(HypervisorErrors.StorageFull, full.Code);
        gate.SetResult();
        Assert.Contains((await lives.Host.CheckHealthAsync(None)).Parts, static part => part.Name == "journal" && part.Status is HealthStatus.Degraded);
        Assert.Empty(lives.Read(agent, "written"));
        await site.ExecuteAsync("DROP TRIGGER full_disk ON sirsi_ledger");
        await lives.UntilAsync(agent, "written", "yes");
        Assert.Equal(SendOutcome.Accepted, await lives.TellAsync(agent, "more"));
    }

    [Fact]
    public async Task Checkpoints_keep_the_ledger_small()
    {
        await using Lives lives = await Lives.BeginAsync(await PostgresSite.CreateAsync(), static types => types.Register(Teller.Type), static options => options with { CheckpointBytes = 4_096 });
        Agent agent = await lives.SpawnAsync(Teller.Name);
        for (int i = 0; i < 300; i++) await lives.AskAsync(agent, "ask", $"{i} {Teller.Hops} 0");
        await lives.Site.RunAsync(() => lives.Host.CheckpointAsync());
        Assert.InRange(await ((PostgresSite)lives.Site).CountAsync("sirsi_ledger"), 2, 20);
        await lives.AgainAsync();
        Assert.Equal("300", lives.Read(agent, "handled"));
    }

    [Fact]
    public Task Transfers_balance_whatever_connection_is_cut_and_backend_ended() => CutAsync(seed: 57, TimeSpan.FromSeconds(8));

    [Fact, Trait("Suite", "full")]
    public Task Transfers_balance_however_long_connections_are_cut_and_backends_ended() => CutAsync(Environment.TickCount, TimeSpan.FromMinutes(3));

    /// <summary>Tellers hand amounts on, told by callers who write down what was acknowledged, while somebody cuts; then the host goes on elsewhere.</summary>
    private async Task CutAsync(int seed, TimeSpan time)
    {
        output.WriteLine($"seed {seed}");
        PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        DatabaseLedger ledger = await site.LedgerAsync(Through(site, proxy));
        bool isCutOff = true;
        await using Lives lives = await Lives.BeginAsync(site, static types => types.Register(Teller.Type),
            options => options with { Ledger = isCutOff ? ledger : options.Ledger, CheckpointBytes = 16 << 10 });
        Agent[] tellers = await Teller.SpawnAsync(lives, Tellers);
        using var over = new CancellationTokenSource(time);
        int cuts = 0, refused = 0;
        var acknowledged = new int[Callers];
        Task cutting = CutAtRandomAsync();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(CallAsync));
        await cutting;
        output.WriteLine($"{acknowledged.Sum()} chains acknowledged, {refused} refused, {cuts} cuts");
        Assert.True(acknowledged.Sum() > 20 && cuts > 5);
        await VerifyAsync();
        isCutOff = false;
        await ledger.Database.DisposeAsync();
        await lives.AgainAsync();
        await VerifyAsync();

        async Task CallAsync(int caller)
        {
            for (int chain = 0; !over.IsCancellationRequested; chain++)
            {
                while (tellers.Sum(static teller => teller.MailboxCount) > 200) await Task.Delay(1, None);
                try
                {
                    Assert.Equal(SendOutcome.Accepted, await lives.TellAsync(tellers[(caller * 7 + chain) % Tellers], "transfer", $"{chain} 1 0"));
                    acknowledged[caller]++;
                }
                catch (HypervisorException busy) when (busy.Code == HypervisorErrors.StorageBusy)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }

        async Task CutAtRandomAsync()
        {
            var random = new Random(seed);
            for (; !over.IsCancellationRequested; cuts++)
            {
                await Task.Delay(random.Next(1, 150), None);
                switch (random.Next(4))
                {
                    case 0: proxy.Cut(); break;
                    case 1: proxy.CutAfter(random.Next(1, 4_000)); break;
                    default: await site.EndBackendsAsync(); break;
                }
            }

            proxy.CutAfter(long.MaxValue);
        }

        async Task VerifyAsync()
        {
            await site.UntilAsync(() => tellers.All(teller => lives.Find(teller) is { MailboxCount: 0, Status: AgentStatus.Idle }) && Sum("handled") == Sum("begun") * Teller.Hops);
            Assert.Equal(acknowledged.Sum(), Sum("begun"));
            Assert.Equal(0, Sum("balance"));
            Assert.Equal(0, lives.Host.DeadLetters.Count);
        }

        int Sum(string name) => Teller.Sum(lives, tellers, name);
    }
}
