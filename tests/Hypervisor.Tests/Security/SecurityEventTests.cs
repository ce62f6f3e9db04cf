using Sirsi.Core.Cryptography;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Http;
using Sirsi.Hypervisor.Modules.Registry;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Hypervisor.Security;
using Sirsi.Hypervisor.Tests.Http;
using Sirsi.Hypervisor.Tests.Modules.Registry;
using Sirsi.Hypervisor.Tests.Secrets;

namespace Sirsi.Hypervisor.Tests.Security;

public sealed class SecurityEventTests
{
    private readonly Watcher _watcher = new();

    private World Open(SecurityEventOptions? security = null, HostBudgetOptions? budgets = null) =>
        new(options: new AgentHostOptions { SecurityEvents = _watcher, Security = security ?? new SecurityEventOptions(), Budgets = budgets });

    /// <summary>Tries to spawn what the message's payload names, as often as its type says.</summary>
    private static Agent Prober(World world) => world.Machine.Run(() =>
    {
        if (world.Types.Find("prober") is null)
        {
            world.Types.Register(new AgentType("prober", () => new Behaving((turn, message) =>
            {
                for (int i = int.Parse(message.Type, System.Globalization.CultureInfo.InvariantCulture); i > 0; i--)
                {
                    try
                    {
                        turn.Spawn(World.Text(message.Payload).Replace("#", $"{i}", StringComparison.Ordinal));
                    }
                    catch (HypervisorException)
                    {
                        // It tries again.
                    }
                }
            })));
        }

        return world.Session.SpawnAsync("prober").AsTask();
    });

    [Fact]
    public void A_refusal_tells_who_wanted_what_when_and_why()
    {
        World world = Open();
        Agent prober = Prober(world);
        world.Tell(prober, "1", "leaf");
        world.Machine.RunUntilIdle();
        SecurityEvent told = Assert.Single(_watcher.Events);
        Assert.Equal(
            (SecurityEventKind.CapabilityRefused, world.Scope, world.Session.Id, prober.Id, "prober", "agent.spawn:leaf", 1),
            (told.Kind, told.Scope, told.Session, told.Agent, told.AgentType, told.What, told.Count));
        Assert.Equal(world.Machine.Environment.Time.GetUtcNow(), told.At);
        Assert.Contains("was not granted", told.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_agent_repeats_is_one_event_with_a_count_and_nobody_elses()
    {
        World world = Open();
        Agent one = Prober(world), other = Prober(world);
        for (int i = 0; i < 1_000; i++) world.Tell(one, "100", "leaf");
        world.Tell(other, "1", "leaf");
        world.Machine.RunUntilIdle();
        Assert.Equal([one.Id, other.Id], _watcher.Events.Select(static told => told.Agent));
        world.Machine.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal([1L, 1, 99_999], _watcher.Events.Select(static told => told.Count));
        world.Tell(one, "1", "leaf");
        world.Machine.RunUntilIdle();
        Assert.Equal(1, _watcher.Events[^1].Count);
        Assert.Equal(100_002, world.Host.RefusalCount);
        Assert.Equal(0, world.Host.SecurityEventsDropped);
    }

    [Fact]
    public void An_agent_that_asks_for_something_else_each_time_fills_no_watchers_book()
    {
        World world = Open();
        Agent one = Prober(world), other = Prober(world);
        world.Tell(one, "10000", "leaf#");
        world.Tell(other, "1", "leaf");
        world.Machine.Advance(TimeSpan.FromMinutes(3));
        Assert.InRange(_watcher.Events.Count(told => told.Agent == one.Id), 30, 40);
        Assert.Equal(10_000, _watcher.Events.Where(told => told.Agent == one.Id).Sum(static told => told.Count));
        Assert.Single(_watcher.Events, told => told.Agent == other.Id);
    }

    [Fact]
    public void While_nobody_takes_them_down_events_wait_within_bounds_and_what_was_dropped_is_told()
    {
        World world = Open(new SecurityEventOptions { WaitingMax = 10 });
        _watcher.IsDown = true;
        Agent[] probers = [.. Enumerable.Range(0, 5).Select(_ => Prober(world))];
        foreach (Agent prober in probers) world.Tell(prober, "5", "leaf#");
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(15, world.Host.SecurityEventsDropped);
        Assert.All(probers, static prober => Assert.Equal(0, prober.Failures));
        _watcher.IsDown = false;
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(10, _watcher.Of(SecurityEventKind.CapabilityRefused).Count());
        Assert.Equal(15, Assert.Single(_watcher.Of(SecurityEventKind.EventsDropped)).Count);
        Assert.Equal(_watcher.Events.Count, _watcher.Events.DistinctBy(static told => told.Id).Count());
    }

    [Fact]
    public void Budgets_that_refuse_and_agents_in_quarantine_are_told_of()
    {
        World world = Open(budgets: new HostBudgetOptions { EachTenant = new BudgetLimits { BytesStored = 10 } });
        Agent keeper = world.Spawn(static (turn, message) =>
        {
            if (!turn.SetVariable("v", new byte[100])) throw new InvalidOperationException("no room");
        }, static type => type with { Supervision = new SupervisionOptions { AttemptsMax = 1, FailuresMax = 1 } });
        for (int i = 0; i < 3; i++) world.Tell(keeper, "keep");
        world.Machine.Advance(TimeSpan.FromMinutes(5));
        SecurityEvent refused = _watcher.Of(SecurityEventKind.BudgetRefused).First();
        Assert.Equal((keeper.Id, "bytes stored"), (refused.Agent, refused.What));
        Assert.Contains("no room", Assert.Single(_watcher.Of(SecurityEventKind.Quarantined)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_that_are_used_or_missing_are_told_of_by_name_alone()
    {
        using var folder = new TemporaryFolder();
        await using var origin = new Origin(static _ => Origin.Ok("-"));
        await using LocalSecretStore store = await Vault.OpenAsync(HostEnvironment.Production, folder: folder.File("secrets"));
        Sirsi.Store.ProjectScope scope = Net.NewScope();
        await store.PutAsync(scope, "token", "w0rdOfMouth");
        await using Net net = await Net.OpenAsync(new AgentHostOptions { Http = Net.Loopback, Secrets = store, SecurityEvents = _watcher }, ["net.http:127.0.0.1:*", "secret.use"], scope);
        await net.SendAsync(new HttpRequest("GET", $"{origin.Address}/").WithHeader("Authorization", "Bearer ${secret:token}"));
        await net.SendAsync(new HttpRequest("GET", $"{origin.Address}/").WithHeader("Authorization", "Bearer ${secret:nothing}"));
        await net.Host.Security!.FlushAsync(Net.Patience);
        Assert.StartsWith("secret:token", Assert.Single(_watcher.Of(SecurityEventKind.SecretUsed)).What, StringComparison.Ordinal);
        Assert.Equal("secret:nothing", Assert.Single(_watcher.Of(SecurityEventKind.SecretMissing)).What);
        Assert.All(_watcher.Events, static told => Assert.DoesNotContain("w0rd", told.ToString(), StringComparison.Ordinal));
    }

    /// <summary>Trusts one publisher, whatever the signature.</summary>
    private sealed class OneName(string name) : IModuleTrust
    {
        public ValueTask<string?> ProblemAsync(ModuleManifest manifest, CancellationToken cancellation) =>
            ValueTask.FromResult(manifest.Publisher == name ? null : $"Only {name} is trusted here.");
    }

    [Fact]
    public void Somebody_else_can_say_whose_modules_are_taken_and_refused_ones_are_told_of()
    {
        using var shelf = new Shelf(options: new ModuleRegistryOptions { Trust = new OneName("bees"), SecurityEvents = _watcher });
        HypervisorException refused = shelf.RefusedToAdd(shelf.Make(Shelf.Yaml()));
        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, refused.Code);
        Assert.Contains("Only bees is trusted here.", refused.Message, StringComparison.Ordinal);
        SecurityEvent told = Assert.Single(_watcher.Events);
        Assert.Equal((SecurityEventKind.ModuleRefused, "hello@1.0.0", "Only bees is trusted here."), (told.Kind, told.What, told.Why));
        using SigningKey unknown = shelf.NewKey();
        Assert.Equal(ModuleState.Granted, shelf.Add(Shelf.Yaml(publisher: "bees"), key: unknown).State);
        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, shelf.RefusedToAdd(shelf.Make(Shelf.Yaml("2.0.0", publisher: "bees"), signs: false)).Code);
        Assert.Equal(2, _watcher.Events.Count);

        shelf.Activate();
        shelf.Reopen(new ModuleRegistryOptions { SecurityEvents = _watcher });
        Assert.Equal(HypervisorErrors.ModuleSignatureInvalid, shelf.Refused(() => shelf.Registry.LoadActiveAsync("hello")).Code);
        Assert.Equal(3, _watcher.Events.Count);
    }
}
