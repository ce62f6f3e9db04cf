using System.Globalization;
using System.Threading.Channels;
using Sirsi.Core.Hosting;

namespace Sirsi.Core.Tests.Hosting;

public sealed class DeterministicHostTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public void Everything_awaited_on_the_host_comes_back_to_its_thread()
    {
        var host = new DeterministicHost(seed: 1);
        int home = Environment.CurrentManagedThreadId;
        var seen = new HashSet<int>();
        host.Run(async () => await UseTheFrameworkAsync(host.Environment, () => seen.Add(Environment.CurrentManagedThreadId)));
        Assert.Equal([home], seen);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run() =>
        Assert.All(Enumerable.Range(1, 20), static seed => Assert.Equal(Story(seed, StepOrder.Seeded), Story(seed, StepOrder.Seeded)));

    [Fact]
    public void Other_seeds_try_other_interleavings() =>
        Assert.True(Enumerable.Range(1, 20).Select(static seed => Story(seed, StepOrder.Seeded, numbers: false)).Distinct(StringComparer.Ordinal).Count() > 10);

    [Fact]
    public void In_order_of_arrival_the_seed_changes_no_interleaving() =>
        Assert.Single(Enumerable.Range(1, 10).Select(static seed => Story(seed, StepOrder.Arrival, numbers: false)).Distinct(StringComparer.Ordinal));

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        var host = new DeterministicHost(seed: 1);
        DateTimeOffset start = host.Environment.Time.GetUtcNow();
        var log = new List<string>();
        _ = host.Environment.Executor.RunAsync(async () =>
        {
            log.Add("begun");
            await Task.Delay(TimeSpan.FromMinutes(1), host.Environment.Time);
            log.Add($"woken after {host.Environment.Time.GetUtcNow() - start}");
        });
        Assert.Empty(log);
        host.RunUntilIdle();
        Assert.Equal(["begun"], log);
        host.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["begun", "woken after 00:01:00"], log);
    }

    [Fact]
    public void Work_that_waits_for_ever_is_reported()
    {
        var host = new DeterministicHost(seed: 1);
        var never = new TaskCompletionSource();
        Exception failure = Assert.Throws<InvalidOperationException>(() => host.Run(() => never.Task));
        Assert.Contains("waits for ever", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_loop_is_reported()
    {
        var host = new DeterministicHost(seed: 1, stepsMax: 1_000);
        Exception failure = Assert.Throws<InvalidOperationException>(() => host.Run(static async () =>
        {
            while (true) await Task.Yield();
        }));
        Assert.Contains("endless loop", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_continuation_from_another_thread_fails_the_run()
    {
        var host = new DeterministicHost(seed: 1);
        var source = new TaskCompletionSource();
        _ = host.Environment.Executor.RunAsync(() => source.Task.WaitAsync(None));
        _ = host.Environment.Executor.RunAsync(async () => await source.Task);
        host.RunUntilIdle();
        var other = new Thread(source.SetResult);
        other.Start();
        other.Join();
        Exception failure = Assert.Throws<InvalidOperationException>(host.RunUntilIdle);
        Assert.Contains("left the executor", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_the_work_comes_out_as_itself()
    {
        var host = new DeterministicHost(seed: 1);
        Assert.Throws<FormatException>(() => host.Run(static async () =>
        {
            await Task.Yield();
            throw new FormatException();
        }));
    }

    [Fact]
    public void An_item_cannot_run_the_host()
    {
        var host = new DeterministicHost(seed: 1);
        host.Environment.Executor.Post(_ => host.RunUntilIdle(), null);
        Assert.Throws<InvalidOperationException>(host.RunUntilIdle);
    }

    [Fact]
    public void The_callers_synchronization_context_is_given_back()
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        new DeterministicHost(seed: 1).Run(static async () => await Task.Yield());
        Assert.Same(before, SynchronizationContext.Current);
    }

    [Fact]
    public async Task In_production_work_starts_on_the_pool()
    {
        Task<bool> running = HostEnvironment.Production.Executor.RunAsync(
            () => Task.FromResult(Thread.CurrentThread.IsThreadPoolThread && SynchronizationContext.Current is null));
        bool pool = await running;
        Assert.True(pool);
    }

    /// <summary>Workers that take turns over delays, channels, random numbers and ids, and write down what they saw.</summary>
    private static string Story(int seed, StepOrder order, bool numbers = true)
    {
        var host = new DeterministicHost(seed, order);
        HostEnvironment environment = host.Environment;
        var log = new List<string>();
        host.Run(() => Task.WhenAll(Enumerable.Range(0, 5).Select(worker => environment.Executor.RunAsync(async () =>
        {
            for (int turn = 0; turn < 4; turn++)
            {
                log.Add(numbers ? $"{worker}.{turn} {environment.Ids.Next()} {environment.Random.Ordinary.Next()}" : $"{worker}.{turn}");
                if (turn % 2 == 0) await Task.Yield();
                else await Task.Delay(TimeSpan.FromMilliseconds(numbers ? environment.Random.Ordinary.Next(3) : 1), environment.Time);
            }
        }))));
        byte[] secret = new byte[8];
        environment.Random.FillSecret(secret);
        return string.Join('\n', log) + (numbers ? Convert.ToHexString(secret) + host.Steps.ToString(CultureInfo.InvariantCulture) : "");
    }

    /// <summary>One of each of the framework's ways to wait that the banned list leaves open.</summary>
    private static async Task UseTheFrameworkAsync(HostEnvironment environment, Action resumed)
    {
        await Task.Yield();
        resumed();
        await Task.Delay(TimeSpan.FromSeconds(1), environment.Time);
        resumed();
        var source = new TaskCompletionSource();
        environment.Executor.Post(static state => ((TaskCompletionSource)state!).TrySetResult(), source);
        await Task.WhenAll(source.Task, Task.Delay(TimeSpan.FromSeconds(1), environment.Time));
        resumed();
        await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(2), environment.Time), Task.Delay(TimeSpan.FromSeconds(1), environment.Time));
        resumed();
        await Assert.ThrowsAsync<TimeoutException>(() => new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(1), environment.Time));
        resumed();
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1), environment.Time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TaskCompletionSource().Task.WaitAsync(cancellation.Token));
        resumed();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), environment.Time);
        await ticks.WaitForNextTickAsync(None);
        resumed();
        foreach (Channel<int> channel in new[] { Channel.CreateUnbounded<int>(), Channel.CreateBounded<int>(1) })
        {
            Task writing = environment.Executor.RunAsync(async () =>
            {
                for (int i = 0; i < 5; i++) await channel.Writer.WriteAsync(i, None);
                channel.Writer.Complete();
            });
            while (await channel.Reader.WaitToReadAsync(None))
            {
                resumed();
                while (channel.Reader.TryRead(out _)) await Task.Yield();
            }

            await writing;
            resumed();
        }

        HostFolder folder = environment.Files.OpenFolder("f");
        using HostFile file = folder.Open("a", HostFileAccess.Append);
        await file.AppendAsync(new byte[3], None);
        await file.FlushAsync(None);
        resumed();
        await foreach (int i in CountAsync()) resumed();
        resumed();
    }

    private static async IAsyncEnumerable<int> CountAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }
}
