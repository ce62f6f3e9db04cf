using System.Collections.Immutable;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Bus.Publishing;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Modules.Registry;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Modules.Registry;

/// <summary>The modules below <c>modules/</c>, built, signed, added and run.</summary>
public sealed class SampleModuleTests
{
    private static string Folder(string name) => Path.Combine(Repository.Root, "modules", name);

    private static Agent Run(World world, string name, byte[] entry, Func<AgentType, AgentType>? configure = null, CapabilitySet? capabilities = null, ModuleLoadOptions? options = null)
    {
        using var shelf = new Shelf(machine: world.Machine);
        shelf.Trust("example", shelf.Key);
        ModuleManifest manifest = ModuleManifest.Read(File.ReadAllBytes(Path.Combine(Folder(name), ModuleManifest.FileName)), name).Manifest!;
        string folder = shelf.Make(File.ReadAllText(Path.Combine(Folder(name), ModuleManifest.FileName)), entry, file: manifest.Entry);
        world.Machine.Run(() => shelf.Registry.AddAsync(folder));
        if (manifest.Capabilities.Length > 0) shelf.Grant(name);
        shelf.Activate(name);
        AgentType type = world.Machine.Run(() => shelf.Registry.LoadActiveAsync(name, options)).ToType();
        world.Types.Register(configure?.Invoke(type) ?? type);
        return world.Machine.Run(() => world.Session.SpawnAsync(name, new SpawnOptions { Capabilities = capabilities ?? CapabilitySet.Empty }).AsTask());
    }

    [Fact]
    public void The_counter_counts()
    {
        WatResult counter = WatParser.Parse(File.ReadAllText(Path.Combine(Folder("counter"), "counter.wat")), new WatOptions());
        Assert.Empty(counter.Problems);
        var world = new World(options: World.Kept);
        Agent agent = Run(world, "counter", counter.Module!.Value.ToArray(), static type => type with { Durability = AgentDurability.Durable });
        for (int i = 1; i <= 12; i++) Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), World.Text(world.Ask(agent, "count").Payload));
    }

    /// <summary>The module of a folder, built by its script; skips the test when its compiler is missing.</summary>
    private static async Task<byte[]> BuildAsync(string name, bool isThere, string missing)
    {
        if (!isThere) Assert.Skip($"skipped: {missing}");
        using var built = new TemporaryFolder();
        ProgramResult result = await ChildProcess.RunAsync(Path.Combine(Folder(name), "build.sh"), [built.File("m.wasm")]);
        Assert.True(result.ExitCode == 0, result.Error);
        return await File.ReadAllBytesAsync(built.File("m.wasm"), TestContext.Current.CancellationToken);
    }

    private static Task<byte[]> BuildScriptAsync(string name) => BuildAsync(
        name, ChildProcess.IsInstalled("node") && File.Exists(Path.Combine(Folder(name), "node_modules", ".bin", "asc")), $"AssemblyScript is not installed; 'npm install' in modules/{name} gets it");

    [Fact]
    public async Task The_tag_policy_says_what_is_wrong_with_tags()
    {
        byte[] entry = await BuildScriptAsync("tag-policy");
        var world = new World();
        Agent agent = Run(world, "tag-policy", entry);
        string Check(string resources) => World.Text(world.Ask(agent, "check", resources).Payload);
        Assert.Equal("ok", Check("vm-1 owner=ann environment=prod"));
        Assert.Equal("vm-1: lacks environment\nvm-2: 'junk' is no tag\nvm-2: lacks owner", Check("vm-1 owner=ann\n\nvm-2 environment=prod junk\n"));
        Assert.Equal("ok", Check(""));
    }

    [Fact]
    public async Task The_network_overlap_finds_every_pair()
    {
        bool isThere = (ChildProcess.IsInstalled("clang-19") && ChildProcess.IsInstalled("wasm-ld-19")) || (ChildProcess.IsInstalled("clang-14") && ChildProcess.IsInstalled("wasm-ld-14"));
        byte[] entry = await BuildAsync("network-overlap", isThere, "clang and lld are not installed");
        var world = new World();
        Agent agent = Run(world, "network-overlap", entry);
        string Check(string networks) => World.Text(world.Ask(agent, "check", networks).Payload);
        Assert.Equal("ok", Check("a 10.0.0.0/16\nb 10.1.0.0/16\nc 192.168.0.0/24\n"));
        Assert.Equal("a overlaps b\na overlaps all\nb overlaps all", Check("a 10.0.0.0/16\n  b  10.0.255.255/32\r\n\nall 0.0.0.0/0"));
        Assert.Equal("'x 10.0.0/8' is no network: NAME A.B.C.D/N\n'y' is no network: NAME A.B.C.D/N\n'z 1.2.3.4/33' is no network: NAME A.B.C.D/N", Check("x 10.0.0/8\ny\nz 1.2.3.4/33"));
        Assert.Equal("ok", Check(""));
        TestKit.Check.That(seed: 71, runs: 50, random =>
        {
            (string Name, uint First, uint Last)[] networks = [.. Enumerable.Range(0, random.Next(1, 12)).Select(i =>
            {
                int prefix = random.Next(0, 33);
                uint hosts = prefix == 0 ? uint.MaxValue : prefix == 32 ? 0 : uint.MaxValue >> prefix, address = (uint)random.NextInt64(1L << 32);
                return ($"n{i} {address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}/{prefix}", address & ~hosts, address | hosts);
            })];
            string[] pairs = [.. from a in Enumerable.Range(0, networks.Length) from b in Enumerable.Range(a + 1, networks.Length - a - 1)
                where networks[a].First <= networks[b].Last && networks[b].First <= networks[a].Last select $"n{a} overlaps n{b}"];
            Assert.Equal(pairs.Length == 0 ? "ok" : string.Join('\n', pairs), Check(string.Join('\n', networks.Select(static network => network.Name))));
        });
    }

    [Fact]
    public async Task The_cost_totals_are_a_command_in_C()
    {
        bool isThere = (ChildProcess.IsInstalled("clang-19") || ChildProcess.IsInstalled("clang-14") || ChildProcess.IsInstalled("clang")) && File.Exists("/usr/lib/wasm32-wasi/libc.a");
        byte[] entry = await BuildAsync("cost-totals", isThere, "clang and wasi-libc are not installed");
        var world = new World();
        Agent agent = Run(world, "cost-totals", entry, options: new ModuleLoadOptions { Configuration = ImmutableDictionary<string, string>.Empty.Add("currency", "USD") });
        string Add(string costs) => World.Text(world.Ask(agent, "add", costs).Payload);
        Assert.Equal("db 120.00 USD\nvm 30.75 USD\n", Add("vm 10.5\ndb 120\n\nvm 20.25"));
        Assert.Equal("", Add(""));
        AgentReply failed = world.Ask(agent, "add", "vm 10\ndb much\n", TimeSpan.FromHours(1));
        Assert.Contains("exit code 1: line 2 is not NAME AMOUNT", failed.Reason, StringComparison.Ordinal);
        Assert.Equal("vm 1.00 USD\n", Add("vm 1"));
    }

    [Fact]
    public async Task The_change_gate_publishes_what_a_person_answers()
    {
        byte[] entry = await BuildScriptAsync("change-gate");
        EventBus? bus = null;
        var world = new World(session: new SessionOptions { Capabilities = CapabilitySet.Parse(["bus.publish"]) }, bus: environment => bus = new EventBus(new MemoryBusDriver(environment), new BusOptions(), environment));
        Agent agent = Run(world, "change-gate", entry, capabilities: CapabilitySet.Parse(["bus.publish:change.*"]));
        Assert.StartsWith("asked: ", World.Text(world.Ask(agent, "change", "open port 443").Payload), StringComparison.Ordinal);
        Assert.StartsWith("asked: ", World.Text(world.Ask(agent, "change", "drop the database").Payload), StringComparison.Ordinal);
        Assert.Contains("described in words", world.Ask(agent, "change", " ", TimeSpan.FromMinutes(5)).Reason, StringComparison.Ordinal);
        Assert.Equal(["open port 443", "drop the database"], agent.Approvals().Select(static request => request.Kind));
        long number = agent.Approvals()[0].Number;
        Assert.True(world.Machine.Run(() => agent.AnswerApprovalAsync(number, new ApprovalAnswer(ApprovalDecision.Approved, "ada", "")).AsTask()));
        world.Machine.Advance(TimeSpan.FromHours(25));
        await using EventReader reader = world.Machine.Run(() => bus!.ReadAsync(new ReadOptions
        {
            Filter = new EventFilter(new TopicScope(world.Scope.Tenant.ToString(), world.Scope.Project.ToString()), "change.>"),
            Follow = false,
        }).AsTask());
        var told = new List<(string, string)>();
        while (world.Machine.Run(() => reader.ReadAsync().AsTask()) is { Count: > 0 } batch)
            for (int i = 0; i < batch.Count; i++) told.Add((batch[i].Event.Subject, System.Text.Encoding.UTF8.GetString(batch[i].Event.Payload)));
        Assert.Equal([("change.approved", "open port 443"), ("change.expired", "drop the database")], told);
        Assert.Empty(agent.CopyVariables());
    }

    [Fact]
    public void Sample_manifests_have_no_problems() =>
        Assert.All(Directory.GetDirectories(Path.Combine(Repository.Root, "modules")), static folder =>
            Assert.Empty(ModuleManifest.Read(File.ReadAllBytes(Path.Combine(folder, ModuleManifest.FileName)), folder).Problems));
}
