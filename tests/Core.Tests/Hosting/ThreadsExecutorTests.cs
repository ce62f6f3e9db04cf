using System.Globalization;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class ThreadsExecutorTests
{
    [Fact]
    public async Task Items_that_hold_their_thread_do_not_hold_up_others()
    {
        HostExecutor executor = HostEnvironment.Production.Executor.WithThreads("test", 4);
        using var gate = new ManualResetEventSlim();
        Task[] holding = [.. Enumerable.Range(0, 3).Select(_ => executor.RunAsync(() =>
        {
            gate.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            return Task.CompletedTask;
        }))];
        await executor.RunAsync(static () => Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.All(holding, static task => Assert.False(task.IsCompleted));
        gate.Set();
        await Task.WhenAll(holding).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_is_awaited_comes_back_to_its_threads_and_there_are_no_more_than_asked_for()
    {
        HostExecutor executor = HostEnvironment.Production.Executor.WithThreads("two threads", 2);
        var names = new HashSet<string?>();
        var threads = new HashSet<int>();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => executor.RunAsync(async () =>
        {
            for (int i = 0; i < 5; i++)
            {
                lock (names)
                {
                    names.Add(Thread.CurrentThread.Name);
                    threads.Add(Environment.CurrentManagedThreadId);
                }

                await Task.Yield();
            }
        }))).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(["two threads"], names);
        // Two, and as many again for what computed long, as the first items of a process may.
        Assert.InRange(threads.Count, 1, 4);
    }

    [Fact]
    public async Task An_item_that_computes_for_long_goes_on_at_low_priority_and_what_is_behind_it_does_not()
    {
        SkipUnlessThreadsCanBeLowered();
        HostExecutor executor = HostEnvironment.Production.Executor.WithThreads("test", 1);
        (int before, int after, int resumed) = await executor.RunAsync(async () =>
        {
            int nice = NiceOfThisThread();
            Compute(until: () => executor.IsThreadLowered && NiceOfThisThread() > nice);
            int lowered = NiceOfThisThread();
            await Task.Yield();
            return (nice, lowered, NiceOfThisThread());
        }).WaitAsync(Timeout, TestContext.Current.CancellationToken);
        Assert.Equal((0, 15, 0), (before, after, resumed));
        Assert.False(executor.IsThreadLowered);
    }

    [Fact]
    public async Task An_item_that_computed_for_long_begins_low_the_next_time_until_it_is_short()
    {
        SkipUnlessThreadsCanBeLowered();
        HostExecutor executor = HostEnvironment.Production.Executor.WithThreads("test", 1);
        var item = new Item(executor);
        Assert.Equal((0, true), await item.RunAsync(isLong: true));
        Assert.Equal((15, true), await item.RunAsync(isLong: true));
        Assert.Equal((15, false), await item.RunAsync(isLong: false));
        Assert.Equal((0, false), await item.RunAsync(isLong: false));
    }

    [Fact]
    public async Task Items_get_threads_although_others_compute_on_all_there_were()
    {
        SkipUnlessThreadsCanBeLowered();
        HostExecutor executor = HostEnvironment.Production.Executor.WithThreads("test", 2);
        using var gate = new CancellationTokenSource();
        Task[] computing = [.. Enumerable.Range(0, 2).Select(_ => executor.RunAsync(() =>
        {
            Compute(until: () => gate.IsCancellationRequested);
            return Task.CompletedTask;
        }))];
        Assert.Equal(0, await executor.RunAsync(static () => Task.FromResult(NiceOfThisThread())).WaitAsync(Timeout, TestContext.Current.CancellationToken));
        Assert.All(computing, static task => Assert.False(task.IsCompleted));
        await gate.CancelAsync();
        await Task.WhenAll(computing).WaitAsync(Timeout, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_a_lowered_item_queues_elsewhere_is_queued_by_a_thread_that_is_not()
    {
        SkipUnlessThreadsCanBeLowered();
        HostExecutor pool = HostEnvironment.Production.Executor;
        HostExecutor executor = pool.WithThreads("test", 1);
        int nice = await executor.RunAsync(() =>
        {
            Compute(until: () => executor.IsThreadLowered);
            return pool.RunAsync(static () => Task.FromResult(NiceOfThisThread()));
        }).WaitAsync(Timeout, TestContext.Current.CancellationToken);
        Assert.Equal(0, nice);
    }

    [Fact]
    public void On_one_thread_there_is_no_other_executor()
    {
        var host = new DeterministicHost(seed: 1);
        Assert.Same(host.Environment.Executor, host.Environment.Executor.WithThreads("test", 8));
    }

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private static void SkipUnlessThreadsCanBeLowered() => Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: single threads can be lowered on Linux only");

    private static void Compute(Func<bool> until)
    {
        long began = HostEnvironment.Production.Time.GetTimestamp();
        while (!until())
        {
            if (HostEnvironment.Production.Time.GetElapsedTime(began) > Timeout) throw new TimeoutException();
            Thread.SpinWait(1_000);
        }
    }

    /// <summary>Field 19 of proc_pid_stat(5), counted from behind the name in parentheses.</summary>
    private static int NiceOfThisThread()
    {
        string account = File.ReadAllText($"/proc/self/task/{ThreadPriorities.CurrentThread()}/stat");
        return int.Parse(account[(account.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }

    private sealed class Item(HostExecutor executor) : IRecurringWorkItem
    {
        private TaskCompletionSource<int> _ran = new();
        private bool _isLong;
        private volatile bool _computesLong;

        public bool ComputesLong
        {
            get => _computesLong;
            set => _computesLong = value;
        }

        /// <summary>The nice value it began with, and what the executor thinks of it afterwards.</summary>
        public async Task<(int Nice, bool ComputesLong)> RunAsync(bool isLong)
        {
            (_isLong, _ran) = (isLong, new());
            executor.Post(this);
            int nice = await _ran.Task.WaitAsync(Timeout, TestContext.Current.CancellationToken);
            // Its thread says that it was short when it is free again.
            if (!isLong) Compute(until: () => !ComputesLong);
            return (nice, ComputesLong);
        }

        public void Execute()
        {
            int nice = NiceOfThisThread();
            long began = executor.ProcessorTimeNs();
            if (_isLong) Compute(until: () => executor.IsThreadLowered && executor.ProcessorTimeNs() - began > 2 * LaneThread.LongNs);
            executor.Post(_ => _ran.TrySetResult(nice), null);
        }
    }
}
