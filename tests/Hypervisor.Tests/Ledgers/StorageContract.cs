using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>What the two logs of a ledger promise, wherever it lies.</summary>
public abstract class StorageContract
{
    protected abstract Task<Site> CreateSiteAsync();

    private static Task<long> AppendAsync(Site site, ILedgerLog log, string record) => site.RunAsync(() => log.AppendAsync(World.Bytes(record)).AsTask());

    private static async Task<(List<string> Records, long Next)> ReadAsync(Site site, ILedgerLog log, long from)
    {
        var records = new List<string>();
        long next = await site.RunAsync(() => log.ReadAsync(from, record => records.Add(World.Text(record.ToArray())), CancellationToken.None));
        return (records, next);
    }

    [Fact]
    public async Task Records_are_numbered_from_one_and_come_back_in_their_order_also_when_it_is_opened_again()
    {
        await using Site site = await CreateSiteAsync();
        ILedgerStorage storage = await site.OpenStorageAsync();
        Assert.Equal((1, 1), (storage.Turns.FirstSequence, storage.Turns.NextSequence));
        for (int i = 1; i <= 5; i++) Assert.Equal(i, await AppendAsync(site, storage.Turns, $"turn {i}"));
        Assert.Equal(1, await AppendAsync(site, storage.Checkpoints, "checkpoint"));
        for (int life = 0; life < 2; life++)
        {
            (List<string> records, long next) = await ReadAsync(site, storage.Turns, 1);
            Assert.Equal(["turn 1", "turn 2", "turn 3", "turn 4", "turn 5"], records);
            Assert.Equal((6, 6), (next, storage.Turns.NextSequence));
            Assert.Equal(["turn 4", "turn 5"], (await ReadAsync(site, storage.Turns, 4)).Records);
            Assert.Equal(["checkpoint"], (await ReadAsync(site, storage.Checkpoints, 1)).Records);
            await site.CrashAsync();
            storage = await site.OpenStorageAsync();
        }

        Assert.Equal(6, await AppendAsync(site, storage.Turns, "turn 6"));
    }

    [Fact]
    public async Task What_is_dropped_is_gone_at_most_what_is_kept_is_there_and_the_numbers_go_on()
    {
        await using Site site = await CreateSiteAsync();
        ILedgerStorage storage = await site.OpenStorageAsync();
        for (int i = 1; i <= 10; i++) await AppendAsync(site, storage.Turns, $"{i}");
        await site.RunAsync(() => storage.Turns.DropAsync(7));
        Assert.InRange(storage.Turns.FirstSequence, 1, 7);
        Assert.Equal(["7", "8", "9", "10"], (await ReadAsync(site, storage.Turns, 7)).Records);
        await site.RunAsync(() => storage.Turns.DropAsync(11));
        await site.RunAsync(() => storage.Turns.DropAsync(11));
        await site.CrashAsync();
        storage = await site.OpenStorageAsync();
        Assert.Equal(11, await AppendAsync(site, storage.Turns, "11"));
        Assert.Equal(["11"], (await ReadAsync(site, storage.Turns, 11)).Records);
    }

    [Fact]
    public async Task What_one_caller_gives_without_waiting_is_stored_in_that_order()
    {
        await using Site site = await CreateSiteAsync();
        ILedgerStorage storage = await site.OpenStorageAsync();
        long[] numbers = await site.RunAsync(() => Task.WhenAll(Enumerable.Range(0, 3_000).Select(i => storage.Turns.AppendAsync(World.Bytes($"{i}")).AsTask())));
        Assert.Equal(Enumerable.Range(1, 3_000).Select(static i => (long)i), numbers);
        Assert.Equal(Enumerable.Range(0, 3_000).Select(static i => $"{i}"), (await ReadAsync(site, storage.Turns, 1)).Records);
    }

    [Fact]
    public async Task More_than_a_page_is_read_in_pages()
    {
        await using Site site = await CreateSiteAsync();
        ILedgerStorage storage = await site.OpenStorageAsync();
        int[] lengths = [.. Enumerable.Range(0, 30).Select(static i => i % 3 == 0 ? HostLedger.RecordBytesMax - i : 300_000 + i), 0, 1];
        foreach (int length in lengths) await AppendAsync(site, storage.Turns, new string('x', length));
        Assert.Equal(lengths, (await ReadAsync(site, storage.Turns, 1)).Records.Select(static record => record.Length));
    }

    [Fact]
    public async Task What_comes_after_it_was_closed_is_refused()
    {
        await using Site site = await CreateSiteAsync();
        ILedgerStorage storage = await site.OpenStorageAsync();
        await AppendAsync(site, storage.Turns, "before");
        await site.RunAsync(() => storage.DisposeAsync().AsTask());
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(site, storage.Turns, "after"));
        Assert.Equal(HypervisorErrors.StorageFailed, storage.MeaningOf(refused)!.Code);
        storage = await site.OpenStorageAsync();
        Assert.Equal(["before"], (await ReadAsync(site, storage.Turns, 1)).Records);
    }
}

public sealed class FolderStorageTests : StorageContract
{
    protected override Task<Site> CreateSiteAsync() => Task.FromResult<Site>(new FolderSite());
}

public sealed class SqliteStorageTests : StorageContract
{
    protected override Task<Site> CreateSiteAsync() => Task.FromResult<Site>(new SqliteSite());
}

[Trait("Suite", "slow")]
public sealed class PostgresStorageTests : StorageContract
{
    protected override async Task<Site> CreateSiteAsync() => await PostgresSite.CreateAsync();
}
