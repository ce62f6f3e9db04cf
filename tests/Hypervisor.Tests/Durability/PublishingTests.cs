using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Embedded;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Health;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Durability;

public sealed class PublishingTests
{
    private static readonly SpawnOptions Reporter = new() { Capabilities = CapabilitySet.Parse(["bus.publish:report.*"]) };

    /// <summary>A host with a bus on one machine; agents of "reporter" publish each message's type, and fail at "bad".</summary>
    private sealed class Station
    {
        public Station(int seed = 1, AgentHostOptions? options = null)
        {
            Machine = new DeterministicHost(seed, StepOrder.Seeded);
            Scope = new ProjectScope(Machine.Environment.Ids.Next<TenantKind>(), Machine.Environment.Ids.Next<ProjectKind>());
            Open(options);
            Session = Machine.Run(() => Host.OpenSessionAsync(Scope, new SessionOptions { Capabilities = CapabilitySet.Parse(["bus.publish"]) }).AsTask());
        }

        public DeterministicHost Machine { get; }

        public ProjectScope Scope { get; }

        public SwitchedDriver Driver { get; private set; } = null!;

        public EventBus Bus { get; private set; } = null!;

        public AgentHost Host { get; private set; } = null!;

        public Session Session { get; private set; }

        public List<SendOutcome> Outcomes { get; } = [];

        public void Open(AgentHostOptions? options)
        {
            bool isKept = options?.Folder is not null;
            BusDriver driver = isKept ? new EmbeddedBusDriver(new EmbeddedBusOptions { Folder = "bus" }, Machine.Environment) : new MemoryBusDriver(Machine.Environment);
            Driver = new SwitchedDriver(driver);
            Bus = new EventBus(Driver, new BusOptions(), Machine.Environment);
            var types = new AgentTypes();
            types.Register(new AgentType("reporter", () => new Behaving((turn, message) =>
            {
                Outcomes.Add(turn.Publish(message.Type, message.Payload));
                if (message.Type.EndsWith("bad", StringComparison.Ordinal)) throw new InvalidOperationException("after publishing");
            }))
            {
                Durability = isKept ? AgentDurability.Durable : AgentDurability.Volatile,
                Supervision = new SupervisionOptions { AttemptsMax = 1 },
            });
            Host = Machine.Run(() => AgentHost.OpenAsync(Machine.Environment, types, (options ?? new AgentHostOptions()) with { Bus = Bus }));
            if (isKept && Host.Sessions(Scope) is [var session]) Session = session;
        }

        public Agent Spawn() => Machine.Run(() => Session.SpawnAsync("reporter", Reporter).AsTask());

        public void Tell(Agent agent, string type, string payload = "") => Machine.Run(() => agent.TellAsync(type, World.Bytes(payload)).AsTask());

        public List<EventMessage> Read(string filter) => Machine.Run(async () =>
        {
            var events = new List<EventMessage>();
            var scope = new TopicScope(Scope.Tenant.ToString(), Scope.Project.ToString());
            await using EventReader reader = await Bus.ReadAsync(new ReadOptions { Filter = new EventFilter(scope, filter), Follow = false });
            while (await reader.ReadAsync() is { Count: > 0 } batch)
            {
                for (int i = 0; i < batch.Count; i++) events.Add(batch[i].Event.ToMessage());
            }

            return events;
        });
    }

    [Fact]
    public void A_turns_events_come_out_when_it_has_ended_well_and_only_those_it_may_publish()
    {
        var station = new Station();
        Agent agent = station.Spawn();
        station.Tell(agent, "report.done", "first");
        station.Tell(agent, "report.bad", "never");
        station.Tell(agent, "other.done", "refused");
        station.Tell(agent, "report.done", "second");
        station.Machine.Advance(TimeSpan.FromMinutes(1));
        List<EventMessage> events = station.Read("report.>");
        Assert.Equal(["first", "second"], events.Select(static happened => World.Text(happened.Payload)));
        Assert.Equal([SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Refused, SendOutcome.Accepted], station.Outcomes);
        Assert.Equal((agent.Id, station.Session.Id, agent.Id.ToString()), (events[0].SourceAgent, events[0].Session, events[0].Key));
        Assert.Empty(station.Read("other.>"));
        EventMessage told = Assert.Single(station.Read("agent.security.>"));
        Audit audit = Audit.Parser.ParseFrom(told.Payload.Span);
        Assert.Equal(("agent.security.capability-refused", agent.Id.ToString(), Audit.Types.Outcome.Denied), (told.Subject, audit.ActorId, audit.Outcome));
        Assert.Equal(("agent.capability-refused", "bus.publish:other.done", "1"), (audit.Action, audit.Target, audit.Details["count"]));
    }

    [Fact]
    public void What_becomes_of_agents_is_published()
    {
        var station = new Station();
        Agent agent = station.Spawn();
        station.Machine.RunUntilIdle();
        station.Machine.Run(() => agent.SuspendAsync("lunch").AsTask());
        station.Machine.Run(() => agent.ResumeAsync("back").AsTask());
        station.Machine.Run(() => agent.StopAsync("enough"));
        station.Machine.Advance(TimeSpan.FromMinutes(1));
        AgentLifecycle[] told = [.. station.Read("agent.lifecycle.>").Select(static happened => AgentLifecycle.Parser.ParseFrom(happened.Payload.Span))];
        Assert.Equal(
            [(AgentLifecycle.Types.Change.Spawned, ""), (AgentLifecycle.Types.Change.Paused, "lunch"), (AgentLifecycle.Types.Change.Resumed, "back"), (AgentLifecycle.Types.Change.Terminated, "It was asked to.")],
            told.Select(static change => (change.Change, change.Reason)));
        Assert.All(told, change => Assert.Equal(("reporter", agent.Id.ToString()), (change.AgentType, change.AgentId)));
    }

    [Fact]
    public void While_the_bus_is_out_of_reach_events_wait_and_turns_are_told_when_too_many_do()
    {
        var station = new Station(options: new AgentHostOptions { EventsWaitingMax = 2, PublishesLifecycle = false });
        station.Driver.IsDown = true;
        Agent agent = station.Spawn();
        for (int i = 1; i <= 3; i++)
        {
            station.Tell(agent, "report.done", $"{i}");
            station.Machine.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([SendOutcome.Accepted, SendOutcome.Accepted, SendOutcome.Busy], station.Outcomes);
        Assert.Equal(2, station.Host.EventsWaiting);
        Assert.Equal("The bus is out of reach.", station.Host.BusProblem);
        HealthPart bus = Assert.Single(station.Machine.Run(() => station.Host.CheckHealthAsync()).Parts, static part => part.Name == "bus");
        Assert.Equal(HealthStatus.Unhealthy, bus.Status);
        Assert.StartsWith("The bus is out of reach.", bus.Reason, StringComparison.Ordinal);
        station.Driver.IsDown = false;
        station.Machine.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, station.Host.EventsWaiting);
        Assert.Empty(station.Host.BusProblem);
        Assert.Equal(["1", "2"], station.Read("report.>").Select(static happened => World.Text(happened.Payload)));
    }

    [Fact]
    public void Events_of_durable_agents_are_published_whenever_the_power_goes_and_have_one_id()
    {
        Check.That(seed: 53, runs: 40, random =>
        {
            var station = new Station(random.Next(), World.Kept with { CheckpointBytes = 4_096 });
            Agent agent = station.Spawn();
            int told = random.Next(1, 30);
            station.Machine.Run(async () =>
            {
                for (int i = 0; i < told; i++) await agent.TellAsync("report.done", World.Bytes($"{i}"));
            });
            for (int crashes = random.Next(1, 4); crashes > 0; crashes--)
            {
                int steps = random.Next(0, 200);
                station.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                station.Machine.Files.LosePower(random);
                station.Open(World.Kept with { CheckpointBytes = 4_096 });
            }

            station.Machine.Advance(TimeSpan.FromMinutes(1));
            List<EventMessage> events = station.Read("report.>");
            Assert.Equal(0, station.Host.EventsWaiting);
            Assert.Equal(Enumerable.Range(0, told).Select(static i => $"{i}"), events.DistinctBy(static happened => happened.Id).Select(static happened => World.Text(happened.Payload)));
        });
    }
}
