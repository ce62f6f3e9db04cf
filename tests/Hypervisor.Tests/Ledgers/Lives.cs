using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Ledgers;

/// <summary>Hosts over the ledger of a site, one life after the other, with one session.</summary>
internal sealed class Lives : IAsyncDisposable
{
    private static readonly SessionOptions Allowing = new() { Capabilities = CapabilitySet.Parse(["agent.spawn", "agent.tell", "context.read", "context.write", "task.submit"]) };

    private readonly Action<AgentTypes> _register;
    private readonly Func<AgentHostOptions, AgentHostOptions> _configure;

    private Lives(Site site, Action<AgentTypes> register, Func<AgentHostOptions, AgentHostOptions>? configure)
    {
        (Site, _register, _configure) = (site, register, configure ?? (static options => options));
        Scope = new ProjectScope(site.Environment.Ids.Next<TenantKind>(), site.Environment.Ids.Next<ProjectKind>());
    }

    public Site Site { get; }

    public ProjectScope Scope { get; }

    public AgentHost Host { get; private set; } = null!;

    public Session Session { get; private set; } = null!;

    /// <summary>The first life over a site, which ends with it.</summary>
    public static async Task<Lives> BeginAsync(Site site, Action<AgentTypes> register, Func<AgentHostOptions, AgentHostOptions>? configure = null)
    {
        var lives = new Lives(site, register, configure);
        await lives.OpenAsync();
        lives.Session = await site.RunAsync(() => lives.Host.OpenSessionAsync(lives.Scope, Allowing).AsTask());
        return lives;
    }

    /// <summary>The host ends, in order or by a loss of power, and the next one goes on.</summary>
    public async Task AgainAsync(bool losesPower = true)
    {
        Id<SessionKind> id = Session.Id;
        AgentHost before = Host;
        if (losesPower) await Site.CrashAsync();
        else await Site.RunAsync(() => before.DisposeAsync().AsTask());
        await OpenAsync();
        Session = Host.FindSession(Scope, id)!;
    }

    public Task<Agent> SpawnAsync(string type) => Site.RunAsync(() => Session.SpawnAsync(type, new SpawnOptions { Capabilities = Allowing.Capabilities }).AsTask());

    public Agent Find(Agent before) => Host.Find(Scope, before.Id)!;

    public Task<SendOutcome> TellAsync(Agent agent, string type, string payload = "", string? key = null) =>
        Site.RunAsync(() => Find(agent).TellAsync(type, World.Bytes(payload), key: key).AsTask());

    public Task<AgentReply> AskAsync(Agent agent, string type, string payload = "") =>
        Site.RunAsync(() => Find(agent).AskAsync(type, World.Bytes(payload), TimeSpan.FromSeconds(30)).AsTask());

    /// <summary>An agent that has begun takes no more turns.</summary>
    public async Task SuspendAsync(Agent agent)
    {
        await Site.UntilAsync(() => agent.Status is AgentStatus.Idle);
        await Site.RunAsync(() => agent.SuspendAsync("for the test").AsTask());
    }

    /// <summary>What a variable of an agent holds; empty when it has none of that name.</summary>
    public string Read(Agent agent, string name) => Find(agent).CopyVariables().TryGetValue(name, out ReadOnlyMemory<byte> value) ? World.Text(value) : "";

    public Task UntilAsync(Agent agent, string name, string value) => Site.UntilAsync(() => Read(agent, name) == value);

    public async ValueTask DisposeAsync()
    {
        await Site.CrashAsync();
        await Site.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        AgentHostOptions options = _configure(await Site.OptionsAsync());
        var types = new AgentTypes();
        _register(types);
        Host = await Site.RunAsync(() => AgentHost.OpenAsync(Site.Environment, types, options));
    }
}
