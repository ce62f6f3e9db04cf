using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;
using Sirsi.Store;
using Sirsi.Store.Sqlite;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>A machine with one ledger, over which hosts are opened one after the other, in simulated time or real.</summary>
public abstract class Site : IAsyncDisposable
{
    public abstract HostEnvironment Environment { get; }

    /// <summary>Runs work to its end, letting simulated time pass.</summary>
    public abstract Task<T> RunAsync<T>(Func<Task<T>> work);

    public Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Lets time pass until it is so.</summary>
    public abstract Task UntilAsync(Func<bool> isSo);

    /// <summary>What a host needs to be opened over the ledger.</summary>
    public abstract Task<AgentHostOptions> OptionsAsync();

    /// <summary>The ledger without a host.</summary>
    internal abstract Task<ILedgerStorage> OpenStorageAsync();

    /// <summary>Whoever has the ledger open loses the power, and with it what was not stored.</summary>
    public abstract Task CrashAsync();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A site in simulated time.</summary>
public abstract class SimulatedSite : Site
{
    private protected DeterministicHost Machine { get; } = new(seed: 57, StepOrder.Seeded);

    public override HostEnvironment Environment => Machine.Environment;

    public override Task<T> RunAsync<T>(Func<Task<T>> work) => Task.FromResult(Machine.Run(work));

    public override Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 100_000 && !isSo(); i++) Machine.Advance(TimeSpan.FromMilliseconds(10));
        Assert.True(isSo());
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

public sealed class FolderSite : SimulatedSite
{
    public override Task<AgentHostOptions> OptionsAsync() => Task.FromResult(World.Kept);

    public override Task CrashAsync()
    {
        Machine.Files.LosePower(new Random((int)Machine.Steps));
        return Task.CompletedTask;
    }

    internal override Task<ILedgerStorage> OpenStorageAsync() => RunAsync(() => JournalStorage.OpenAsync(Environment, "agents", TestContext.Current.CancellationToken));
}

/// <summary>A ledger in an SQLite file, whose database is closed under the host when it loses the power.</summary>
public sealed class SqliteSite : SimulatedSite
{
    private readonly TemporaryFolder _folder = new();
    private Database? _database;

    public override async Task<AgentHostOptions> OptionsAsync() => new() { Ledger = await LedgerAsync() };

    public override async Task CrashAsync()
    {
        if (_database is { } database) await RunAsync(() => database.DisposeAsync().AsTask());
        _database = null;
    }

    public override async ValueTask DisposeAsync()
    {
        await CrashAsync();
        _folder.Dispose();
        await base.DisposeAsync();
    }

    internal override async Task<ILedgerStorage> OpenStorageAsync()
    {
        DatabaseLedger ledger = await LedgerAsync();
        return await RunAsync(() => DatabaseStorage.OpenAsync(Environment, ledger, TestContext.Current.CancellationToken));
    }

    private async Task<DatabaseLedger> LedgerAsync()
    {
        _database ??= await RunAsync(() => Database.OpenAsync(new SqliteOptions { Path = _folder.File("ledger.db") }, [DatabaseLedger.Tables], Environment, TestContext.Current.CancellationToken));
        return new DatabaseLedger(_database);
    }
}
