using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;
using Sirsi.Store;
using Sirsi.Store.Postgres;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>A ledger is one host's at a time, and one that was taken over stores nothing more.</summary>
[Trait("Suite", "slow")]
public sealed class PostgresOwnerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private static PostgresOptions Through(PostgresSite site, TcpProxy proxy) =>
        site.Options with { Host = "127.0.0.1", Port = int.Parse(proxy.Address.Split(':')[1]), ReconnectTimeMax = TimeSpan.FromMilliseconds(300) };

    private static Task<ILedgerStorage> OpenAsync(PostgresSite site, DatabaseLedger ledger) => DatabaseStorage.OpenAsync(site.Environment, ledger, None);

    private static async Task<List<string>> ReadAsync(ILedgerStorage storage)
    {
        var records = new List<string>();
        await storage.Turns.ReadAsync(1, record => records.Add(World.Text(record.ToArray())), None);
        return records;
    }

    [Fact]
    public async Task Whoever_lost_its_connection_and_was_taken_over_stores_nothing_more_and_is_told_by_whom()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        ILedgerStorage first = await OpenAsync(site, await site.LedgerAsync(Through(site, proxy)));
        await first.Turns.AppendAsync(World.Bytes("first"));
        proxy.Close();
        ILedgerStorage second = await OpenAsync(site, await site.LedgerAsync(site.Options));
        await second.Turns.AppendAsync(World.Bytes("second"));
        proxy.Open();
        HypervisorException refused = await Assert.ThrowsAsync<HypervisorException>(() => first.Turns.AppendAsync(World.Bytes("late")).AsTask());
        Assert.Equal(HypervisorErrors.StorageFailed, refused.Code);
        Assert.Contains($"was taken over by process {Environment.ProcessId} on ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, first.Failure);
        await first.DisposeAsync();
        Assert.Equal(3, await second.Turns.AppendAsync(World.Bytes("third")));
        Assert.Equal(["first", "second", "third"], await ReadAsync(second));
    }

    [Fact]
    public async Task A_host_that_does_nothing_notices_that_it_was_taken_over()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        ILedgerStorage first = await OpenAsync(site, await site.LedgerAsync(Through(site, proxy)));
        proxy.Close();
        await OpenAsync(site, await site.LedgerAsync(site.Options));
        proxy.Open();
        await site.UntilAsync(() => first.Failure is not null);
        Assert.Contains("was taken over by", first.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_expired_while_the_database_was_away_is_still_its_holders_when_nobody_took_it()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        ILedgerStorage storage = await OpenAsync(site, await site.LedgerAsync(Through(site, proxy)));
        proxy.Close();
        await Task.Delay(TimeSpan.FromSeconds(1.5), None);
        HypervisorException busy = await Assert.ThrowsAsync<HypervisorException>(() => storage.Turns.AppendAsync(World.Bytes("lost")).AsTask());
        Assert.Equal(HypervisorErrors.StorageBusy, busy.Code);
        proxy.Open();
        Assert.Equal(1, await storage.Turns.AppendAsync(World.Bytes("kept")));
        while (await site.CountAsync("sirsi_lease WHERE expires_at > EXTRACT(EPOCH FROM clock_timestamp()) * 1000000") == 0) await Task.Delay(10, None);
        HypervisorException refused = await Assert.ThrowsAsync<HypervisorException>(async () => await OpenAsync(site, await site.LedgerAsync(site.Options)));
        Assert.Equal(HypervisorErrors.FolderInUse, refused.Code);
    }

    [Fact]
    public async Task A_machine_that_vanishes_inside_a_transaction_does_not_keep_the_ledger_from_its_successor()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using var proxy = new TcpProxy(PostgresSite.Address);
        PostgresOptions brief = Through(site, proxy) with { Limits = new DatabaseLimits { SessionTimeMax = TimeSpan.FromSeconds(2) } };
        ILedgerStorage first = await OpenAsync(site, await site.LedgerAsync(brief));
        await first.Turns.AppendAsync(World.Bytes("first"));
        // A trigger says when the insert is under way; then nothing comes through any more, and the server is left with an open transaction.
        await site.ExecuteAsync(
            """
            CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
            CREATE TRIGGER slowly AFTER INSERT ON sirsi_ledger FOR EACH ROW EXECUTE FUNCTION slowly();
            """);
        Task<long> cut = first.Turns.AppendAsync(World.Bytes("cut")).AsTask();
        await UntilInsertingAsync(site);
        proxy.Stall();
        await using var direct = (DatabaseStorage)await OpenAsync(site, await site.LedgerAsync(site.Options with { Limits = brief.Limits }));
        await direct.Turns.AppendAsync(World.Bytes("second"));
        Assert.Equal(["first", "second"], await ReadAsync(direct));
        proxy.Cut();
        _ = await Assert.ThrowsAsync<HypervisorException>(() => cut.WaitAsync(TimeSpan.FromSeconds(60), None));
    }

    [Fact]
    public async Task A_database_that_lost_what_it_had_acknowledged_is_noticed_before_anything_is_stored_behind_the_gap()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        ILedgerStorage storage = await OpenAsync(site, await site.LedgerAsync(site.Options));
        foreach (string record in (string[])["one", "two"]) await storage.Turns.AppendAsync(World.Bytes(record));
        await site.ExecuteAsync("DELETE FROM sirsi_ledger WHERE sequence = 2");
        HypervisorException refused = await Assert.ThrowsAsync<HypervisorException>(() => storage.Turns.AppendAsync(World.Bytes("three")).AsTask());
        Assert.Equal(HypervisorErrors.StorageFailed, refused.Code);
        Assert.Contains("set back", refused.Message, StringComparison.Ordinal);
        await storage.DisposeAsync();
        storage = await OpenAsync(site, await site.LedgerAsync(site.Options));
        Assert.Equal(2, await storage.Turns.AppendAsync(World.Bytes("two again")));
        Assert.Equal(["one", "two again"], await ReadAsync(storage));
    }

    [Fact]
    public async Task One_that_ends_in_order_is_followed_at_once_and_a_name_is_a_ledger_of_its_own()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        DatabaseLedger one = await site.LedgerAsync(site.Options) with { Name = "one", LeaseTime = TimeSpan.FromHours(1) }, other = one with { Name = "other" };
        ILedgerStorage first = await OpenAsync(site, one), beside = await OpenAsync(site, other);
        await first.Turns.AppendAsync(World.Bytes("of one"));
        await beside.Turns.AppendAsync(World.Bytes("of the other"));
        await first.DisposeAsync();
        ILedgerStorage next = await OpenAsync(site, one).WaitAsync(TimeSpan.FromSeconds(30), None);
        Assert.Equal(["of one"], await ReadAsync(next));
        Assert.Equal(["of the other"], await ReadAsync(beside));
        await next.DisposeAsync();
        await beside.DisposeAsync();
    }

    [Fact]
    public async Task A_database_without_the_tables_is_told_as_what_it_is()
    {
        await using PostgresSite site = await PostgresSite.CreateAsync();
        await using Database bare = await Database.OpenAsync(site.Options, [], site.Environment, None);
        HypervisorException refused = await Assert.ThrowsAsync<HypervisorException>(() =>
            AgentHost.OpenAsync(HostEnvironment.Production, new AgentTypes(), new AgentHostOptions { Ledger = new DatabaseLedger(bare) }, None));
        Assert.Equal(HypervisorErrors.StorageFailed, refused.Code);
        Assert.Contains("sirsi_ledger", refused.Message, StringComparison.Ordinal);
    }

    private static async Task UntilInsertingAsync(PostgresSite site)
    {
        while (await site.CountAsync("pg_stat_activity WHERE wait_event = 'PgSleep'") == 0) await Task.Delay(10, None);
    }
}
