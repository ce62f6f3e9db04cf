using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests;

/// <summary>A host in simulated time, with one session open.</summary>
internal sealed class World
{
    public World(int seed = 1, StepOrder order = StepOrder.Arrival, AgentHostOptions? options = null, SessionOptions? session = null)
    {
        Machine = new DeterministicHost(seed, order);
        Host = new AgentHost(Machine.Environment, Types, options);
        Scope = NewScope();
        Session = Machine.Run(() => Host.OpenSessionAsync(Scope, session).AsTask());
    }

    public DeterministicHost Machine { get; }

    public AgentTypes Types { get; } = new();

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
        return Machine.Run(() => (session ?? Session).SpawnAsync(type.Name).AsTask());
    }

    public Agent Spawn(Action<AgentTurn, AgentMessage> onMessage, Func<AgentType, AgentType>? configure = null, Session? session = null) =>
        Spawn(() => new Behaving(onMessage), configure, session);

    public SendOutcome Tell(Agent agent, string type, string payload = "", TimeSpan timeout = default) =>
        Machine.Run(() => agent.TellAsync(type, Bytes(payload), timeout).AsTask());

    public AgentReply Ask(Agent agent, string type, string payload = "", TimeSpan? timeout = null) =>
        Machine.Run(() => agent.AskAsync(type, Bytes(payload), timeout ?? TimeSpan.FromSeconds(5)).AsTask());
}
