using System.Text.Json;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store;
using Sirsi.Store.Sqlite;

namespace Sirsi.Cli.Tests;

public sealed class StoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("store/store.db");

    [Fact]
    public async Task A_backup_is_restored_into_a_new_database()
    {
        await FillAsync(3);
        string backup = _folder.File("b.backup");
        ProgramResult taken = await Cli.RunAsync("store", "backup", backup, "--database", Path, "--json");
        Assert.True(taken.ExitCode == ExitCode.Ok, taken.Error);
        using JsonDocument document = JsonDocument.Parse(taken.Output);
        Assert.Equal("sirsi.store-backup-summary/1", document.RootElement.GetProperty("schema").GetString());
        ProgramResult restored = await Cli.RunAsync("store", "restore", backup, "--database", _folder.File("new/store.db"));
        Assert.True(restored.ExitCode == ExitCode.Ok, restored.Error);
        Assert.Matches(@"sirsi_value\s+3\n", restored.Output);
        ProgramResult check = await Cli.RunAsync("store", "check", "--database", _folder.File("new/store.db"));
        Assert.Equal(ExitCode.Ok, check.ExitCode);
        Assert.Contains("is sound", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_is_taken_while_another_process_has_the_database_open()
    {
        await FillAsync(1);
        await using Database held = await OpenAsync();
        ProgramResult taken = await Cli.RunAsync("store", "backup", _folder.File("b.backup"), "-d", Path);
        Assert.True(taken.ExitCode == ExitCode.Ok, taken.Error);
        ProgramResult refused = await Cli.RunAsync("store", "restore", _folder.File("b.backup"), "-d", Path, "--replace");
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains(StoreErrors.InUse.ToString(), refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_is_replaced_only_when_asked()
    {
        await FillAsync(2);
        string backup = _folder.File("b.backup");
        await Cli.RunAsync("store", "backup", backup, "-d", Path);
        ProgramResult refused = await Cli.RunAsync("store", "restore", backup, "-d", Path);
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains(StoreErrors.RestoreRefused.ToString(), refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await Cli.RunAsync("store", "restore", backup, "-d", Path, "--replace")).ExitCode);
    }

    [Fact]
    public async Task A_check_that_finds_damage_fails()
    {
        await FillAsync(40);
        await using (Database database = await OpenAsync())
            await database.RunAsync(static unit => unit.ExecuteAsync("DELETE FROM sirsi_change WHERE version = 2"), CancellationToken.None);
        ProgramResult result = await Cli.RunAsync("store", "check", "-d", Path, "--json");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.False(document.RootElement.GetProperty("sound").GetBoolean());
    }

    [Fact]
    public async Task A_damaged_backup_and_an_existing_file_are_refused()
    {
        await FillAsync(1);
        string backup = _folder.File("b.backup");
        await Cli.RunAsync("store", "backup", backup, "-d", Path);
        ProgramResult again = await Cli.RunAsync("store", "backup", backup, "-d", Path);
        Assert.Equal(ExitCode.Usage, again.ExitCode);
        Assert.Contains("--force", again.Error, StringComparison.Ordinal);
        byte[] bytes = await File.ReadAllBytesAsync(backup);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(backup, bytes);
        ProgramResult check = await Cli.RunAsync("store", "check", "--backup", backup);
        Assert.Equal(ExitCode.Failed, check.ExitCode);
        Assert.Contains(StoreErrors.BackupInvalid.ToString(), check.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mysql://u@h/d")]
    [InlineData("postgres://nobody")]
    public async Task An_address_that_makes_no_sense_is_misuse(string address) =>
        Assert.Equal(ExitCode.Usage, (await Cli.RunAsync("store", "check", "-d", address)).ExitCode);

    [Fact]
    public async Task A_database_that_is_not_there_is_not_made_by_looking()
    {
        ProgramResult result = await Cli.RunAsync("store", "check", "-d", _folder.File("none.db"));
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.False(File.Exists(_folder.File("none.db")));
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("check")]
    public async Task Help_ends_with_examples(string verb) =>
        Assert.Contains($"sirsi store {verb}", (await Cli.RunAsync("store", verb, "--help")).Output.Split("Examples:")[1], StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    private Task<Database> OpenAsync() => Database.OpenAsync(new SqliteOptions { Path = Path }, [], HostEnvironment.Production, CancellationToken.None);

    private async Task FillAsync(int values)
    {
        IdSource ids = HostEnvironment.Production.Ids;
        var space = new KeySpace(new ProjectScope(ids.Next<TenantKind>(), ids.Next<ProjectKind>()), "s");
        await using Database database = await OpenAsync();
        await database.RunAsync(async unit =>
        {
            for (int number = 0; number < values; number++) await KeyValues.PutAsync(unit, space, $"k{number}", (byte[])[1]);
        }, CancellationToken.None);
    }
}
