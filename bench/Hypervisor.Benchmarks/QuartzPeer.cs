using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Quartz;

namespace Sirsi.Hypervisor.Benchmarks;

/// <summary>
/// Quartz with its jobs in PostgreSQL, by the settings that were the best we found: one durable job and a trigger for each task, no lock for an insert, statements prepared, as many triggers in a round as there are threads.
/// </summary>
internal sealed class QuartzPeer : IJob
{
    private const int Threads = 64, UnderWay = 256;
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> Waiting = new(StringComparer.Ordinal);

    /// <summary>Tasks submitted, run and ended a second; null when SIRSI_TEST_POSTGRES names no server.</summary>
    public static async Task<double?> RateAsync(byte[] payload, TimeSpan round)
    {
        if (Environment.GetEnvironmentVariable("SIRSI_TEST_POSTGRES") is not { Length: > 0 } address) return null;
        var server = new Uri(address);
        string connection = new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = server.UserInfo.Split(':')[0],
            Database = server.AbsolutePath.Trim('/'),
            MaxPoolSize = 90,
            Timeout = 60,
            MaxAutoPrepare = 50,
        }.ConnectionString;
        IScheduler scheduler = await QuartzSchedulerBuilder.Create(builder =>
        {
            builder.UseDefaultThreadPool(Threads);
            builder.UsePersistentStore(store =>
            {
                store.UsePostgres(connection);
                store.ProvisionSchema();
                store.ConfigureStore(static options => (options.StoreJobDataAsStrings, options.LockOnInsert) = (true, false));
            });
        }).BuildScheduler();
        await scheduler.Clear();
        var job = new JobKey("work");
        await scheduler.AddJob(JobBuilder.Create<QuartzPeer>().WithIdentity(job).StoreDurably().Build());
        await scheduler.Start();
        double rate = await MeasureAsync(scheduler, job, Convert.ToBase64String(payload), round);
        await scheduler.Shutdown();
        return rate;
    }

    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        if (Waiting.TryRemove(context.Trigger.Key.Name, out TaskCompletionSource? end)) end.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private static async Task<double> MeasureAsync(IScheduler scheduler, JobKey job, string payload, TimeSpan round)
    {
        long done = 0;
        bool ends = false;
        Task[] callers = [.. Enumerable.Range(0, UnderWay).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref ends))
            {
                string id = Guid.NewGuid().ToString("N");
                var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Waiting[id] = end;
                await scheduler.ScheduleJob(TriggerBuilder.Create().WithIdentity(id).ForJob(job).UsingJobData("payload", payload).StartNow().Build());
                await end.Task;
                Interlocked.Increment(ref done);
            }
        }))];
        await Task.Delay(TimeSpan.FromSeconds(8));
        (long before, long began) = (Interlocked.Read(ref done), Stopwatch.GetTimestamp());
        await Task.Delay(round);
        double rate = (Interlocked.Read(ref done) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        Volatile.Write(ref ends, true);
        await Task.WhenAll(callers);
        return rate;
    }
}
