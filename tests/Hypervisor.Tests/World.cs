using System.Text;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests;

/// <summary>A host in simulated time, with one session open.</summary>
internal sealed class World
{
    private readonly Func<HostEnvironment, HostEnvironment>? _change;

    /// <summary>A world in which hosts take what they need from another environment than the machine's, when it is changed.</summary>
    public World(
        int seed = 1, StepOrder order = StepOrder.Arrival, AgentHostOptions? options = null, SessionOptions? session = null, Func<HostEnvironment, EventBus>? bus = null,
        Func<HostEnvironment, HostEnvironment>? change = null)
    {
        Machine = new DeterministicHost(seed, order);
        _change = change;
        Host = Machine.Run(() => AgentHost.OpenAsync(Environment(), Types, (options ?? new AgentHostOptions()) with { Bus = bus?.Invoke(Machine.Environment) }));
        Scope = NewScope();
        session ??= new SessionOptions();
        Session = Machine.Run(() => Host.OpenSessionAsync(Scope, session with { Capabilities = new CapabilitySet([.. AllOfAgents, .. session.Capabilities]) }).AsTask());
    }

    /// <summary>The host that goes on where <paramref name="before"/> was when the power went.</summary>
    private World(World before, AgentTypes types, AgentHostOptions options)
    {
        (Machine, Types, Scope, _change) = (before.Machine, types, before.Scope, before._change);
        Host = Machine.Run(() => AgentHost.OpenAsync(Environment(), Types, options));
        Session = Host.FindSession(Scope, before.Session.Id)!;
    }

    private HostEnvironment Environment() => _change?.Invoke(Machine.Environment) ?? Machine.Environment;

    /// <summary>A host that keeps durable agents.</summary>
    public static AgentHostOptions Kept { get; } = new() { Folder = "agents" };

    /// <summary>The power goes, for a while, and the host is opened again with these types.</summary>
    public World Restart(Action<AgentTypes> register, bool losesPower = true, HostBudgetOptions? budgets = null, AgentHostOptions? options = null, TimeSpan downFor = default)
    {
        if (losesPower) Machine.Files.LosePower(new Random((int)Machine.Steps));
        else Machine.Run(() => Host.DisposeAsync().AsTask());
        if (downFor > TimeSpan.Zero) Machine.Advance(downFor);
        var types = new AgentTypes();
        register(types);
        return new World(this, types, options ?? Kept with { Budgets = budgets });
    }

    /// <summary>All that agents may do to agents.</summary>
    public static CapabilitySet AllOfAgents { get; } = CapabilitySet.Parse(["agent.spawn", "agent.tell"]);

    /// <summary>An agent that may do all of that.</summary>
    public static SpawnOptions Trusted { get; } = new() { Capabilities = AllOfAgents };

    public DeterministicHost Machine { get; }

    public AgentTypes Types { get; private init; } = new();

    public AgentHost Host { get; }

    public ProjectScope Scope { get; }

    public Session Session { get; }

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public ProjectScope NewScope() => new(Machine.Environment.Ids.Next<TenantKind>(), Machine.Environment.Ids.Next<ProjectKind>());

    /// <summary>An agent of a type of its own.</summary>
    public Agent Spawn(Func<IAgentBehavior> create, Func<AgentType, AgentType>? configure = null, Session? session = null)
    {
        var type = new AgentType($"type{Types.All.Length}", create);
        Types.Register(configure?.Invoke(type) ?? type);
        return Machine.Run(() => (session ?? Session).SpawnAsync(type.Name, session is null ? Trusted : null).AsTask());
    }

    public Agent Spawn(Action<AgentTurn, AgentMessage> onMessage, Func<AgentType, AgentType>? configure = null, Session? session = null) =>
        Spawn(() => new Behaving(onMessage), configure, session);

    public SendOutcome Tell(Agent agent, string type, string payload = "", TimeSpan timeout = default) =>
        Machine.Run(() => agent.TellAsync(type, Bytes(payload), timeout).AsTask());

    public AgentReply Ask(Agent agent, string type, string payload = "", TimeSpan? timeout = null) =>
        Machine.Run(() => agent.AskAsync(type, Bytes(payload), timeout ?? TimeSpan.FromSeconds(5)).AsTask());

    public bool Suspend(Agent agent) => Machine.Run(() => agent.SuspendAsync("for the test").AsTask());

    public bool Resume(Agent agent) => Machine.Run(() => agent.ResumeAsync("again").AsTask());
}
