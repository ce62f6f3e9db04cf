using Sirsi.Store.Sqlite;

namespace Sirsi.Store.Tests.Durability;

public sealed class PowerLossTests(ITestOutputHelper output)
{
    [Fact, Trait("Suite", "slow")]
    public Task After_a_loss_of_power_every_acknowledged_unit_is_there() => LoseAsync(seed: 44, losses: 6);

    [Fact, Trait("Suite", "full")]
    public Task After_a_hundred_losses_of_power_every_acknowledged_unit_is_there() => LoseAsync(Environment.TickCount, losses: 100);

    /// <summary>The tests above would be worthless if this disk could not lose anything.</summary>
    [Fact, Trait("Suite", "slow")]
    public async Task On_a_disk_that_lies_about_syncing_acknowledged_units_are_lost()
    {
        using ForgetfulDisk disk = await ForgetfulDisk.CreateAsync();
        var options = new SqliteOptions { Path = Path.Combine(disk.Disk, "store.db") };
        using WriterProcess writer = WriterProcess.Start(options.Path!, callers: 8, first: 1, disk.Environment);
        await writer.UntilAsync(static writer => writer.Acknowledged.Length > 100);
        disk.Set(".lying", on: true);
        int before = writer.Acknowledged.Length;
        await writer.UntilAsync(writer => writer.Acknowledged.Length > before + 200);
        await writer.KillAsync();
        disk.Set(".lying", on: false);
        disk.LosePower(new Random(0));
        await Assert.ThrowsAnyAsync<Exception>(() => Survivors.CheckAsync(options, writer.Acknowledged, writer.Refused));
    }

    [Fact, Trait("Suite", "slow")]
    public async Task A_full_disk_stops_units_with_a_clear_error_and_they_go_on_when_there_is_room()
    {
        using ForgetfulDisk disk = await ForgetfulDisk.CreateAsync();
        var options = new SqliteOptions { Path = Path.Combine(disk.Disk, "store.db") };
        using WriterProcess writer = WriterProcess.Start(options.Path!, callers: 8, first: 1, disk.Environment);
        await writer.UntilAsync(static writer => writer.Acknowledged.Length > 50);
        for (int round = 0; round < 3; round++)
        {
            int failures = writer.Failures.Length;
            disk.Set(".full", on: true);
            await writer.UntilAsync(writer => writer.Failures.Length > failures + 20);
            disk.Set(".full", on: false);
            int before = writer.Acknowledged.Length;
            await writer.UntilAsync(writer => writer.Acknowledged.Length > before + 50);
        }

        await writer.KillAsync();
        Assert.Equal([StoreErrors.StorageFull.ToString()], writer.Failures.Distinct(StringComparer.Ordinal));
        await Survivors.CheckAsync(options, writer.Acknowledged, writer.Refused);
    }

    [Fact, Trait("Suite", "slow")]
    public async Task A_disk_that_fails_to_sync_once_gets_no_more_units_until_the_database_is_opened_anew()
    {
        using ForgetfulDisk disk = await ForgetfulDisk.CreateAsync();
        var options = new SqliteOptions { Path = Path.Combine(disk.Disk, "store.db") };
        using WriterProcess writer = WriterProcess.Start(options.Path!, callers: 8, first: 1, disk.Environment);
        await writer.UntilAsync(static writer => writer.Acknowledged.Length > 50);
        disk.Set(".broken", on: true);
        await writer.UntilAsync(static writer => writer.Failures.Length > 20);
        disk.Set(".broken", on: false);
        int after = writer.Acknowledged.Length, failures = writer.Failures.Length;
        await writer.UntilAsync(writer => writer.Failures.Length > failures + 20);
        Assert.Equal(after, writer.Acknowledged.Length);
        await writer.KillAsync();
        Assert.Equal(StoreErrors.OutcomeUnknown.ToString(), writer.Failures[0]);
        Assert.Equal(StoreErrors.StorageFailed.ToString(), writer.Failures[^1]);
        disk.LosePower(new Random(1));
        await Survivors.CheckAsync(options, writer.Acknowledged, writer.Refused);
    }

    private async Task LoseAsync(int seed, int losses)
    {
        output.WriteLine($"seed {seed}");
        using ForgetfulDisk disk = await ForgetfulDisk.CreateAsync();
        var options = new SqliteOptions { Path = Path.Combine(disk.Disk, "store.db") };
        var random = new Random(seed);
        var acknowledged = new List<long>();
        var refused = new List<long>();
        int lost = 0;
        for (int loss = 0; loss < losses; loss++)
        {
            using WriterProcess writer = WriterProcess.Start(options.Path!, callers: 1 + random.Next(32), 1 + (loss * 1_000_000L), disk.Environment);
            await writer.UntilAsync(static writer => writer.Acknowledged.Length > 0);
            await Task.Delay(random.Next(600));
            await writer.KillAsync();
            lost += disk.LosePower(random);
            acknowledged.AddRange(writer.Acknowledged);
            refused.AddRange(writer.Refused);
            await using (File.OpenRead(options.Path!))
            {
                // The next start must not find what only the check left behind.
                string copy = Directory.CreateTempSubdirectory("sirsi-test-").FullName;
                foreach (string file in Directory.GetFiles(disk.Disk)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
                await Survivors.CheckAsync(options with { Path = Path.Combine(copy, "store.db") }, acknowledged, refused);
                Directory.Delete(copy, recursive: true);
            }
        }

        output.WriteLine($"{acknowledged.Count} units acknowledged, {lost} blocks lost in {losses} losses");
        Assert.True(acknowledged.Count > losses * 10);
        Assert.True(lost > 0, "nothing was ever lost: the disk does not forget");
    }
}
