using System.Text.Json;
using Sirsi.Cli.Commands;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Wasm.Text;

namespace Sirsi.Cli.Tests.Agents;

/// <summary>A data folder with the sample counter active in it, and the commands that work there.</summary>
internal sealed class House : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Home => _folder.File("home");

    public string File(string name) => _folder.File(name);

    public string Write(string name, string content) => _folder.Write(name, content);

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a command in this data folder.</summary>
    public Task<ProgramResult> RunAsync(params string[] arguments) => Cli.RunAsync([.. arguments, "--home", Home, "--dev"]);

    /// <summary>As <see cref="RunAsync"/>, for one that must go well.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        ProgramResult result = await RunAsync(arguments);
        Assert.True(result.ExitCode == ExitCode.Ok, $"{string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }

    /// <summary>The document a command answers with.</summary>
    public async Task<JsonElement> AskAsync(params string[] arguments)
    {
        using JsonDocument document = JsonDocument.Parse(await DoAsync([.. arguments, "--json"]));
        return document.RootElement.Clone();
    }

    /// <summary>Adds and activates a module of this text; the sample counter by default.</summary>
    public async Task AddAsync(string name = "counter", string? text = null, string more = "")
    {
        text ??= await System.IO.File.ReadAllTextAsync(Path.Combine(Repository.Root, "modules", "counter", "counter.wat"));
        _folder.Write($"{name}/module.yaml", $"schema: sirsi.module/1\nname: {name}\nversion: 1.0.0\nentry: m.wasm\npublisher: acme\n{more}");
        WatResult module = WatParser.Parse(text, new WatOptions());
        Assert.Empty(module.Problems);
        await System.IO.File.WriteAllBytesAsync(_folder.File($"{name}/m.wasm"), module.Module!.Value.ToArray());
        await DoAsync("module", "add", _folder.File(name));
        if (more.Contains("capabilities", StringComparison.Ordinal)) await DoAsync("module", "grant", name);
        await DoAsync("module", "activate", name);
    }

    /// <summary>A session named "demo" with a counter in it; its id.</summary>
    public async Task<string> CounterAsync()
    {
        await AddAsync();
        await DoAsync("session", "open", "--name", "demo");
        return (await AskAsync("agent", "spawn", "counter", "--session", "demo")).GetProperty("id").GetString()!;
    }

    /// <summary>The same folder in a host of the test's own, with types of its own.</summary>
    public async Task HostAsync(AgentTypes types, Func<Session, Task> work)
    {
        await using AgentHost host = await AgentHost.OpenAsync(HostEnvironment.Production, types, new AgentHostOptions { Folder = Path.Combine(Home, "journal") });
        await work(Assert.Single(host.Sessions(LocalProject.OfMachine.Scope)));
        Assert.True(await host.RestAsync(TimeSpan.FromSeconds(60), CancellationToken.None));
    }
}
