using Sirsi.Hypervisor.Health;

namespace Sirsi.Hypervisor.Tests.Health;

public sealed class HealthTests
{
    private static HostHealth Check(World world) => world.Machine.Run(() => world.Host.CheckHealthAsync());

    private static HealthPart Part(World world, string name) => Assert.Single(Check(world).Parts, part => part.Name == name);

    [Fact]
    public void A_host_that_does_its_work_is_healthy_in_all_its_parts()
    {
        var world = new World(options: World.Kept);
        HostHealth health = Check(world);
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Equal(["agents", "modules", "journal", "load"], health.Parts.Select(static part => part.Name));
        Assert.All(health.Parts, static part => Assert.Empty(part.Reason));
    }

    [Fact]
    public void Agents_in_quarantine_make_it_degraded_also_after_a_restart_until_they_go_on_or_end()
    {
        bool isMended = false;
        void Register(AgentTypes types) => types.Register(new AgentType("fragile", () => new Behaving((_, _) =>
        {
            if (!isMended) throw new InvalidOperationException("broken");
        }))
        {
            Durability = AgentDurability.Durable,
            Supervision = new SupervisionOptions { FailuresMax = 1, AttemptsMax = 10 },
        });
        var world = new World(options: World.Kept);
        Register(world.Types);
        AgentId[] ids = [.. Enumerable.Range(0, 2).Select(_ => world.Machine.Run(() => world.Session.SpawnAsync("fragile").AsTask()).Id)];
        foreach (AgentId id in ids) world.Tell(world.Host.Find(world.Scope, id)!, "work");
        world.Machine.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((HealthStatus.Degraded, "2 of 2 agents are in quarantine."), Said(world));
        world = world.Restart(Register);
        Assert.Equal((HealthStatus.Degraded, "2 of 2 agents are in quarantine."), Said(world));
        isMended = true;
        world.Resume(world.Host.Find(world.Scope, ids[0])!);
        Assert.Equal((HealthStatus.Degraded, "1 of 2 agents are in quarantine."), Said(world));
        world.Machine.Run(() => world.Host.Find(world.Scope, ids[1])!.StopAsync("enough"));
        Assert.Equal((HealthStatus.Healthy, ""), Said(world));

        static (HealthStatus Status, string Reason) Said(World world) => (Part(world, "agents").Status, Part(world, "agents").Reason);
    }

    [Fact]
    public void A_type_that_was_rolled_back_makes_it_degraded_until_another_takes_its_place()
    {
        var world = new World();
        Agent agent = world.Spawn(static (_, _) => { });
        string name = agent.Type.Name;
        world.Types.Replace(new AgentType(name, static () => new Behaving(static (_, _) => throw new InvalidOperationException("worse"))) { ProbationTurns = 5 });
        world.Tell(agent, "work");
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Degraded, Part(world, "modules").Status);
        Assert.Contains(name, Part(world, "modules").Reason, StringComparison.Ordinal);
        world.Types.Replace(new AgentType(name, static () => new Behaving(static (_, _) => { })) { ProbationTurns = 5 });
        Assert.Equal(HealthStatus.Healthy, Part(world, "modules").Status);
    }

    [Fact]
    public void What_the_host_is_told_to_ask_too_is_asked_and_has_five_seconds()
    {
        var never = new TaskCompletionSource<string?>();
        var world = new World(options: new AgentHostOptions
        {
            HealthChecks =
            [
                new HealthCheck("store", static _ => ValueTask.FromResult<string?>(null)),
                new HealthCheck("slow", _ => new ValueTask<string?>(never.Task)),
                new HealthCheck("broken", static _ => throw new InvalidOperationException("The server says no.")),
                new HealthCheck("full", static _ => ValueTask.FromResult<string?>("There is no room.")),
            ],
        });
        DateTimeOffset before = world.Machine.Environment.Time.GetUtcNow();
        HostHealth health = Check(world);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Equal(TimeSpan.FromSeconds(5), health.At - before);
        Assert.Equal(["", "It did not answer within 5 s.", "The server says no.", "There is no room."], health.Parts[^4..].Select(static part => part.Reason));
        Assert.Equal(HealthStatus.Healthy, health.Parts[^4].Status);
    }

    [Fact]
    public void A_host_that_stops_says_so()
    {
        var world = new World();
        world.Machine.Run(() => world.Host.StopAsync());
        Assert.Equal((HealthStatus.Unhealthy, "The host is stopping."), (Part(world, "load").Status, Part(world, "load").Reason));
    }
}
