using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Governing;

public sealed class GovernorRateTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly DeterministicHost _host = new(seed: 1);

    [Fact]
    public void Input_and_output_waits_for_its_token_to_the_very_tick()
    {
        DateTimeOffset start = _host.Environment.Time.GetUtcNow();
        ResourceGovernor governor = new("process", new() { IoOperationsPerSecondMax = 100, IoOperationsBurstMax = 2 }, _host.Environment);
        var times = new List<double>();
        _ = _host.Environment.Executor.RunAsync(async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                using OperationPermit permit = await governor.AcquireAsync(OperationKind.Storage, None);
                times.Add((_host.Environment.Time.GetUtcNow() - start).TotalMilliseconds);
            }
        });
        _host.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 0, 10, 20, 30], times);
    }

    [Fact]
    public void Operations_without_input_and_output_are_not_held_up_by_its_rate()
    {
        ResourceGovernor governor = new("process", new() { IoOperationsPerSecondMax = 1 }, _host.Environment);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(Admission.Granted, governor.TryAcquire(OperationKind.Compute, OperationPriority.Normal, out OperationPermit permit));
            permit.Dispose();
        }
    }

    [Fact]
    public void In_no_span_of_time_is_the_rate_exceeded_by_more_than_the_burst() => Check.That(seed: 5, runs: 30, static random =>
    {
        int rate = random.Next(1, 500);
        int burst = random.Next(1, 20);
        var host = new DeterministicHost(random.Next());
        var root = new ResourceGovernor("process", new() { IoOperationsPerSecondMax = rate, IoOperationsBurstMax = burst, WaitingMax = 100_000 }, host.Environment);
        ResourceGovernor[] children = [.. Enumerable.Range(0, 3).Select(i => root.CreateChild($"{i}", new() { WaitingMax = 100_000 }))];
        var times = new List<long>();
        for (int i = 0; i < 300; i++)
        {
            ResourceGovernor child = children[random.Next(3)];
            TimeSpan delay = TimeSpan.FromMilliseconds(random.Next(3_000));
            _ = host.Environment.Executor.RunAsync(async () =>
            {
                await Task.Delay(delay, host.Environment.Time);
                using OperationPermit permit = await child.AcquireAsync(OperationKind.Network, None);
                times.Add(host.Environment.Time.GetTimestamp());
            });
        }

        host.Advance(TimeSpan.FromHours(1));
        Assert.Equal(300, times.Count);
        for (int i = 0; i < times.Count; i++)
            for (int j = i; j < times.Count; j += 7)
            {
                double seconds = (times[j] - times[i]) / (double)TimeSpan.TicksPerSecond;
                Assert.True(j - i + 1 <= (rate * seconds) + burst + 1e-6, $"{j - i + 1} operations in {seconds} s");
            }
    });

    [Fact]
    public void Where_the_rate_of_an_ancestor_is_the_bottleneck_children_take_turns()
    {
        ResourceGovernor root = new("process", new() { IoOperationsPerSecondMax = 10, IoOperationsBurstMax = 1 }, _host.Environment);
        var log = new List<char>();
        foreach (char name in "ab")
        {
            ResourceGovernor child = root.CreateChild($"{name}", new());
            for (int i = 0; i < (name == 'a' ? 50 : 5); i++)
                _ = _host.Environment.Executor.RunAsync(async () =>
                {
                    using OperationPermit permit = await child.AcquireAsync(OperationKind.File, None);
                    log.Add(name);
                });
        }

        _host.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("abababab", string.Concat(log.Skip(1).Take(8)));
    }

    [Fact]
    public void No_processor_time_at_all_admits_nothing()
    {
        ResourceGovernor governor = new("process", new() { CpuCap = new(0, CpuShareOf.OneCore) }, _host.Environment);
        Task<OperationPermit> waiting = governor.AcquireAsync(OperationKind.Compute, None).AsTask();
        _host.Advance(TimeSpan.FromDays(1));
        Assert.False(waiting.IsCompleted);
        governor.Dispose();
    }

    [Fact]
    public void An_overdrawn_share_is_earned_back_before_anything_goes_on()
    {
        ResourceGovernor governor = new("process", new() { CpuCap = new(25, CpuShareOf.OneCore) }, _host.Environment);
        ResourceGovernor child = governor.CreateChild("child", new());
        DateTimeOffset start = _host.Environment.Time.GetUtcNow();
        // One permit is held across all, so that only checkpoints and time decide.
        _host.Run(async () =>
        {
            using OperationPermit permit = await child.AcquireAsync(OperationKind.Compute, None);
            child.Charge(1_000_000_000);
            await permit.CheckpointAsync(None);
        });
        double waited = (_host.Environment.Time.GetUtcNow() - start).TotalSeconds;
        Assert.InRange(waited, 3.9, 4.1);
        Assert.InRange(governor.Statistics().CpuTime.TotalSeconds, 1.0, 1.1);
        Assert.Equal(1, governor.Statistics().CheckpointsThrottled);
    }

    [Fact]
    public void Who_waits_for_processor_time_is_let_go_for_a_while_and_not_for_a_tick()
    {
        ResourceGovernor governor = new("process", new() { CpuCap = new(25, CpuShareOf.OneCore) }, _host.Environment);
        _host.Run(() => SpendAsync(governor, TimeSpan.FromSeconds(10)));
        GovernorStatistics statistics = governor.Statistics();
        Assert.InRange(statistics.CpuTime.TotalSeconds, 2.4, 2.6);
        Assert.InRange(statistics.CheckpointsThrottled, 100, 210);
    }

    [Theory]
    [InlineData(0, 0, 2.50)]
    [InlineData(2, 0, 2.30)] // Alone: all of it.
    [InlineData(2, 75, 2.45)] // A quarter of the work: a quarter of it.
    [InlineData(60, 0, 1.25)] // Never more than the work itself.
    public void The_executors_own_use_is_taken_from_the_share_by_the_part_of_the_work(int overheadPercent, int othersPercent, double seconds)
    {
        var executor = new CostlyExecutor(_host.Environment, overheadPercent / 100.0, othersPercent / 100.0);
        ResourceGovernor governor = new("process", new() { CpuCap = new(25, CpuShareOf.OneCore) }, _host.Environment with { Executor = executor });
        executor.Governor = governor;
        _host.Run(() => SpendAsync(governor, TimeSpan.FromSeconds(10)));
        Assert.InRange(governor.Statistics().CpuTime.TotalSeconds, seconds - 0.06, seconds + 0.06);
    }

    /// <summary>Spends all the processor time it gets, a millisecond a turn, on a clock that runs only while it works or waits.</summary>
    private async Task SpendAsync(ResourceGovernor governor, TimeSpan span)
    {
        TimeProvider time = _host.Environment.Time;
        long start = time.GetTimestamp();
        using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, None);
        while (time.GetElapsedTime(start) < span)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), time);
            governor.Charge(1_000_000);
            await permit.CheckpointAsync(None);
        }
    }

    /// <summary>An executor whose machinery uses a share of a core, in a process where others use another.</summary>
    private sealed class CostlyExecutor(HostEnvironment environment, double overhead, double others) : HostExecutor
    {
        private readonly long _start = environment.Time.GetTimestamp();

        public ResourceGovernor? Governor { get; set; }

        public override void Post(Action<object?> callback, object? state) => environment.Executor.Post(callback, state);

        internal override ExecutorUse Use()
        {
            double ns = environment.Time.GetElapsedTime(_start).TotalNanoseconds;
            double own = Governor!.Statistics().CpuTime.TotalNanoseconds;
            return new ExecutorUse((long)(own + (ns * (overhead + others))), (long)(ns * overhead));
        }
    }
}
