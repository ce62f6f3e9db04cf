using Sirsi.Cli.Commands;

namespace Sirsi.Cli.Tests.Agents;

/// <summary>Projects on one machine see nothing of each other.</summary>
public sealed class ProjectTests : IDisposable
{
    private readonly House _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task Sessions_and_agents_of_a_project_are_there_for_it_alone()
    {
        await _house.AddAsync();
        string shop = await CounterAsync("shop"), ledger = await CounterAsync("ledger");
        Assert.Equal("1", await _house.DoAsync("agent", "ask", shop, "count", "--project", "shop"));
        Assert.Equal("1", await _house.DoAsync("agent", "ask", ledger, "count", "--project", "ledger"));
        Assert.Equal([shop], await AgentsAsync("--project", "shop"));
        Assert.Equal([ledger], await AgentsAsync("--project", "ledger"));
        Assert.Empty(await AgentsAsync());
        Assert.Contains("No session is open", await _house.DoAsync("session", "list"), StringComparison.Ordinal);
        foreach (string[] line in (string[][])[["agent", "send", shop, "count"], ["agent", "show", shop], ["agent", "kill", shop], ["agent", "fork", shop]])
        {
            ProgramResult denied = await _house.RunAsync([.. line, "--project", "ledger"]);
            Assert.Equal(ExitCode.Failed, denied.ExitCode);
            Assert.Contains($"There is no agent '{shop}' in the project 'ledger'", denied.Error, StringComparison.Ordinal);
        }

        await _house.DoAsync("session", "close", "demo", "--project", "ledger");
        Assert.Equal("2", await _house.DoAsync("agent", "ask", shop, "count", "--project", "shop"));
    }

    [Fact]
    public async Task What_happens_in_another_project_is_not_shown()
    {
        await _house.AddAsync("fails", """(module (func (export "on_message") (result i32) unreachable))""");
        await _house.DoAsync("session", "open", "--name", "demo", "--project", "shop");
        string id = (await _house.AskAsync("agent", "spawn", "fails", "--session", "demo", "--project", "shop")).GetProperty("id").GetString()!;
        await _house.DoAsync("agent", "suspend", id, "--project", "shop");
        await _house.DoAsync("agent", "send", id, "work", "--project", "shop");
        ProgramResult resumed = await _house.RunAsync("agent", "resume", id, "--project", "shop", "--wait", "1ms");
        Assert.Equal(ExitCode.Ok, resumed.ExitCode);
        ProgramResult other = await _house.RunAsync("agent", "watch", "--for", "3s", "--project", "ledger");
        Assert.Equal((ExitCode.Ok, "", ""), (other.ExitCode, other.Output, other.Error));
    }

    [Theory]
    [InlineData("Shop")]
    [InlineData("")]
    [InlineData("shop one")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        ProgramResult result = await _house.RunAsync("session", "list", "--project", name);
        Assert.Equal(ExitCode.Usage, result.ExitCode);
        Assert.Contains("a project's name is", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_means_the_same_project_on_every_day()
    {
        Assert.Equal("project_0000000000", LocalProject.Of("shop").Scope.Project.ToString()[..18]);
        Assert.Equal(LocalProject.Of("shop"), LocalProject.Of("shop"));
        Assert.NotEqual(LocalProject.Of("shop"), LocalProject.Of("shop2"));
        Assert.Equal(LocalProject.OfMachine.Scope.Tenant, LocalProject.Of("shop").Scope.Tenant);
    }

    private async Task<string> CounterAsync(string project)
    {
        await _house.DoAsync("session", "open", "--name", "demo", "--project", project);
        return (await _house.AskAsync("agent", "spawn", "counter", "--session", "demo", "--project", project)).GetProperty("id").GetString()!;
    }

    private async Task<string[]> AgentsAsync(params string[] arguments) =>
        [.. (await _house.AskAsync(["agent", "list", .. arguments])).GetProperty("agents").EnumerateArray().Select(static agent => agent.GetProperty("id").GetString()!)];
}
