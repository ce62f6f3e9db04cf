using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store.Sqlite;

namespace Sirsi.Store.Tests.Sqlite;

/// <summary>The whole store on one thread in simulated time.</summary>
public sealed class DeterministicTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_seed_gives_the_same_run(int seed) => Assert.Equal(Run(seed), Run(seed));

    [Fact]
    public void Another_seed_gives_another_interleaving() => Assert.NotEqual(Run(1), Run(2));

    [Fact]
    public void A_lease_expires_when_its_time_has_passed_and_not_before()
    {
        var host = new DeterministicHost(7);
        var scope = new ProjectScope(host.Environment.Ids.Next<TenantKind>(), host.Environment.Ids.Next<ProjectKind>());
        host.Run(async () =>
        {
            await using Database database = await OpenAsync(host);
            Task<Lease?> AcquireAsync() => database.RunAsync(unit => Leases.TryAcquireAsync(unit, scope, "x", "me", TimeSpan.FromSeconds(10)), default);
            Lease first = (await AcquireAsync())!;
            await Task.Delay(TimeSpan.FromSeconds(9.999), host.Environment.Time);
            Assert.Null(await AcquireAsync());
            await Task.Delay(TimeSpan.FromSeconds(0.001), host.Environment.Time);
            Assert.Equal(first.Token + 1, (await AcquireAsync())!.Token);
            return true;
        });
    }

    [Fact]
    public void A_relay_doubles_its_pauses_up_to_the_longest()
    {
        var host = new DeterministicHost(7);
        var scope = new ProjectScope(host.Environment.Ids.Next<TenantKind>(), host.Environment.Ids.Next<ProjectKind>());
        var tries = new List<double>();
        host.Run(async () =>
        {
            await using Database database = await OpenAsync(host);
            await database.RunAsync(unit => Outbox.AppendAsync(unit, scope, host.Environment.Ids.Next(), "t", "", ReadOnlyMemory<byte>.Empty), default);
            var delivered = new TaskCompletionSource();
            DateTimeOffset began = host.Environment.Time.GetUtcNow();
            await using OutboxRelay relay = OutboxRelay.Start(database, (_, _) =>
            {
                tries.Add((host.Environment.Time.GetUtcNow() - began).TotalMilliseconds);
                if (tries.Count < 6) throw new IOException("not now");
                delivered.TrySetResult();
                return ValueTask.CompletedTask;
            }, new OutboxRelayOptions { RetryDelay = TimeSpan.FromMilliseconds(100), RetryDelayMax = TimeSpan.FromMilliseconds(500) });
            await delivered.Task;
            return true;
        });
        Assert.Equal([0, 100, 300, 700, 1200, 1700], tries);
    }

    /// <summary>Callers, a watcher and a relay at once; what each saw, in the order it saw it.</summary>
    private static string Run(int seed)
    {
        var host = new DeterministicHost(seed, StepOrder.Seeded);
        var log = new StringBuilder();
        var scope = new ProjectScope(host.Environment.Ids.Next<TenantKind>(), host.Environment.Ids.Next<ProjectKind>());
        var space = new KeySpace(scope, "s");
        return host.Run(async () =>
        {
            await using Database database = await OpenAsync(host);
            using var enough = new CancellationTokenSource();
            var all = new TaskCompletionSource();
            int delivered = 0;
            await using OutboxRelay relay = OutboxRelay.Start(database, (message, _) =>
            {
                log.Append($"relay {message.Topic}\n");
                if (++delivered == 30) all.TrySetResult();
                return ValueTask.CompletedTask;
            }, new OutboxRelayOptions());
            Task watching = Task.WhenAll(WatchAsync());
            await Task.WhenAll(Enumerable.Range(0, 10).Select(async caller =>
            {
                for (int number = 0; number < 3; number++)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(host.Environment.Random.Ordinary.Next(3)), host.Environment.Time);
                    Guid id = host.Environment.Ids.Next();
                    await database.RunAsync(async unit =>
                    {
                        KeyWrite write = await KeyValues.PutAsync(unit, space, $"k{caller}", BitConverter.GetBytes(number));
                        await Outbox.AppendAsync(unit, scope, id, $"{caller}/{number} as {write.Version}", "", ReadOnlyMemory<byte>.Empty);
                    }, default);
                }
            }));
            await all.Task;
#pragma warning disable VSTHRD103, CA1849 // CancelAsync leaves the executor.
            enough.Cancel();
#pragma warning restore VSTHRD103, CA1849
            await watching;
            return log.ToString();

            async Task WatchAsync()
            {
                try
                {
                    await foreach (KeyChange change in KeyWatcher.WatchAsync(database, space, 0, new KeyWatchOptions(), enough.Token))
                        log.Append($"watch {change.Version} {change.Key}\n");
                }
                catch (OperationCanceledException)
                {
                    log.Append("end\n");
                }
            }
        });
    }

    private static Task<Database> OpenAsync(DeterministicHost host) => Database.OpenAsync(new SqliteOptions(), [], host.Environment, default);
}
