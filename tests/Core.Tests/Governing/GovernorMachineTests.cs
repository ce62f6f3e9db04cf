using System.Diagnostics;
using System.Globalization;
using Sirsi.Core.Governing;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Governing;

/// <summary>What only real threads and the operating system's account can show. Runs alone, for it reads the process's processor time.</summary>
[Collection(nameof(AloneCollection))]
public sealed class GovernorMachineTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
    public sealed class AloneCollection;

    /// <summary>How the load gives the governor a chance to rule.</summary>
    public enum Load
    {
        PermitPerTurn,
        Checkpoints,
        TurnsOnChangingThreads,
    }

    [Theory]
    [InlineData(Load.PermitPerTurn)]
    [InlineData(Load.Checkpoints)]
    [InlineData(Load.TurnsOnChangingThreads)]
    [Trait("Suite", "full")]
    public async Task Under_a_cap_of_25_percent_a_load_uses_25_percent_of_a_core(Load load)
    {
        // The account is the whole process's; what other tests left running may spoil an attempt, but not every one.
        (double share, double kept) = await ShareUsedAsync(load, TimeSpan.FromSeconds(10));
        for (int again = 0; again < 2 && (share > 0.28 || share + kept < 0.22); again++)
            (share, kept) = await ShareUsedAsync(load, TimeSpan.FromSeconds(10));
        Assert.InRange(share, double.MinValue, 0.28);
        Assert.InRange(share + kept, 0.22, double.MaxValue);
    }

    [Fact]
    [Trait("Suite", "full")]
    public async Task What_others_in_the_process_spend_is_not_taken_from_a_capped_load()
    {
        using var root = new ResourceGovernor("process", new() { CpuCap = new(25, CpuShareOf.OneCore) }, HostEnvironment.Production);
        ResourceGovernor[] agents = [root.CreateChild("a", new()), root.CreateChild("b", new())];
        using var ended = new CancellationTokenSource();
        Task others = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested) Burn(TimeSpan.FromMilliseconds(1));
        });
        await BurnAsync(Load.Checkpoints, agents, TimeSpan.FromSeconds(1));
        TimeSpan before = root.Statistics().CpuTime;
        long keptBefore = KeptWaitingNs();
        long start = Stopwatch.GetTimestamp();
        await BurnAsync(Load.Checkpoints, agents, TimeSpan.FromSeconds(10));
        TimeSpan span = Stopwatch.GetElapsedTime(start);
        double share = (root.Statistics().CpuTime - before) / span;
        double kept = (KeptWaitingNs() - keptBefore) / span.TotalNanoseconds;
        await ended.CancelAsync();
        await others;
        Assert.InRange(share, double.MinValue, 0.28);
        Assert.InRange(share + kept, 0.22, double.MaxValue);
    }

    [Theory]
    [InlineData(Load.PermitPerTurn)]
    [InlineData(Load.TurnsOnChangingThreads)]
    public async Task A_cap_holds_roughly_within_a_second_too(Load load)
    {
        // The account is the whole process's; what other tests left running may spoil an attempt, but not every one.
        double share = 1;
        double kept = 0;
        for (int attempt = 0; attempt < 4 && (share > 0.45 || share + kept < 0.10); attempt++)
            (share, kept) = await ShareUsedAsync(load, TimeSpan.FromSeconds(1.5));
        Assert.InRange(share, double.MinValue, 0.45);
        Assert.InRange(share + kept, 0.10, double.MaxValue);
    }

    [Fact]
    public async Task What_an_operation_does_not_spend_itself_is_not_charged_to_it()
    {
        using var governor = new ResourceGovernor("process", new() { CpuCap = new(100, CpuShareOf.AllCores) }, HostEnvironment.Production);
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task waits = Task.Run(async () =>
        {
            using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, None);
            await source.Task;
        });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(static _ => Task.Run(static () => Burn(TimeSpan.FromMilliseconds(50)))));
        source.SetResult();
        await waits;
        Assert.InRange(governor.Statistics().CpuTime.TotalMilliseconds, 0, 25);
    }

    [Fact]
    public async Task Turns_are_charged_whatever_the_awaits_between_them()
    {
        using var governor = new ResourceGovernor("process", new() { CpuCap = new(100, CpuShareOf.AllCores) }, HostEnvironment.Production);
        ResourceGovernor child = governor.CreateChild("child", new());
        await Task.Run(async () =>
        {
            using OperationPermit permit = await child.AcquireAsync(OperationKind.Compute, None);
            for (int i = 0; i < 10; i++)
            {
                Burn(TimeSpan.FromMilliseconds(10));
                await Task.Delay(1).ConfigureAwait(i % 2 == 0);
            }
        });
        double before = governor.Statistics().CpuTime.TotalMilliseconds;
        // A core that is taken away for some microseconds looks like work to the load, and is none to the account.
        Assert.InRange(before, 80, 130);
        Assert.Equal(before, child.Statistics().CpuTime.TotalMilliseconds);
        Burn(TimeSpan.FromMilliseconds(20));
        Assert.Equal(before, governor.Statistics().CpuTime.TotalMilliseconds);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    public void Acquiring_and_releasing_without_contention_allocates_nothing(int levels, bool capped)
    {
        ResourceGovernor governor = Nested(levels, capped);
        // A thread of its own, so that nothing else allocates on it; and one with ambient values, as in a request.
        var ambient = new AsyncLocal<string>();
        foreach (string? value in new[] { null, "traced" })
        {
            long allocated = -1;
            OnThread(() =>
            {
                if (value is not null) ambient.Value = value;
                AcquireAndRelease(governor, 2_000);
                long before = GC.GetAllocatedBytesForCurrentThread();
                AcquireAndRelease(governor, 10_000);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
            // A collection in between may drop the remembered context once; 10,000 rounds with a byte each would be 10,000.
            Assert.InRange(allocated, 0, 1_000);
        }
    }

    [Fact]
    public async Task Many_threads_keep_every_limit_and_lose_no_wake_up()
    {
        var root = new ResourceGovernor("process", new() { PermitsMax = 3 }, HostEnvironment.Production);
        ResourceGovernor[] children = [.. Enumerable.Range(0, 3).Select(i => root.CreateChild($"{i}", new() { PermitsMax = 2 }))];
        int inRoot = 0;
        int[] inChild = new int[3];
        int granted = 0;
        int cancelled = 0;
        bool exceeded = false;
        Task working = Task.WhenAll(Enumerable.Range(0, 24).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 1_500; i++)
            {
                int child = random.Next(3);
                using var cancellation = new CancellationTokenSource();
                ValueTask<OperationPermit> acquiring = children[child].AcquireAsync((OperationKind)random.Next(2), (OperationPriority)random.Next(4), cancellation.Token);
                if (random.Next(4) == 0) await cancellation.CancelAsync();
                try
                {
                    OperationPermit permit = await acquiring;
                    exceeded |= Interlocked.Increment(ref inRoot) > 3 | Interlocked.Increment(ref inChild[child]) > 2;
                    if (random.Next(3) == 0) await Task.Yield();
                    Interlocked.Decrement(ref inChild[child]);
                    Interlocked.Decrement(ref inRoot);
                    Interlocked.Increment(ref granted);
                    permit.Dispose();
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }
            }
        })));
        Task pausing = Task.Run(async () =>
        {
            while (!working.IsCompleted)
            {
                root.Pause();
                await Task.Yield();
                root.Resume();
                await Task.Delay(1);
            }
        });
        await working.WaitAsync(TimeSpan.FromSeconds(60));
        await pausing;
        Assert.False(exceeded);
        GovernorStatistics statistics = root.Statistics();
        Assert.Equal((granted, cancelled, 0, 0), (statistics.Total, statistics.Cancelled, statistics.Waiting, statistics.InFlight));
        Assert.Equal(24 * 1_500, granted + cancelled);
    }

    /// <summary>
    /// The processor time over wall time, both by the operating system, that two operations add to the process by burning all they get; and the
    /// share of the time for which a thread of theirs could have run and the machine had no core for it, which is nobody's doing here.
    /// What the process uses without them, its test runner above all, is measured just before and taken off.
    /// </summary>
    private static async Task<(double Share, double Kept)> ShareUsedAsync(Load load, TimeSpan span)
    {
        var root = new ResourceGovernor("process", new() { CpuCap = new(25, CpuShareOf.OneCore) }, HostEnvironment.Production);
        ResourceGovernor[] agents = [root.CreateChild("a", new()), root.CreateChild("b", new())];
        await BurnAsync(load, agents, span / 5); // The compiler's time is the process's too, and it compiles twice.
        await BecomeQuietAsync();
        (double without, _) = await ShareOfProcessAsync(static () => Task.Delay(1_000));
        (double with, double kept) = await ShareOfProcessAsync(() => BurnAsync(load, agents, span));
        return (with - without, kept);
    }

    private static async Task<(double Share, double Kept)> ShareOfProcessAsync(Func<Task> work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long keptBefore = KeptWaitingNs();
        long start = Stopwatch.GetTimestamp();
        await work();
        TimeSpan span = Stopwatch.GetElapsedTime(start);
        return ((Environment.CpuUsage.TotalTime - before) / span, (KeptWaitingNs() - keptBefore) / span.TotalNanoseconds);
    }

    /// <summary>How long the pool's threads could have run and were not let, so far; 0 where that is not told (proc_pid_schedstat).</summary>
    private static long KeptWaitingNs()
    {
        if (!Directory.Exists("/proc/self/task")) return 0;
        long sum = 0;
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                if (!File.ReadAllText(thread + "/comm").StartsWith(".NET TP Worker", StringComparison.Ordinal)) continue;
                sum += long.Parse(File.ReadAllText(thread + "/schedstat").Split(' ')[1], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return sum;
    }

    private static async Task BurnAsync(Load load, ResourceGovernor[] agents, TimeSpan span)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(agents.Select(agent => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < span) await OneRoundAsync(load, agent);
        })));
    }

    /// <summary>Waits, for half a minute at most, until the rest of the process has stopped using processor time.</summary>
    private static async Task BecomeQuietAsync()
    {
        for (int i = 0; i < 300; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            await Task.Delay(100);
            if (Environment.CpuUsage.TotalTime - before < TimeSpan.FromMilliseconds(3)) return;
        }
    }

    private static async Task OneRoundAsync(Load load, ResourceGovernor governor)
    {
        using OperationPermit permit = await governor.AcquireAsync(OperationKind.Compute, None);
        for (int turn = 0; turn < (load is Load.PermitPerTurn ? 1 : 4); turn++)
        {
            Burn(TimeSpan.FromMilliseconds(load is Load.TurnsOnChangingThreads ? 2 : 8));
            if (load is Load.Checkpoints) await permit.CheckpointAsync(None);
            else if (load is Load.TurnsOnChangingThreads) await Task.Yield();
        }
    }

    /// <summary>Spends processor time: the wall may run on while the thread is kept off its core, so it counts short steps only.</summary>
    private static void Burn(TimeSpan cpu)
    {
        long left = (long)(cpu.TotalSeconds * Stopwatch.Frequency);
        long last = Stopwatch.GetTimestamp();
        long shortStep = Stopwatch.Frequency / 50_000;
        while (left > 0)
        {
            long now = Stopwatch.GetTimestamp();
            if (now - last < shortStep) left -= now - last;
            last = now;
        }
    }

    private static ResourceGovernor Nested(int levels, bool capped)
    {
        var governor = new ResourceGovernor("1", capped ? new() { CpuCap = new(100, CpuShareOf.AllCores) } : new(), HostEnvironment.Production);
        for (int level = 2; level <= levels; level++) governor = governor.CreateChild($"{level}", new());
        return governor;
    }

#pragma warning disable VSTHRD002 // It has completed: nothing is waited for.
    private static void AcquireAndRelease(ResourceGovernor governor, int times)
    {
        for (int i = 0; i < times; i++)
        {
            ValueTask<OperationPermit> acquiring = governor.AcquireAsync(OperationKind.Compute, None);
            if (!acquiring.IsCompletedSuccessfully) throw new InvalidOperationException("There is contention.");
            acquiring.Result.Dispose();
        }
    }
#pragma warning restore VSTHRD002

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
