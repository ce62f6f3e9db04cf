using System.Text.Json;

namespace Sirsi.Cli.Tests.Agents;

public sealed class SessionTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task A_session_is_there_for_the_next_command_until_it_is_closed()
    {
        JsonElement opened = await _house.AskAsync("session", "open", "--name", "demo", "--lifetime", "2h", "--agents-max", "5", "--capability", "agent.spawn:counter");
        Assert.Equal("sirsi.session/1", opened.GetProperty("schema").GetString());
        string id = opened.GetProperty("id").GetString()!;
        JsonElement listed = Assert.Single((await _house.AskAsync("session", "list")).GetProperty("sessions").EnumerateArray());
        Assert.Equal(
            (id, "demo", "open", 0, 5, "agent.spawn:counter"),
            (listed.GetProperty("id").GetString(), listed.GetProperty("name").GetString(), listed.GetProperty("status").GetString(), listed.GetProperty("agents").GetInt32(),
                listed.GetProperty("agentsMax").GetInt32(), Assert.Single(listed.GetProperty("capabilities").EnumerateArray()).GetString()));
        JsonElement extended = await _house.AskAsync("session", "extend", id[^6..], "--lifetime", "7d");
        Assert.InRange(extended.GetProperty("expiresAt").GetDateTimeOffset() - opened.GetProperty("expiresAt").GetDateTimeOffset(), TimeSpan.FromDays(6), TimeSpan.FromDays(7));
        Assert.Contains("May give on  agent.spawn:counter", await _house.DoAsync("session", "show", "demo"), StringComparison.Ordinal);
        Assert.Equal("closed", (await _house.AskAsync("session", "close", "demo")).GetProperty("status").GetString());
        Assert.Contains("No session is open", await _house.DoAsync("session", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_fits_several_or_none_is_told_with_those_there_are()
    {
        string[] ids = [await OpenAsync(), await OpenAsync()];
        ProgramResult several = await _house.RunAsync("session", "show", ids[0][..12]);
        Assert.Equal(ExitCode.Usage, several.ExitCode);
        Assert.All(ids, id => Assert.Contains(id, several.Error, StringComparison.Ordinal));
        string slipped = ids[0][..^1] + (ids[0][^1] == 'z' ? 'y' : 'z');
        ProgramResult none = await _house.RunAsync("session", "show", slipped);
        Assert.Equal(ExitCode.Failed, none.ExitCode);
        Assert.Contains("did you mean 'session_", none.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, (await _house.RunAsync("session", "show", ids[0][8..])).ExitCode);
    }

    [Theory]
    [InlineData("session", "open", "--lifetime", "soon")]
    [InlineData("session", "open", "--lifetime", "0s")]
    [InlineData("session", "open", "--lifetime", "400d")]
    [InlineData("session", "open", "--agents-max", "0")]
    [InlineData("session", "open", "--capability", "Agent.Spawn")]
    [InlineData("session", "show")]
    public async Task Wrong_use_is_refused_and_opens_nothing(params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync(arguments)).ExitCode);
        Assert.Empty((await _house.AskAsync("session", "list")).GetProperty("sessions").EnumerateArray());
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        await _house.DoAsync("session", "open", "--name", "demo");
        Assert.Equal(ExitCode.Usage, (await _house.RunAsync("session", "open", "--name", "demo")).ExitCode);
    }

    [Fact]
    public async Task The_data_folder_is_its_owners_alone()
    {
        await OpenAsync();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_house.Home));
    }

    private async Task<string> OpenAsync() => (await _house.AskAsync("session", "open")).GetProperty("id").GetString()!;
}
