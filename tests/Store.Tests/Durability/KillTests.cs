using Sirsi.Store.Sqlite;

namespace Sirsi.Store.Tests.Durability;

public sealed class KillTests(ITestOutputHelper output)
{
    [Fact, Trait("Suite", "slow")]
    public Task A_process_killed_while_it_writes_loses_nothing_it_acknowledged() => KillAsync(seed: 44, kills: 5);

    [Fact, Trait("Suite", "full")]
    public Task A_process_killed_a_hundred_times_loses_nothing_it_acknowledged() => KillAsync(Environment.TickCount, kills: 100);

    private async Task KillAsync(int seed, int kills)
    {
        output.WriteLine($"seed {seed}");
        using var folder = new TemporaryFolder();
        var options = new SqliteOptions { Path = folder.File("store.db") };
        var random = new Random(seed);
        var acknowledged = new List<long>();
        var refused = new List<long>();
        long last = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            using WriterProcess writer = WriterProcess.Start(options.Path!, callers: 1 + random.Next(32), last + 1_000_000);
            await writer.UntilAsync(static writer => writer.Acknowledged.Length > 0);
            await Task.Delay(random.Next(400));
            await writer.KillAsync();
            acknowledged.AddRange(writer.Acknowledged);
            refused.AddRange(writer.Refused);
            last = Math.Max(last + 1_000_000, await Survivors.CheckAsync(options, acknowledged, refused));
        }

        output.WriteLine($"{acknowledged.Count} units acknowledged in {kills} runs");
        Assert.True(acknowledged.Count > kills * 10);
    }
}
