using System.Text.Json;
using Sirsi.Core.Errors;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;
using Sirsi.Core.Plugins;

namespace Sirsi.Core.Tests.Plugins;

public sealed class PluginRegistryTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PluginId Id = new("test.one");
    private static readonly JsonElement Input = JsonSerializer.SerializeToElement(new { value = 20 });

    private readonly DeterministicHost _host = new(seed: 1);
    private readonly ResourceGovernor _governor;
    private readonly PluginRegistry _registry;

    public PluginRegistryTests()
    {
        _governor = new ResourceGovernor("process", new() { PermitsMax = 2 }, _host.Environment);
        _registry = new PluginRegistry(_host.Environment, _governor, new() { HostVersion = SemanticVersion.Parse("0.1.0") });
    }

    [Fact]
    public void An_active_plug_in_turns_structured_input_into_structured_output_under_the_governor()
    {
        int inFlight = -1;
        Task<JsonElement> Increment(JsonElement input, CancellationToken cancellation)
        {
            inFlight = _governor.Statistics().InFlight;
            return Task.FromResult(JsonSerializer.SerializeToElement(input.GetProperty("value").GetInt32() + 1));
        }

        Activate(new TestPlugin { Execute = Increment });
        JsonElement output = _host.Run(() => _registry.ExecuteAsync(Id, Input, None));
        Assert.Equal(21, output.GetInt32());
        Assert.Equal(1, inFlight);
        Assert.Equal((1, 0), (_governor.Statistics().Total, _governor.Statistics().InFlight));
    }

    [Fact]
    public void Executions_wait_for_permits_like_all_operations()
    {
        int most = 0;
        int now = 0;
        async Task<JsonElement> Linger(JsonElement input, CancellationToken cancellation)
        {
            most = Math.Max(most, ++now);
            await Task.Delay(TimeSpan.FromSeconds(1), _host.Environment.Time, cancellation);
            now--;
            return input;
        }

        Activate(new TestPlugin { Execute = Linger });
        _host.Run(() => Task.WhenAll(Enumerable.Range(0, 7).Select(_ => _registry.ExecuteAsync(Id, Input, None))));
        Assert.Equal(2, most);
    }

    [Fact]
    public void Only_the_changes_of_the_table_are_legal()
    {
        foreach (PluginState from in Enum.GetValues<PluginState>())
            foreach (PluginState to in new[] { PluginState.Ready, PluginState.Active, PluginState.Paused })
            {
                if (from is PluginState.Unloaded) continue;
                var registry = new PluginRegistry(_host.Environment, _governor, new() { HostVersion = SemanticVersion.Of(0, 1, 0) });
                registry.Register(new TestPlugin());
                for (PluginState next = PluginState.Ready; next <= from; next++) Move(registry, next);
                if (PluginLifecycle.Allows(from, to)) Move(registry, to);
                else Assert.Equal(CoreErrors.PluginTransitionIllegal, Assert.Throws<CoreException>(() => Move(registry, to)).Code);
                Assert.Equal(PluginLifecycle.Allows(from, to) ? to : from, registry.List()[0].State);
            }
    }

    [Fact]
    public void The_life_of_a_plug_in_goes_from_loaded_over_ready_active_and_paused_to_unloaded()
    {
        var plugin = new TestPlugin();
        Activate(plugin);
        _host.Run(() => _registry.PauseAsync(Id, None));
        _host.Run(() => _registry.ActivateAsync(Id, None));
        PluginRemains remains = _host.Run(() => _registry.UnloadAsync(Id, None));
        Assert.Equal(["prepare", "activate", "pause", "activate", "pause", "unload"], plugin.Calls);
        Assert.True(remains.IsFreed);
        Assert.Empty(_registry.List());
        Assert.Equal(CoreErrors.PluginUnknown, Assert.Throws<CoreException>(() => _host.Run(() => _registry.PauseAsync(Id, None))).Code);
        Assert.True(_registry.Register(new TestPlugin()).IsAccepted);
    }

    [Fact]
    public void A_plug_in_that_is_not_active_executes_nothing()
    {
        _registry.Register(new TestPlugin());
        Assert.Equal(CoreErrors.PluginNotActive, Failure());
        Activate(new TestPlugin(), register: false);
        _host.Run(() => _registry.PauseAsync(Id, None));
        Assert.Equal(CoreErrors.PluginNotActive, Failure());
        Assert.Equal(0, _governor.Statistics().InFlight);
    }

    [Fact]
    public void A_failing_step_leaves_the_plug_in_where_it_was()
    {
        _registry.Register(new TestPlugin { FailAt = "prepare" });
        CoreException failure = Assert.Throws<CoreException>(() => _host.Run(() => _registry.PrepareAsync(Id, None)));
        Assert.Equal(CoreErrors.PluginFailed, failure.Code);
        Assert.Contains("broken", failure.Message, StringComparison.Ordinal);
        Assert.Equal(PluginState.Loaded, _registry.List()[0].State);
    }

    [Fact]
    public void A_duplicate_is_refused_with_a_reason()
    {
        Assert.True(_registry.Register(new TestPlugin()).IsAccepted);
        PluginRegistration second = _registry.Register(new TestPlugin());
        Assert.Equal(CoreErrors.PluginDuplicate, second.Refusal!.Code);
        Assert.Contains("test.one 1.0.0 is registered already", second.Refusal.Message, StringComparison.Ordinal);
        Assert.Single(_registry.List());
    }

    [Fact]
    public void A_plug_in_for_other_hosts_is_refused_with_a_reason()
    {
        PluginRegistration refused = _registry.Register(new TestPlugin { Metadata = Metadata() with { HostVersions = VersionRange.Parse("^2.0.0") } });
        Assert.Equal(CoreErrors.PluginIncompatible, refused.Refusal!.Code);
        Assert.Contains("^2.0.0", refused.Refusal.Message, StringComparison.Ordinal);
        Assert.Contains("0.1.0", refused.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_metadata_are_refused_with_every_reason()
    {
        PluginRegistration refused = _registry.Register(new TestPlugin
        {
            Metadata = Metadata() with { Id = new PluginId("Not A Name"), Description = "", Capabilities = ["no spaces"] },
        });
        Assert.Equal(CoreErrors.PluginMetadataInvalid, refused.Refusal!.Code);
        Assert.All(new[] { "id", "description", "capability" }, word => Assert.Contains(word, refused.Refusal.Message, StringComparison.Ordinal));
        Assert.Equal(CoreErrors.PluginMetadataInvalid, _registry.Register(new TestPlugin { Metadata = null! }).Refusal!.Code);
    }

    [Fact]
    public void What_a_plug_in_throws_becomes_a_failure_with_a_code()
    {
        Activate(new TestPlugin { Execute = static (_, _) => throw new FormatException("no number") });
        CoreException failure = Assert.Throws<CoreException>(() => _host.Run(() => _registry.ExecuteAsync(Id, Input, None)));
        Assert.Equal(CoreErrors.PluginFailed, failure.Code);
        Assert.Contains("FormatException: no number", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, _governor.Statistics().InFlight);
    }

    [Fact]
    public void An_execution_that_takes_too_long_is_cancelled()
    {
        Activate(new TestPlugin { Execute = WaitForCancellationAsync });
        Assert.Equal(CoreErrors.PluginTimedOut, Failure());
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1), _host.Environment.Time);
        Assert.ThrowsAny<OperationCanceledException>(() => _host.Run(() => _registry.ExecuteAsync(Id, Input, cancellation.Token)));
    }

    [Fact]
    public void Pausing_waits_for_what_runs_and_cancels_it_when_it_takes_too_long()
    {
        Activate(new TestPlugin { Execute = WaitForCancellationAsync });
        Task<JsonElement> running = _host.Environment.Executor.RunAsync(() => _registry.ExecuteAsync(Id, Input, None));
        _host.RunUntilIdle();
        Task pausing = _host.Environment.Executor.RunAsync(() => _registry.PauseAsync(Id, None));
        _host.Advance(TimeSpan.FromSeconds(9));
        Assert.False(pausing.IsCompleted);
        Assert.Equal(CoreErrors.PluginNotActive, Failure());
        _host.Advance(TimeSpan.FromSeconds(2));
        Assert.True(pausing.IsCompletedSuccessfully);
        Assert.Equal(CoreErrors.PluginNotActive, Assert.IsType<CoreException>(running.Exception!.InnerException).Code);
        Activate(new TestPlugin(), register: false, prepare: false);
    }

    [Fact]
    public void A_plug_in_that_ignores_being_stopped_is_not_unloaded()
    {
        var never = new TaskCompletionSource<JsonElement>();
        Activate(new TestPlugin { Execute = (_, _) => never.Task });
        _ = _host.Environment.Executor.RunAsync(() => _registry.ExecuteAsync(Id, Input, None));
        _host.RunUntilIdle();
        Assert.Equal(CoreErrors.PluginStillRunning, Assert.Throws<CoreException>(() => _host.Run(() => _registry.UnloadAsync(Id, None))).Code);
        Assert.Equal(PluginState.Paused, _registry.List()[0].State);
        _host.Environment.Executor.Post(_ => never.SetResult(Input), null);
        _host.RunUntilIdle();
        _host.Run(() => _registry.UnloadAsync(Id, None));
        Assert.Empty(_registry.List());
    }

    [Fact]
    public void Health_checks_report_what_is_wrong_and_what_does_not_answer()
    {
        Add("a.well", static _ => Task.FromResult(PluginHealth.Healthy));
        Add("b.ill", static _ => Task.FromResult(new PluginHealth(PluginCondition.Degraded, "slow disk")));
        Add("c.broken", static _ => throw new InvalidOperationException("broken"));
        Add("d.silent", static _ => new TaskCompletionSource<PluginHealth>().Task);
        PluginHealthReport[] reports = [.. _host.Run(() => _registry.CheckHealthAsync(None))];
        Assert.Equal(
            [PluginCondition.Healthy, PluginCondition.Degraded, PluginCondition.Unhealthy, PluginCondition.TimedOut],
            reports.Select(static report => report.Health.Condition));
        Assert.Equal("slow disk", reports[1].Health.Detail);
        Assert.Contains("broken", reports[2].Health.Detail, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(5), reports[3].Elapsed);
        Assert.Equal(PluginCondition.Degraded, _host.Run(() => _registry.CheckHealthAsync(new PluginId("b.ill"), None)).Health.Condition);
    }

    [Fact]
    public void Plug_ins_are_found_by_what_they_offer()
    {
        _registry.Register(new CountingPlugin());
        _registry.Register(new TestPlugin());
        Assert.True(_registry.TryFind(new PluginId("test.counting"), out ICounts? found));
        Assert.Equal(3, found.Count());
        Assert.False(_registry.TryFind<ICounts>(Id, out _));
        Assert.False(_registry.TryFind<ICounts>(new PluginId("nobody"), out _));
        Assert.Single(_registry.FindAll<ICounts>());
        Assert.Equal(2, _registry.FindAll<IPlugin>().Length);
    }

    [Fact]
    public void The_list_is_sorted_and_says_what_there_is()
    {
        _registry.Register(new TestPlugin());
        _registry.Register(new CountingPlugin());
        Assert.Equal(["test.counting", "test.one"], _registry.List().Select(static line => line.Id.Value));
        PluginListing line = _registry.List()[1];
        Assert.Equal(("1.0.0", PluginState.Loaded, "A test.", "code"), (line.Version.ToString(), line.State, line.Description, line.Origin));
        Assert.Equal(["a:read", "b:write"], line.Capabilities);
    }

    [Fact]
    public void Options_are_judged_whole()
    {
        var options = new PluginRegistryOptions { HostVersion = null!, HealthTimeout = TimeSpan.Zero, PluginLimits = new() { PermitsMax = 0 } };
        Assert.Equal(3, options.Problems().Count());
        Assert.Throws<ArgumentException>(() => new PluginRegistry(_host.Environment, _governor, options));
    }

    [Fact]
    public async Task Of_many_threads_that_register_the_same_id_one_succeeds()
    {
        var registry = new PluginRegistry(
            HostEnvironment.Production, new ResourceGovernor("p", new(), HostEnvironment.Production), new() { HostVersion = SemanticVersion.Of(0, 1, 0) });
        PluginRegistration[] all = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            Task.Run(() => registry.Register(new TestPlugin { Metadata = Metadata() with { Id = new PluginId($"p{i % 50}") } }))));
        Assert.Equal(50, all.Count(static registration => registration.IsAccepted));
        Assert.Equal(50, registry.List().Length);
    }

    public void Dispose() => _governor.Dispose();

    internal static PluginMetadata Metadata() => new()
    {
        Id = Id,
        Version = SemanticVersion.Parse("1.0.0"),
        Description = "A test.",
        Capabilities = ["b:write", "a:read"],
    };

    private static async Task<JsonElement> WaitForCancellationAsync(JsonElement input, CancellationToken cancellation)
    {
        await new TaskCompletionSource().Task.WaitAsync(cancellation);
        return input;
    }

    private void Activate(TestPlugin plugin, bool register = true, bool prepare = true)
    {
        if (register) Assert.True(_registry.Register(plugin).IsAccepted);
        if (prepare) _host.Run(() => _registry.PrepareAsync(Id, None));
        _host.Run(() => _registry.ActivateAsync(Id, None));
    }

    private void Move(PluginRegistry registry, PluginState next) => _host.Run(() => next switch
    {
        PluginState.Ready => registry.PrepareAsync(Id, None),
        PluginState.Active => registry.ActivateAsync(Id, None),
        _ => registry.PauseAsync(Id, None),
    });

    private void Add(string id, Func<CancellationToken, Task<PluginHealth>> health) =>
        _registry.Register(new TestPlugin { Metadata = Metadata() with { Id = new PluginId(id) }, Health = health });

    private ErrorCode Failure() => Assert.Throws<CoreException>(() => _host.Run(() => _registry.ExecuteAsync(Id, Input, None))).Code;

    private interface ICounts
    {
        int Count();
    }

    private sealed class CountingPlugin : IPlugin, ICounts
    {
        public PluginMetadata Metadata { get; } = PluginRegistryTests.Metadata() with { Id = new PluginId("test.counting") };

        public int Count() => 3;

        public ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation) => ValueTask.FromResult(input);
    }

    private sealed class TestPlugin : IPlugin
    {
        public List<string> Calls { get; } = [];

        public string? FailAt { get; init; }

        public Func<JsonElement, CancellationToken, Task<JsonElement>> Execute { get; init; } = static (input, _) => Task.FromResult(input);

        public Func<CancellationToken, Task<PluginHealth>> Health { get; init; } = static _ => Task.FromResult(PluginHealth.Healthy);

        public PluginMetadata Metadata { get; init; } = PluginRegistryTests.Metadata();

        public ValueTask PrepareAsync(HostEnvironment environment, CancellationToken cancellation) => Call("prepare");

        public ValueTask ActivateAsync(CancellationToken cancellation) => Call("activate");

        public ValueTask PauseAsync(CancellationToken cancellation) => Call("pause");

        public ValueTask UnloadAsync(CancellationToken cancellation) => Call("unload");

        public async ValueTask<JsonElement> ExecuteAsync(JsonElement input, CancellationToken cancellation) => await Execute(input, cancellation);

        public async ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellation) => await Health(cancellation);

        private ValueTask Call(string what)
        {
            if (FailAt == what) throw new InvalidOperationException("broken");
            Calls.Add(what);
            return ValueTask.CompletedTask;
        }
    }
}
