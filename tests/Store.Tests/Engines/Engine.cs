using Npgsql;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store.Postgres;
using Sirsi.Store.Sqlite;

namespace Sirsi.Store.Tests.Engines;

/// <summary>A fresh place for a database of one kind, and a clock that can be moved.</summary>
public abstract class Engine : IAsyncDisposable
{
    protected Engine() => Environment = HostEnvironment.Production with { Time = Time };

    internal ShiftedTime Time { get; } = new();

    public HostEnvironment Environment { get; }

    public abstract DatabaseOptions Options { get; }

    public static ProjectScope NewScope() =>
        new(HostEnvironment.Production.Ids.Next<TenantKind>(), HostEnvironment.Production.Ids.Next<ProjectKind>());

    public Task<Database> OpenAsync(params MigrationSeries[] components) =>
        Database.OpenAsync(Options, components, Environment, TestContext.Current.CancellationToken);

    public abstract ValueTask DisposeAsync();
}

public sealed class SqliteEngine : Engine
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.File("store.db");

    public override DatabaseOptions Options => new SqliteOptions { Path = Path };

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>A database of its own on the server that <c>tests/servers</c> started.</summary>
public sealed class PostgresEngine : Engine
{
    private const string Variable = "SIRSI_TEST_POSTGRES";
    private readonly string _name = $"sirsi_{Guid.NewGuid():N}";

    private PostgresEngine()
    {
    }

    public override DatabaseOptions Options => Server() with { Name = _name, UseHostClock = true };

    public PostgresOptions Postgres => (PostgresOptions)Options;

    public static async Task<PostgresEngine> CreateAsync()
    {
        var engine = new PostgresEngine();
        await ExecuteAsync($"CREATE DATABASE {engine._name}");
        return engine;
    }

    public static PostgresOptions Server()
    {
        string? address = System.Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(address)) Assert.Skip($"skipped: no PostgreSQL server ({Variable} is not set; eval \"$(tests/servers start)\")");
        return PostgresOptions.Parse(address);
    }

    public static async Task ExecuteAsync(string sql, string? database = null)
    {
        PostgresOptions server = Server();
        await using var connection = new NpgsqlConnection((database is null ? server : server with { Name = database }).ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public override async ValueTask DisposeAsync() => await ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
}

/// <summary>Tests that every kind of database has to pass: written once, run for each.</summary>
public abstract class Contract : IAsyncLifetime
{
    protected Engine Engine { get; private set; } = null!;

    protected Database Database { get; set; } = null!;

    protected ProjectScope Scope { get; } = Engine.NewScope();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract ValueTask<Engine> CreateEngineAsync();

    public async ValueTask InitializeAsync()
    {
        Engine = await CreateEngineAsync();
        Database = await Engine.OpenAsync(Series);
    }

    /// <summary>Tables of the contract's own.</summary>
    protected virtual MigrationSeries[] Series => [];

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Database is not null) await Database.DisposeAsync();
        if (Engine is not null) await Engine.DisposeAsync();
    }
}
