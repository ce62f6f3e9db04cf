using System.Text.Json;

namespace Sirsi.EndToEnd.Tests;

/// <summary>Agents of the sample counter over many processes, as a user works with them.</summary>
[Trait("Suite", "slow")]
public sealed class AgentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private async Task<string> DoAsync(params string[] arguments)
    {
        ProgramResult result = await FrontScript.RunAsync([.. arguments, "--home", _folder.File("home"), "--dev"]);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }

    /// <summary>Builds the sample module, makes it active, and spawns an agent of it; its id.</summary>
    private async Task<string> SpawnAsync()
    {
        string sample = Path.Combine(Repository.Root, "modules", "counter"), folder = _folder.File("counter");
        Directory.CreateDirectory(Path.Combine(folder, "out"));
        File.Copy(Path.Combine(sample, "module.yaml"), Path.Combine(folder, "module.yaml"));
        ProgramResult built = await FrontScript.RunAsync("wasm", "build", Path.Combine(sample, "counter.wat"), "-o", Path.Combine(folder, "out", "counter.wasm"));
        Assert.True(built.ExitCode == 0, built.Error);
        await DoAsync("module", "add", folder);
        await DoAsync("module", "activate", "counter");
        await DoAsync("session", "open", "--name", "demo");
        using JsonDocument agent = JsonDocument.Parse(await DoAsync("agent", "spawn", "counter", "--session", "demo", "--json"));
        return agent.RootElement.GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task An_agent_lives_on_over_processes_one_of_which_is_killed()
    {
        string id = await SpawnAsync();
        await DoAsync("agent", "send", id, "count");
        Assert.Equal("2", await DoAsync("agent", "ask", id, "count"));
        await DoAsync("agent", "suspend", id, "--reason", "to fill its mailbox");
        await DoAsync("agent", "send", id, "count");
        using (DoomedProcess watching = FrontScript.Start("agent", "watch", "--home", _folder.File("home"), "--dev")) await watching.KillAsync();

        Assert.Contains("suspended: to fill its mailbox; 1 message waits", await DoAsync("agent", "show", id), StringComparison.Ordinal);
        await DoAsync("agent", "resume", id);
        Assert.Equal("4", await DoAsync("agent", "ask", id, "count"));
    }

    [Fact]
    public async Task Without_a_folder_named_the_users_own_is_made_and_used()
    {
        await FrontScript.RunAsync("--version");
        string program = Path.Combine(Repository.Root, "artifacts", "cli", "sirsi.dll");
        ProgramResult opened = await ChildProcess.RunAsync("dotnet", [program, "session", "open"], _folder.Path, timeout: null,
            ("HOME", _folder.Path), ("XDG_DATA_HOME", null), ("SIRSI_HOME", null));
        Assert.True(opened.ExitCode == 0, opened.Error);
        Assert.True(Directory.Exists(_folder.File(".local/share/sirsi/journal")));
        Assert.False(Directory.Exists(_folder.File("sirsi")));
    }
}
