using System.Runtime.CompilerServices;
using System.Text.Json;
using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;

namespace Sirsi.Core.Tests.Plugins;

public sealed class PluginFolderTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PluginId Greeting = new("sample.greeting");

    private readonly TemporaryFolder _temporary = new();
    private readonly PluginRegistry _registry = new(
        HostEnvironment.Production, new ResourceGovernor("process", new() { CpuCap = new(100, CpuShareOf.AllCores) }, HostEnvironment.Production),
        new() { HostVersion = SemanticVersion.Parse("0.1.0") });

    [Fact]
    public async Task A_folder_holds_a_plug_in_with_what_only_it_uses()
    {
        await LoadAndActivateAsync();
        Assert.Equal("Hello, Ada!", await GreetAsync("Ada"));
        PluginListing line = Assert.Single(_registry.List());
        Assert.Equal(("1.0.0", _temporary.Path, PluginState.Active), (line.Version.ToString(), line.Origin, line.State));
        Assert.DoesNotContain(System.Runtime.Loader.AssemblyLoadContext.Default.Assemblies, static assembly => assembly.GetName().Name == "Sample.Words");
    }

    [Fact]
    public async Task A_folder_is_reloaded_without_a_restart_and_each_version_has_its_own_dependencies()
    {
        await LoadAndActivateAsync();
        Assert.Equal("Hello, Ada!", await GreetAsync("Ada"));
        Fill("Greeting2");
        PluginRemains old = await ReloadAsync();
        Assert.Equal("Welcome, Ada!", await GreetAsync("Ada"));
        Assert.Equal(("2.0.0", PluginState.Active), (_registry.List()[0].Version.ToString(), _registry.List()[0].State));
        await IsFreedAsync(old);
    }

    [Fact]
    public async Task A_bad_new_version_leaves_the_old_one_running()
    {
        await LoadAndActivateAsync();
        _temporary.Write(PluginManifest.FileName, "{}");
        (PluginRegistration registration, PluginRemains? old) = await _registry.ReloadAsync(Greeting, None);
        Assert.Equal(CoreErrors.PluginManifestInvalid, registration.Refusal!.Code);
        Assert.Null(old);
        Assert.Equal("Hello, Ada!", await GreetAsync("Ada"));
    }

    [Fact]
    public async Task Unloading_frees_the_code()
    {
        PluginRemains remains = await UseAndUnloadAsync();
        Assert.Empty(_registry.List());
        await IsFreedAsync(remains);
    }

    [Fact]
    public async Task Code_that_is_still_in_use_is_not_reported_as_freed()
    {
        await LoadAndActivateAsync();
        Assert.True(_registry.TryFind(Greeting, out IPlugin? kept));
        PluginRemains remains = await _registry.UnloadAsync(Greeting, None);
        Collect();
        Assert.False(remains.IsFreed);
        GC.KeepAlive(kept);
    }

    [Theory]
    [InlineData("""{ "schema": "sirsi.plugin/2" }""", "'schema' must be \"sirsi.plugin/1\"")]
    [InlineData("""{ "schema": 1 }""", "'schema' must be \"sirsi.plugin/1\"")]
    [InlineData("""{ }""", "'schema' must be \"sirsi.plugin/1\"")]
    [InlineData("""[]""", "JSON object")]
    [InlineData("""{""", "not valid JSON")]
    [InlineData("""{ "schema": "sirsi.plugin/1", "surprise": true }""", "'surprise' is no field")]
    [InlineData("""{ "schema": "sirsi.plugin/1", "assembly": "../evil.dll" }""", "'assembly' must be the name of a .dll file in the folder")]
    [InlineData("""{ "schema": "sirsi.plugin/1", "version": "1" }""", "'version' must be a semantic version")]
    [InlineData("""{ "schema": "sirsi.plugin/1", "host": ">" }""", "'host' must be a range")]
    [InlineData("""{ "schema": "sirsi.plugin/1", "capabilities": [1] }""", "'capabilities' must be a list")]
    public void A_bad_manifest_is_refused_with_the_reason(string manifest, string reason)
    {
        _temporary.Write(PluginManifest.FileName, manifest);
        PluginRegistration refused = _registry.LoadFolder(_temporary.Path);
        Assert.Equal(CoreErrors.PluginManifestInvalid, refused.Refusal!.Code);
        Assert.Contains(reason, refused.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_too_large_or_absent_is_refused()
    {
        Assert.Equal(CoreErrors.PluginManifestInvalid, _registry.LoadFolder(_temporary.Path).Refusal!.Code);
        _temporary.Write(PluginManifest.FileName, new string(' ', PluginManifest.BytesMax + 1));
        Assert.Contains("larger than", _registry.LoadFolder(_temporary.Path).Refusal!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sample.Greeting.GreetingPlugin", "Sample.Greeting.Missing", "no public type")]
    [InlineData("Sample.Greeting.dll", "Missing.dll", "Missing.dll")]
    [InlineData("\"version\": \"1.0.0\"", "\"version\": \"1.0.1\"", "the plug-in says sample.greeting 1.0.0")]
    [InlineData("\"speak\"", "\"listen\"", "[listen]")]
    public void An_assembly_that_is_not_what_the_manifest_says_is_refused(string text, string changed, string reason)
    {
        Fill("Greeting1");
        string manifest = File.ReadAllText(_temporary.File(PluginManifest.FileName));
        _temporary.Write(PluginManifest.FileName, manifest.Replace(text, changed, StringComparison.Ordinal));
        PluginRegistration refused = _registry.LoadFolder(_temporary.Path);
        Assert.Equal(CoreErrors.PluginNotLoadable, refused.Refusal!.Code);
        Assert.Contains(reason, refused.Refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_registry.List());
    }

    [Fact]
    public void An_assembly_that_is_none_is_refused()
    {
        Fill("Greeting1");
        File.WriteAllText(_temporary.File("Sample.Greeting.dll"), "no code");
        Assert.Equal(CoreErrors.PluginNotLoadable, _registry.LoadFolder(_temporary.Path).Refusal!.Code);
    }

    [Fact]
    public async Task A_plug_in_made_by_code_has_no_folder_to_reload()
    {
        await LoadAndActivateAsync();
        Assert.Equal(CoreErrors.PluginDuplicate, _registry.LoadFolder(_temporary.Path).Refusal!.Code);
        var made = new PluginId("made");
        _registry.Register(new MadeByCode());
        await Assert.ThrowsAsync<ArgumentException>(() => _registry.ReloadAsync(made, None));
    }

    public void Dispose() => _temporary.Dispose();

    private async Task<string?> GreetAsync(string name)
    {
        JsonElement output = await _registry.ExecuteAsync(Greeting, JsonDocument.Parse($$"""{"name":"{{name}}"}""").RootElement, None);
        return output.GetProperty("text").GetString();
    }

    private async Task LoadAndActivateAsync()
    {
        Fill("Greeting1");
        PluginRegistration registration = _registry.LoadFolder(_temporary.Path);
        Assert.True(registration.IsAccepted, registration.Refusal?.Message);
        await _registry.PrepareAsync(Greeting, None);
        await _registry.ActivateAsync(Greeting, None);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<PluginRemains> UseAndUnloadAsync()
    {
        await LoadAndActivateAsync();
        for (int i = 0; i < 10; i++) Assert.Equal("Hello, Bob!", await GreetAsync("Bob"));
        return await _registry.UnloadAsync(Greeting, None);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<PluginRemains> ReloadAsync()
    {
        (PluginRegistration registration, PluginRemains? old) = await _registry.ReloadAsync(Greeting, None);
        Assert.True(registration.IsAccepted, registration.Refusal?.Message);
        return old!;
    }

    /// <summary>Unloading is done by the collector, over a few collections; threads let go of what they last ran meanwhile.</summary>
    private static async Task IsFreedAsync(PluginRemains remains)
    {
        for (int i = 0; i < 100 && !remains.IsFreed; i++)
        {
            Collect();
            await Task.Delay(10);
        }

        Assert.True(remains.IsFreed);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Puts what building a sample project made in place of what the folder holds.</summary>
    private void Fill(string project)
    {
        // The samples are built with this project, for the same configuration: …/bin/CONFIGURATION/net10.0/.
        string here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string built = Path.Combine(Repository.Root, "tests", "SamplePlugins", project, "bin",
            Path.GetFileName(Path.GetDirectoryName(here))!, Path.GetFileName(here));
        foreach (string file in Directory.EnumerateFiles(built)) File.Copy(file, _temporary.File(Path.GetFileName(file)), overwrite: true);
    }

    private sealed class MadeByCode : IPlugin
    {
        public PluginMetadata Metadata { get; } = PluginRegistryTests.Metadata() with { Id = new PluginId("made") };

        public ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation) => ValueTask.FromResult(input);
    }
}
