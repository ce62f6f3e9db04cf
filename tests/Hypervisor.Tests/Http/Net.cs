using System.Collections.Concurrent;
using System.Net;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.Security;
using Sirsi.Hypervisor.Tests.Security;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Http;

/// <summary>A host on the real machine, as sockets know no other time, with one session and an agent that makes the requests it is told to.</summary>
internal sealed class Net : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, HttpRequest> _wanted = new(StringComparer.Ordinal);

    private readonly Watcher _watcher;

    private Net(AgentHost host, Session session, Watcher watcher)
    {
        Host = host;
        Session = session;
        _watcher = watcher;
    }

    /// <summary>Loopback is allowed by name.</summary>
    public static HttpOptions Loopback { get; } = new() { AllowedPrivateHosts = ["127.0.0.1"] };

    public AgentHost Host { get; }

    public Session Session { get; }

    /// <summary>What agents were refused so far.</summary>
    public async Task<string[]> RefusedAsync()
    {
        await Host.Security!.FlushAsync(Patience);
        return [.. _watcher.Of(SecurityEventKind.CapabilityRefused).Select(static told => told.What)];
    }

    public static Task<Net> OpenAsync(HttpOptions options, params string[] capabilities) => OpenAsync(new AgentHostOptions { Http = options }, capabilities);

    public static async Task<Net> OpenAsync(AgentHostOptions options, string[] capabilities, ProjectScope? scope = null, Action<AgentTypes>? register = null)
    {
        HostEnvironment machine = HostEnvironment.Production;
        var watcher = new Watcher();
        var types = new AgentTypes();
        register?.Invoke(types);
        AgentHost host = await AgentHost.OpenAsync(machine, types, options with { SecurityEvents = options.SecurityEvents ?? watcher });
        ProjectScope owner = scope ?? NewScope();
        Session session = host.Sessions(owner).FirstOrDefault() ?? await host.OpenSessionAsync(owner, new SessionOptions { Capabilities = CapabilitySet.Parse(capabilities) });
        var net = new Net(host, session, watcher);
        types.Register(new AgentType("caller", () => new Behaving(async (turn, message) =>
            turn.Reply((await turn.HttpAsync(net._wanted[World.Text(message.Payload)])).ToStepResult())))
        {
            Supervision = new SupervisionOptions { AttemptsMax = 1 },
        });
        return net;
    }

    public static ProjectScope NewScope() => new(HostEnvironment.Production.Ids.Next<TenantKind>(), HostEnvironment.Production.Ids.Next<ProjectKind>());

    /// <summary>All names lead where the test says, and what is connected to is the loopback server on that port.</summary>
    public static HttpOptions Names(Func<string, IPAddress[]> resolve, int port, ConcurrentQueue<IPEndPoint> connected, params string[] allowed) => new()
    {
        AllowedPrivateHosts = [.. allowed],
        Resolve = (host, _) => Task.FromResult(resolve(host)),
        Connect = (to, cancellation) =>
        {
            connected.Enqueue(to);
            return Loopback.Connect(new IPEndPoint(IPAddress.Loopback, port), cancellation);
        },
    };

    public Task<Agent> SpawnAsync(string type) => Session.SpawnAsync(type, new SpawnOptions { Capabilities = Session.Grant.Capabilities }).AsTask();

    /// <summary>What comes of a request of an agent that may all that the session may.</summary>
    public Task<HttpAnswer> GetAsync(string address) => SendAsync(new HttpRequest("GET", address));

    public async Task<HttpAnswer> SendAsync(HttpRequest request)
    {
        Agent caller = await SpawnAsync("caller");
        _wanted[caller.Id.ToString()] = request;
        AgentReply reply = await caller.AskAsync("go", World.Bytes(caller.Id.ToString()), Patience);
        return reply.Outcome is ReplyOutcome.Replied ? HttpAnswer.Read(reply.Payload) : throw new InvalidOperationException($"{reply.Outcome}: {reply.Reason}");
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
