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
        Assert.InRange(threads.Count, 1, 2);
    }

    [Fact]
    public void On_one_thread_there_is_no_other_executor()
    {
        var host = new DeterministicHost(seed: 1);
        Assert.Same(host.Environment.Executor, host.Environment.Executor.WithThreads("test", 8));
    }
}
