using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Retention;

public sealed class RetentionTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    [Fact]
    public void Whole_segments_below_the_floor_are_dropped_and_nothing_else() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Small.AppendAsync(journal, 100);
        DroppedSegments nothing = await journal.DropAsync(new JournalRetention(), floor: 1);
        Assert.Equal(new DroppedSegments(0, 0, 1), nothing);
        for (int floor = 1; floor <= 101; floor++)
        {
            DroppedSegments dropped = await journal.DropAsync(new JournalRetention(), floor);
            Assert.Equal(dropped.FirstSequence, journal.FirstSequence);
            Assert.InRange(journal.FirstSequence, floor - 14, floor);
            using JournalReader reader = journal.OpenReader(journal.FirstSequence);
            Assert.Equal(Small.Numbers(journal.FirstSequence, 100), await Small.ReadAsync(reader));
        }

        await Small.AppendAsync(journal, 1);
    });

    [Fact]
    public void What_is_young_enough_or_fits_is_kept() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        for (int i = 0; i < 100; i++)
        {
            await Small.AppendAsync(journal, 1);
            await Task.Delay(TimeSpan.FromMinutes(1), _host.Environment.Time);
        }

        await journal.DropAsync(new JournalRetention { AgeMax = TimeSpan.FromMinutes(60) }, floor: 101);
        Assert.InRange(journal.FirstSequence, 41 - 14, 41);
        await journal.DropAsync(new JournalRetention { BytesMax = 5_000 }, floor: 101);
        Assert.InRange(journal.FirstSequence, 101 - 14 - 40, 101 - 14);
        await journal.DropAsync(new JournalRetention { BytesMax = 0 }, floor: 101);
        Assert.InRange(journal.FirstSequence, 101 - 14, 101);
    });

    [Fact]
    public void A_dropped_record_cannot_be_read_and_the_reader_is_told_where_to_begin() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Small.AppendAsync(journal, 50);
        using JournalReader slow = journal.OpenReader(1);
        Assert.True(await slow.ReadAsync());
        await journal.DropAsync(new JournalRetention(), floor: 40);
        using JournalReader late = journal.OpenReader(1);
        JournalException gone = await Assert.ThrowsAsync<JournalException>(async () => await late.ReadAsync());
        Assert.Equal(JournalErrors.RecordsDropped, gone.Code);
        Assert.Contains($"the first one there is {journal.FirstSequence}", gone.Message, StringComparison.Ordinal);
        gone = await Assert.ThrowsAsync<JournalException>(() => Small.ReadAsync(slow));
        Assert.Equal(JournalErrors.RecordsDropped, gone.Code);
        using JournalReader outside = JournalReader.OpenFolder(_host.Environment, "j");
        gone = await Assert.ThrowsAsync<JournalException>(async () => await outside.ReadAsync());
        Assert.Equal(JournalErrors.RecordsDropped, gone.Code);
    });

    [Fact]
    public void A_journal_whose_segments_were_dropped_opens_again_whenever_the_power_went() => Check.That(seed: 7, runs: 300, static random =>
    {
        var host = new DeterministicHost(random.Next(), StepOrder.Seeded);
        var disk = new FaultyDisk(host.Environment.Executor, random.Next());
        HostEnvironment environment = host.Environment with { Files = disk };
        host.Run(async () =>
        {
            await using (SegmentedJournal journal = await Small.OpenAsync(environment)) await Small.AppendAsync(journal, 60);
            disk.PowerGoesAfter = random.Next(1, 12);
            try
            {
                await using SegmentedJournal journal = await Small.OpenAsync(environment);
                await journal.DropAsync(new JournalRetention(), floor: random.Next(1, 61));
            }
            catch (JournalException failure) when (failure.Code == JournalErrors.Inaccessible)
            {
                // The power has gone.
            }

            disk.LosePower();
            await using SegmentedJournal again = await Small.OpenAsync(environment);
            using JournalReader reader = again.OpenReader(again.FirstSequence);
            Assert.Equal(Small.Numbers(again.FirstSequence, 60), await Small.ReadAsync(reader));
        });
    });

    [Fact]
    public void Limits_below_zero_are_misuse() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Assert.ThrowsAsync<ArgumentException>(() => journal.DropAsync(new JournalRetention { BytesMax = -1 }, floor: 1));
        await Assert.ThrowsAsync<ArgumentException>(() => journal.DropAsync(new JournalRetention { AgeMax = TimeSpan.FromTicks(-1) }, floor: 1));
    });
}
