using Sirsi.Hypervisor.Modules.Registry;
using Sirsi.Wasm.Text;

namespace Sirsi.Hypervisor.Tests.Modules.Registry;

/// <summary>The modules below <c>modules/</c>, built, signed, added and run.</summary>
public sealed class SampleModuleTests
{
    private static string Folder(string name) => Path.Combine(Repository.Root, "modules", name);

    private static Agent Run(World world, string name, byte[] entry, Func<AgentType, AgentType>? configure = null)
    {
        using var shelf = new Shelf(machine: world.Machine);
        shelf.Trust("example", shelf.Key);
        ModuleManifest manifest = ModuleManifest.Read(File.ReadAllBytes(Path.Combine(Folder(name), ModuleManifest.FileName)), name).Manifest!;
        string folder = shelf.Make(File.ReadAllText(Path.Combine(Folder(name), ModuleManifest.FileName)), entry, file: manifest.Entry);
        world.Machine.Run(() => shelf.Registry.AddAsync(folder));
        shelf.Activate(name);
        AgentType type = world.Machine.Run(() => shelf.Registry.LoadActiveAsync(name)).ToType();
        world.Types.Register(configure?.Invoke(type) ?? type);
        return world.Machine.Run(() => world.Session.SpawnAsync(name).AsTask());
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

    [Fact]
    public async Task The_tag_policy_says_what_is_wrong_with_tags()
    {
        string compiler = Path.Combine(Folder("tag-policy"), "node_modules", ".bin", "asc");
        if (!ChildProcess.IsInstalled("node") || !File.Exists(compiler)) Assert.Skip("skipped: AssemblyScript is not installed; 'npm install' in modules/tag-policy gets it");
        using var built = new TemporaryFolder();
        ProgramResult result = await ChildProcess.RunAsync(Path.Combine(Folder("tag-policy"), "build.sh"), [built.File("m.wasm")]);
        Assert.True(result.ExitCode == 0, result.Error);
        byte[] entry = await File.ReadAllBytesAsync(built.File("m.wasm"), TestContext.Current.CancellationToken);
        var world = new World();
        Agent agent = Run(world, "tag-policy", entry);
        string Check(string resources) => World.Text(world.Ask(agent, "check", resources).Payload);
        Assert.Equal("ok", Check("vm-1 owner=ann environment=prod"));
        Assert.Equal("vm-1: lacks environment\nvm-2: 'junk' is no tag\nvm-2: lacks owner", Check("vm-1 owner=ann\n\nvm-2 environment=prod junk\n"));
        Assert.Equal("ok", Check(""));
    }

    [Fact]
    public void Sample_manifests_have_no_problems() =>
        Assert.All(Directory.GetDirectories(Path.Combine(Repository.Root, "modules")), static folder =>
            Assert.Empty(ModuleManifest.Read(File.ReadAllBytes(Path.Combine(folder, ModuleManifest.FileName)), folder).Problems));
}
