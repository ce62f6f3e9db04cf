using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>Capabilities are taken from agents while they use them and hand them on to children. From the moment that this is acknowledged nobody uses them, whatever is lost, and what was not taken away stays.</summary>
internal sealed class Permits : Scenario
{
    private const int Agents = 3, Uses = 8;
    private static readonly CapabilitySet Given = CapabilitySet.Parse(["agent.spawn:user", "agent.tell", "context.write:seal", "context.write:log"]);
    private static readonly CapabilitySet ForChildren = CapabilitySet.Parse(["context.write:seal"]);

    private readonly AgentId[] _agents = new AgentId[Agents];
    private readonly int[] _told = new int[Agents];
    private readonly bool[] _isRevoked = new bool[Agents];

    public override SessionOptions Session => new() { Capabilities = Given };

    public override void Register(AgentTypes types) => types.Register(new AgentType("user", () => new User(this))
    {
        Durability = AgentDurability.Durable,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Agents; i++)
            _agents[i] = (await World.Session.SpawnAsync("user", new SpawnOptions { Capabilities = Given, Variables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { ["family"] = BitConverter.GetBytes(i) } })).Id;
    }

    public override Task ActAsync() => Task.WhenAll(Enumerable.Range(0, Agents).Select(ActAsync));

    private async Task ActAsync(int agent)
    {
        while (_told[agent] < Uses)
        {
            if (_told[agent] == 3 && !_isRevoked[agent])
            {
                await World.Session.Find(_agents[agent])!.RevokeAsync(Capability.Parse("context.write:seal"));
                _isRevoked[agent] = true;
                World.Note($"Family {agent} has its seal no more.");
            }

            if (await World.Session.Find(_agents[agent])!.TellAsync("use", default, TimeSpan.FromSeconds(5), key: $"use {_told[agent]}") is SendOutcome.Accepted or SendOutcome.Repeated) _told[agent]++;
            await Task.Delay(TimeSpan.FromMilliseconds(World.Random.Next(500)), World.Environment.Time);
        }
    }

    public override Task JudgeAsync()
    {
        foreach (AgentId id in _agents)
        {
            int logged = World.Session.Find(id)!.Number("logged");
            World.Require(logged == Uses, $"An agent was told {Uses} times to write what it may write, and did so {logged} times.");
        }

        return Task.CompletedTask;
    }

    private sealed class User(Permits scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            int family = turn.Number("family");
            bool wasRevoked = scenario._isRevoked[family];
            bool isSealed = MayWrite(turn, "seal");
            scenario.World.Require(!isSealed || !wasRevoked, $"Family {family} used its seal after it was taken away.");
            if (turn.Parent.IsEmpty) UseAsParent(turn, family, isSealed);
            else if (message.Type == "use") turn.Schedule(TimeSpan.FromSeconds(1), "again", default, period: TimeSpan.FromSeconds(2));
            return ValueTask.CompletedTask;
        }

        private static void UseAsParent(AgentTurn turn, int family, bool isSealed)
        {
            if (MayWrite(turn, "log")) turn.SetNumber("logged", turn.Number("logged") + 1);
            if (!isSealed || turn.Number("children") > 0) return;
            turn.SetNumber("children", 1);
            AgentId child = turn.Spawn("user", new SpawnOptions
            {
                Capabilities = ForChildren,
                Variables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { ["family"] = BitConverter.GetBytes(family) },
            });
            turn.Tell(child, "use", default);
        }

        private static bool MayWrite(AgentTurn turn, string key)
        {
            try
            {
                return turn.PutContext(key, "x"u8.ToArray()).IsWritten;
            }
            catch (Hypervisor.HypervisorException refused) when (refused.Code == Hypervisor.HypervisorErrors.CapabilityRefused)
            {
                return false;
            }
        }
    }
}
