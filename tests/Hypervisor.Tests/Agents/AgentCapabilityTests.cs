using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Tests.Security;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class AgentCapabilityTests
{
    private static CapabilitySet Set(params string[] texts) => CapabilitySet.Parse(texts);

    private static Agent Spawn(World world, string type, params string[] capabilities) =>
        world.Machine.Run(() => world.Session.SpawnAsync(type, new SpawnOptions { Capabilities = Set(capabilities) }).AsTask());

    [Fact]
    public void An_agent_spawns_only_what_it_has_a_capability_for_and_gives_on_only_what_it_has()
    {
        var watcher = new Watcher();
        var world = new World(options: new AgentHostOptions { SecurityEvents = watcher });
        var outcomes = new List<string>();
        world.Types.Register(new AgentType("leaf", static () => new Behaving(static (_, _) => { })));
        world.Types.Register(new AgentType("parent", () => new Behaving((turn, message) =>
        {
            try
            {
                turn.Spawn(message.Type, new SpawnOptions { Capabilities = Set([.. World.Text(message.Payload).Split(' ', StringSplitOptions.RemoveEmptyEntries)]) });
                outcomes.Add("spawned");
            }
            catch (HypervisorException refused)
            {
                outcomes.Add(refused.Message);
            }
        })));
        Agent parent = Spawn(world, "parent", "agent.spawn:leaf");
        world.Tell(parent, "leaf");
        world.Tell(parent, "parent");
        world.Tell(parent, "leaf", "agent.spawn:leaf");
        world.Tell(parent, "leaf", "agent.tell:leaf");
        world.Machine.RunUntilIdle();
        Assert.Equal("spawned", outcomes[0]);
        Assert.Contains("agent.spawn:parent", outcomes[1], StringComparison.Ordinal);
        Assert.Equal("spawned", outcomes[2]);
        Assert.Contains("agent.tell:leaf cannot be given", outcomes[3], StringComparison.Ordinal);
        Assert.Equal([("agent.spawn:parent", parent.Id), ("agent.tell:leaf", parent.Id)], watcher.Events.Select(static told => (told.What, told.Agent)));
        Assert.Equal(2, world.Host.RefusalCount);
        Assert.Equal(3, parent.Grant!.Snapshot().Allowed);
    }

    [Fact]
    public void Another_session_of_the_project_is_written_to_with_the_capability_for_it()
    {
        var world = new World();
        var seen = new List<string>();
        Session other = world.Machine.Run(() => world.Host.OpenSessionAsync(world.Scope).AsTask());
        Agent target = world.Spawn((_, message) => seen.Add(message.Type), session: other);
        var outcomes = new List<SendOutcome>();
        world.Types.Register(new AgentType("sender", () => new Behaving((turn, _) => outcomes.Add(turn.Tell(target.Id, "hello", default)))));
        world.Tell(Spawn(world, "sender"), "go");
        world.Tell(Spawn(world, "sender", $"agent.tell:{target.Type.Name}"), "go");
        world.Machine.RunUntilIdle();
        Assert.Equal([SendOutcome.Refused, SendOutcome.Accepted], outcomes);
        Assert.Single(seen);
    }

    [Fact]
    public void What_is_revoked_fails_at_the_next_call_also_below_and_after_a_restart()
    {
        var outcomes = new List<string>();
        void Register(AgentTypes types) => types.Register(new AgentType("nest", () => new Behaving((turn, message) =>
        {
            try
            {
                turn.Spawn("nest", new SpawnOptions { Capabilities = Set("agent.spawn:nest") });
                outcomes.Add("spawned");
            }
            catch (HypervisorException)
            {
                outcomes.Add("refused");
            }
        }))
        {
            Durability = AgentDurability.Durable,
        });
        var world = new World(options: World.Kept);
        Register(world.Types);
        Agent root = Spawn(world, "nest", "agent.spawn:nest");
        world.Tell(root, "go");
        world.Machine.RunUntilIdle();
        Agent child = Assert.Single(root.Children());
        world.Machine.Run(() => root.RevokeAsync(Capability.Parse("agent.spawn:nest")).AsTask());
        world.Tell(child, "go");
        world.Machine.RunUntilIdle();
        world.Machine.Run(() => world.Host.CheckpointAsync());
        world = world.Restart(Register);
        foreach (Agent agent in (Agent[])[root, child]) world.Tell(world.Host.Find(world.Scope, agent.Id)!, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal(["spawned", "refused", "refused", "refused"], outcomes);
    }

    [Fact]
    public void Capabilities_end_when_they_were_said_to()
    {
        var world = new World();
        var outcomes = new List<bool>();
        world.Types.Register(new AgentType("maker", () => new Behaving((turn, message) =>
        {
            if (message.Type == "leaf") return;
            turn.Spawn("maker");
            outcomes.Add(true);
        }))
        {
            Supervision = new SupervisionOptions { AttemptsMax = 1 },
        });
        Agent maker = world.Machine.Run(() => world.Session.SpawnAsync("maker", new SpawnOptions
        {
            Capabilities = Set("agent.spawn:maker"),
            CapabilitiesExpireAt = world.Machine.Environment.Time.GetUtcNow() + TimeSpan.FromMinutes(5),
        }).AsTask());
        world.Tell(maker, "go");
        world.Machine.Advance(TimeSpan.FromMinutes(6));
        world.Tell(maker, "go");
        world.Machine.RunUntilIdle();
        Assert.Equal([true], outcomes);
        Assert.Contains("may not spawn", maker.LastError, StringComparison.Ordinal);
    }
}
