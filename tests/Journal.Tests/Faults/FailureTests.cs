using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Faults;

/// <summary>What the owner sees when the disk fails, and how it goes on.</summary>
public sealed class FailureTests
{
    private readonly DeterministicHost _host = new(seed: 1);
    private readonly FaultyDisk _disk;
    private readonly HostEnvironment _environment;

    public FailureTests()
    {
        _disk = new FaultyDisk(_host.Environment.Executor, seed: 1);
        _environment = _host.Environment with { Files = _disk };
    }

    [Fact]
    public void A_full_disk_refuses_appends_and_takes_them_again_when_there_is_room() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        _disk.RoomBytes = 20_000;
        long stored = 0;
        JournalException? full = null;
        while (full is null)
        {
            try
            {
                stored = await journal.AppendAsync(Small.Record(stored + 1));
            }
            catch (JournalException failure)
            {
                full = failure;
            }
        }

        Assert.Equal(JournalErrors.DiskFull, full.Code);
        Assert.Contains("Nothing of this append was stored", full.Message, StringComparison.Ordinal);
        Assert.Null(journal.Failure);
        await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(Small.Record(0)));
        _disk.RoomBytes = 40_000;
        await Small.AppendAsync(journal, 20);
        using JournalReader reader = journal.OpenReader(1);
        Assert.Equal(Small.Numbers(1, stored + 20), await Small.ReadAsync(reader));
    });

    [Fact]
    public void Room_made_by_dropping_segments_is_used_again() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        _disk.RoomBytes = 12_000;
        for (int i = 1; i <= 500; i++)
        {
            try
            {
                await journal.AppendAsync(Small.Record(journal.NextSequence));
            }
            catch (JournalException failure) when (failure.Code == JournalErrors.DiskFull)
            {
                Assert.NotEqual(0, (await journal.DropAsync(new JournalRetention(), journal.NextSequence)).Segments);
            }
        }

        Assert.True(journal.FirstSequence > 300);
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void A_write_or_flush_that_fails_stops_the_journal_until_it_is_opened_again(double writeFails, double flushFails) => _host.Run(async () =>
    {
        SegmentedJournal journal = await Small.OpenAsync(_environment);
        await Small.AppendAsync(journal, 5);
        _disk.Faults = new DiskFaults(WriteFails: writeFails, FlushFails: flushFails);
        JournalException first = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(Small.Record(6)));
        _disk.Faults = default;
        JournalException later = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(Small.Record(7)));
        Assert.All([first, later, journal.Failure!], static failure =>
        {
            Assert.Equal(JournalErrors.Failed, failure.Code);
            Assert.Contains("Input/output error", failure.Message, StringComparison.Ordinal);
            Assert.IsType<IOException>(failure.InnerException);
        });
        using (JournalReader reader = journal.OpenReader(1)) Assert.Equal(Small.Numbers(1, 5), await Small.ReadAsync(reader));
        await journal.DisposeAsync();
        await using SegmentedJournal again = await Small.OpenAsync(_environment);
        Assert.Null(again.Failure);
        Assert.InRange(again.NextSequence, 6, 7);
        await Small.AppendAsync(again, 3);
    });

    [Fact]
    public void Appends_in_the_buffer_and_in_line_fail_with_the_flush_before_them() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        await Small.AppendAsync(journal, 1);
        var held = _disk.FlushesHeld = new TaskCompletionSource();
        _disk.Faults = new DiskFaults(FlushFails: 1);
        var appends = new List<Task<long>>();
        for (int i = 0; i < 30; i++) appends.Add(journal.AppendAsync(new byte[100]).AsTask());
        await Task.Delay(TimeSpan.FromSeconds(1), _environment.Time);
        _disk.FlushesHeld = null;
        held.SetResult();
        foreach (Task<long> append in appends)
            Assert.Equal(JournalErrors.Failed, (await Assert.ThrowsAsync<JournalException>(() => append)).Code);
    });

    [Fact]
    public void A_flush_in_the_background_that_fails_stops_the_journal_too() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions { Sync = JournalSync.Interval });
        await Small.AppendAsync(journal, 1);
        _disk.Faults = new DiskFaults(FlushFails: 1);
        await Task.Delay(TimeSpan.FromSeconds(2), _environment.Time);
        Assert.Equal(JournalErrors.Failed, journal.Failure?.Code);
    });

    /// <summary>/dev/full takes no byte: a real kernel's answer, not ours.</summary>
    [Fact]
    public Task A_really_full_file_system_is_recognised() => HostEnvironment.Production.Executor.RunAsync(static async () =>
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("skipped: /dev/full is Linux's");
        using HostFile full = HostEnvironment.Production.Files.OpenFolder("/dev").Open("full", HostFileAccess.Append);
        await Assert.ThrowsAsync<DiskFullException>(async () => await full.WriteAsync(0, new byte[10], CancellationToken.None));
    });
}
