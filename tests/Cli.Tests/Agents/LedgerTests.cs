namespace Sirsi.Cli.Tests.Agents;

/// <summary>Agents in a database that the environment names; run as a process, for the environment is all tests'.</summary>
public sealed class LedgerTests : IDisposable
{
    private const string Variable = "SIRSI_LEDGER";

    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task Agents_are_kept_in_the_database_that_the_environment_names_and_go_where_a_backup_of_it_is_restored()
    {
        await _house.AddAsync();
        string database = _house.File("agents.db");
        await DoAsync(database, "session", "open", "--name", "demo");
        await DoAsync(database, "agent", "spawn", "counter", "--session", "demo");
        Assert.Contains("counter", await DoAsync(database, "agent", "list"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_house.Home, "journal")));
        Assert.Contains("No session is open", await _house.DoAsync("session", "list"), StringComparison.Ordinal);

        string backup = _house.File("agents.backup"), restored = _house.File("restored/agents.db");
        Assert.Equal(ExitCode.Ok, (await Cli.RunAsync("store", "backup", backup, "--database", database)).ExitCode);
        ProgramResult restoring = await Cli.RunAsync("store", "restore", backup, "--database", restored);
        Assert.True(restoring.ExitCode == ExitCode.Ok, restoring.Error);
        Assert.Contains("counter", await DoAsync(restored, "agent", "list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://me:s3cret@127.0.0.1:1/nothing?tls=never", ExitCode.Usage, Variable)]
    [InlineData("mysql://me:s3cret@127.0.0.1/nothing", ExitCode.Usage, Variable)]
    public async Task An_address_that_makes_no_sense_is_told_without_its_password(string address, int exitCode, string told)
    {
        ProgramResult result = await RunAsync(address, "session", "list");
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(told, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", result.Error + result.Output, StringComparison.Ordinal);
    }

    private async Task<string> DoAsync(string database, params string[] arguments)
    {
        ProgramResult result = await RunAsync(database, arguments);
        Assert.True(result.ExitCode == ExitCode.Ok, result.Error);
        return result.Output;
    }

    private Task<ProgramResult> RunAsync(string database, params string[] arguments) => ChildProcess.RunAsync(
        "dotnet", ["exec", typeof(CommandLine).Assembly.Location, .. arguments, "--home", _house.Home, "--dev"], environment: (Variable, database));
}
