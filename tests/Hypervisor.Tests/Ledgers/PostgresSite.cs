using System.Diagnostics;
using Npgsql;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Durability;
using Sirsi.Store;
using Sirsi.Store.Postgres;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>A database of its own on the server that <c>tests/servers</c> started, in real time. It loses the power when its database is closed under the host.</summary>
public sealed class PostgresSite : Site
{
    private const string Variable = "SIRSI_TEST_POSTGRES";

    private readonly string _name = $"sirsi_{Guid.NewGuid():N}";
    private readonly List<Database> _opened = [];
    private Database? _database;

    private PostgresSite()
    {
    }

    public override HostEnvironment Environment => HostEnvironment.Production;

    /// <summary>Where it is, for options that differ.</summary>
    public PostgresOptions Options => Server() with { Name = _name };

    /// <summary>Where it is, for another process.</summary>
    public string Url => $"postgres://{Options.User}@{Address}/{_name}";

    /// <summary>The server's address, <c>HOST:PORT</c>.</summary>
    public static string Address => $"{Server().Host}:{Server().Port}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<PostgresSite> CreateAsync()
    {
        var site = new PostgresSite();
        await ExecuteAsync($"CREATE DATABASE {site._name}", Server());
        return site;
    }

    public override Task<T> RunAsync<T>(Func<Task<T>> work) => work();

    public override async Task UntilAsync(Func<bool> isSo)
    {
        long began = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "It does not come about.");
            await Task.Delay(5, Cancellation);
        }
    }

    public override async Task<AgentHostOptions> OptionsAsync() => new() { Ledger = await LedgerAsync() };

    /// <summary>A ledger in a connection of its own, closed with the site.</summary>
    public async Task<DatabaseLedger> LedgerAsync(PostgresOptions options)
    {
        Database database = await Database.OpenAsync(options, [DatabaseLedger.Tables], Environment, Cancellation);
        _opened.Add(database);
        return new DatabaseLedger(database) { LeaseTime = TimeSpan.FromSeconds(1) };
    }

    public override async Task CrashAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
        _database = null;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(sql, Options);

    public async Task<long> CountAsync(string from) => await ScalarAsync($"SELECT COUNT(*) FROM {from}");

    public async Task<long> ScalarAsync(string sql)
    {
        await using NpgsqlConnection connection = await ConnectAsync(Options);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Ends every connection of others to the database.</summary>
    public Task EndBackendsAsync() =>
        ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}' AND pid <> pg_backend_pid()");

    public override async ValueTask DisposeAsync()
    {
        foreach (Database database in _opened) await database.DisposeAsync();
        await CrashAsync();
        await ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", Server());
    }

    internal override async Task<ILedgerStorage> OpenStorageAsync() => await DatabaseStorage.OpenAsync(Environment, await LedgerAsync(), Cancellation);

    private static PostgresOptions Server()
    {
        string? address = System.Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(address)) Assert.Skip($"skipped: no PostgreSQL server ({Variable} is not set; eval \"$(tests/servers start)\")");
        return PostgresOptions.Parse(address);
    }

    private static async Task<NpgsqlConnection> ConnectAsync(PostgresOptions options)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Name,
            Username = options.User,
            Password = options.Password,
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task ExecuteAsync(string sql, PostgresOptions options)
    {
        await using NpgsqlConnection connection = await ConnectAsync(options);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<DatabaseLedger> LedgerAsync()
    {
        _database ??= await Database.OpenAsync(Options, [DatabaseLedger.Tables], Environment, Cancellation);
        return new DatabaseLedger(_database) { LeaseTime = TimeSpan.FromSeconds(1) };
    }
}
