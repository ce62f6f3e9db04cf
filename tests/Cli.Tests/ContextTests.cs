using System.Globalization;
using System.Text;
using System.Text.Json;
using Sirsi.Cli.Tests.Agents;

namespace Sirsi.Cli.Tests;

public sealed class ContextTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    private Task<string> OpenAsync() => _house.DoAsync("session", "open", "--name", "demo");

    [Fact]
    public async Task A_key_is_there_for_the_next_command_with_its_version_and_history()
    {
        await OpenAsync();
        JsonElement put = await _house.AskAsync("context", "put", "demo", "plan/a", "one");
        Assert.Equal(("sirsi.context-write/1", 1, 1), (put.GetProperty("schema").GetString(), put.GetProperty("version").GetInt32(), put.GetProperty("revision").GetInt32()));
        _house.Write("two.txt", "two");
        Assert.Equal("Set plan/a, version 2, revision 2", (await _house.DoAsync("context", "put", "demo", "plan/a", "@" + _house.File("two.txt"), "--expect", "1")).Trim());
        Assert.Equal("two", await _house.DoAsync("context", "get", "demo", "plan/a"));
        JsonElement entry = await _house.AskAsync("context", "get", "demo", "plan/a");
        Assert.Equal(("sirsi.context-entry/1", "plan/a", 2, "two"), (entry.GetProperty("schema").GetString(), entry.GetProperty("key").GetString(), entry.GetProperty("version").GetInt32(), Value(entry)));
        Assert.Equal("Deleted plan/a, revision 3", (await _house.DoAsync("context", "delete", "demo", "plan/a", "--expect", "2")).Trim());
        Assert.Equal("Was not there: plan/a", (await _house.DoAsync("context", "delete", "demo", "plan/a")).Trim());
        JsonElement[] history = [.. (await _house.AskAsync("context", "history", "demo", "plan/a")).GetProperty("entries").EnumerateArray()];
        Assert.Equal(["one 1 False", "two 2 False", " 0 True"], history.Select(static former => $"{Value(former)} {former.GetProperty("version").GetInt32().ToString(CultureInfo.InvariantCulture)} {former.GetProperty("deleted").GetBoolean()}"));
        Assert.Contains("deleted", await _house.DoAsync("context", "history", "demo", "plan/a", "--limit", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conflict_names_the_key_and_both_versions_and_writes_nothing()
    {
        await OpenAsync();
        await _house.DoAsync("context", "put", "demo", "k", "v", "--expect", "0");
        ProgramResult lost = await _house.RunAsync("context", "put", "demo", "k", "w", "--expect", "4");
        Assert.Equal(ExitCode.Failed, lost.ExitCode);
        Assert.Contains("SIRSI-3110", lost.Error, StringComparison.Ordinal);
        Assert.Contains("'k' was expected to have version 4, and has version 1.", lost.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("context", "delete", "demo", "k", "--expect", "2")).ExitCode);
        Assert.Equal("v", await _house.DoAsync("context", "get", "demo", "k"));
    }

    [Fact]
    public async Task Keys_are_listed_by_prefix_and_page_in_an_aligned_table()
    {
        await OpenAsync();
        Assert.Contains("There are no keys", await _house.DoAsync("context", "list", "demo"), StringComparison.Ordinal);
        foreach (string key in (string[])["b/2", "a", "b/1"]) await _house.DoAsync("context", "put", "demo", key, "value of " + key);
        JsonElement all = await _house.AskAsync("context", "list", "demo");
        Assert.Equal((3, 3), (all.GetProperty("revision").GetInt32(), all.GetProperty("keys").GetInt32()));
        Assert.Equal(["a", "b/1", "b/2"], Keys(all));
        Assert.Equal(["b/2"], Keys(await _house.AskAsync("context", "list", "demo", "b/", "--after", "b/1", "--limit", "1")));
        string[] table = (await _house.DoAsync("context", "list", "demo", "b/")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, table.Length);
        Assert.Equal(table[0].IndexOf("Value", StringComparison.Ordinal), table[1].IndexOf("value of b/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_written_is_watched_from_a_revision_on()
    {
        await OpenAsync();
        foreach (string value in (string[])["one", "two", "three"]) await _house.DoAsync("context", "put", "demo", "k", value);
        string[] lines = (await _house.DoAsync("context", "watch", "demo", "k", "--from", "2", "--for", "500ms", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["two", "three"], lines.Select(static line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Assert.Equal("sirsi.context-entry/1", document.RootElement.GetProperty("schema").GetString());
            return Value(document.RootElement);
        }));
        Assert.Contains("3  k  version 3: three", await _house.DoAsync("context", "watch", "demo", "--from", "3", "--for", "500ms"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("context", "get", "demo")]
    [InlineData("context", "put", "demo", "a b", "v")]
    [InlineData("context", "put", "demo", "a", "v", "--expect", "-1")]
    [InlineData("context", "delete", "demo", "a", "--expect", "0")]
    [InlineData("context", "list", "demo", "--limit", "0")]
    [InlineData("context", "watch", "demo", "--from", "0")]
    public async Task Wrong_use_is_refused(params string[] arguments)
    {
        await OpenAsync();
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync(arguments)).ExitCode);
    }

    [Fact]
    public async Task What_is_not_there_is_told()
    {
        await OpenAsync();
        ProgramResult result = await _house.RunAsync("context", "get", "demo", "none");
        Assert.Equal(ExitCode.Failed, result.ExitCode);
        Assert.Contains("There is no key 'none'", result.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("context", "history", "demo", "none")).ExitCode);
        Assert.Equal(ExitCode.Failed, (await _house.RunAsync("context", "get", "other", "none")).ExitCode);
    }

    private static string Value(JsonElement entry) => Encoding.UTF8.GetString(entry.GetProperty("value").GetBytesFromBase64());

    private static IEnumerable<string> Keys(JsonElement list) => list.GetProperty("entries").EnumerateArray().Select(static entry => entry.GetProperty("key").GetString()!);
}
