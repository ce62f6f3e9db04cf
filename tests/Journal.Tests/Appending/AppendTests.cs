using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Appending;

public sealed class AppendTests
{
    private readonly DeterministicHost _host = new(seed: 1);
    private readonly FaultyDisk _disk;
    private readonly HostEnvironment _environment;

    public AppendTests()
    {
        _disk = new FaultyDisk(_host.Environment.Executor, seed: 1);
        _environment = _host.Environment with { Files = _disk };
    }

    [Fact]
    public void Records_are_numbered_from_one_without_gaps_over_all_segments() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        for (int i = 1; i <= 100; i++) Assert.Equal(i, await journal.AppendAsync(Small.Record(i)));
        Assert.Equal(101, journal.NextSequence);
        Assert.True(_disk.OpenFolder("j").List().Count > 3);
        using JournalReader reader = journal.OpenReader(1);
        Assert.Equal(Small.Numbers(1, 100), await Small.ReadAsync(reader));
    });

    [Fact]
    public void A_group_takes_one_number_for_each_record_and_is_read_as_a_group() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        await journal.AppendAsync("before"u8.ToArray());
        var group = new RecordGroup();
        group.Add("one"u8);
        group.Add([]);
        group.Add("three"u8);
        Assert.Equal(2, await journal.AppendAsync(group));
        group.Clear();
        group.Add("after"u8);
        Assert.Equal(5, await journal.AppendAsync(group));
        using JournalReader reader = journal.OpenReader(2);
        var read = new List<string>();
        while (await reader.ReadAsync())
            read.Add($"{reader.Current.Sequence} {System.Text.Encoding.UTF8.GetString(reader.Current.Data)} {reader.Current.IsLastOfGroup}");
        Assert.Equal(["2 one False", "3  False", "4 three True", "5 after True"], read);
    });

    [Fact]
    public void Of_many_durable_flushes_few_are_the_first_of_a_sector() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions());
        await journal.AppendAsync(Small.Record(1));
        (int flushes, int first) = (_disk.Flushes, _disk.FlushesOfFirstWrites);
        for (int i = 2; i <= 2_000; i++) await journal.AppendAsync(Small.Record(i));
        Assert.InRange(_disk.Flushes - flushes, 1_999, 2_001);
        Assert.InRange(_disk.FlushesOfFirstWrites - first, 1, 10);
    });

    [Fact]
    public void What_is_written_ahead_of_few_records_is_little() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions());
        long before = _disk.BytesWritten;
        await journal.AppendAsync(Small.Record(1));
        Assert.InRange(_disk.BytesWritten - before, 1, 24 << 10);
    });

    [Fact]
    public void Appends_made_during_a_flush_share_the_next_one() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions { ReserveBytes = 1 << 20 });
        await journal.AppendAsync(Small.Record(1));
        int before = _disk.Flushes;
        var appends = new List<Task<long>>();
        for (int i = 0; i < 500; i++) appends.Add(journal.AppendAsync(new byte[50]).AsTask());
        foreach (Task<long> append in appends) await append;
        Assert.InRange(_disk.Flushes - before, 1, 2);
    });

    [Fact]
    public void Appenders_that_append_again_when_woken_are_all_in_the_next_flush() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions { ReserveBytes = 1 << 20 });
        await journal.AppendAsync(Small.Record(1));
        int before = _disk.Flushes;
        var appenders = new List<Task>();
        for (int i = 0; i < 50; i++) appenders.Add(Small.AppendAsync(journal, 20));
        foreach (Task appender in appenders) await appender;
        Assert.InRange(_disk.Flushes - before, 20, 22);
    });

    [Fact]
    public void What_one_caller_appends_without_waiting_is_stored_in_that_order() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        var appends = new List<Task<long>>();
        for (int i = 1; i <= 300; i++) appends.Add(journal.AppendAsync(Small.Record(i)).AsTask());
        for (int i = 1; i <= 300; i++) Assert.Equal(i, await appends[i - 1]);
        using JournalReader reader = journal.OpenReader(1);
        Assert.Equal(Small.Numbers(1, 300), await Small.ReadAsync(reader));
    });

    [Fact]
    public void An_append_completes_only_when_its_flush_has() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        await journal.AppendAsync(Small.Record(1));
        _disk.FlushesHeld = new TaskCompletionSource();
        Task<long> append = journal.AppendAsync(Small.Record(2)).AsTask();
        using JournalReader reader = journal.OpenReader(1);
        await Task.Delay(TimeSpan.FromMinutes(1), _environment.Time);
        Assert.False(append.IsCompleted);
        Assert.Equal([1], await Small.ReadAsync(reader));
        Release();
        Assert.Equal(2, await append);
        Assert.Equal([2], await Small.ReadAsync(reader));
    });

    [Fact]
    public void A_full_buffer_makes_appends_wait_and_a_full_line_refuses_them() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, Small.Options with { AppendsWaitingMax = 2 });
        await journal.AppendAsync(Small.Record(1));
        _disk.FlushesHeld = new TaskCompletionSource();
        var inFlush = journal.AppendAsync(Small.Record(2)).AsTask();
        await Task.Delay(TimeSpan.FromSeconds(1), _environment.Time);
        var waiting = new List<Task<long>>();
        for (int i = 3; i <= 3 + 6 + 2; i++) waiting.Add(journal.AppendAsync(Small.Record(i)).AsTask());
        JournalException refused = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(new byte[100]));
        Assert.Equal(JournalErrors.Busy, refused.Code);
        Release();
        await inFlush;
        for (int i = 0; i < waiting.Count; i++) Assert.Equal(i + 3, await waiting[i]);
        using JournalReader reader = journal.OpenReader(1);
        Assert.Equal(Small.Numbers(1, 11), await Small.ReadAsync(reader));
    });

    [Fact]
    public void An_append_that_waits_for_room_can_be_cancelled_and_is_refused_in_time() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, Small.Options with { RoomTimeout = TimeSpan.FromSeconds(5) });
        await journal.AppendAsync(new byte[900]);
        _disk.FlushesHeld = new TaskCompletionSource();
        var inFlush = journal.AppendAsync(new byte[900]).AsTask();
        await Task.Delay(TimeSpan.FromSeconds(1), _environment.Time);
        var inBuffer = journal.AppendAsync(new byte[900]).AsTask();
        using var cancellation = new CancellationTokenSource();
        var cancelled = journal.AppendAsync(new byte[901], cancellation.Token).AsTask();
        var late = journal.AppendAsync(new byte[902]).AsTask();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Task.Delay(TimeSpan.FromSeconds(6), _environment.Time);
        Assert.Equal(JournalErrors.Busy, (await Assert.ThrowsAsync<JournalException>(() => late)).Code);
        Release();
        Assert.Equal(2, await inFlush);
        Assert.Equal(3, await inBuffer);
        Assert.Equal(4, await journal.AppendAsync(new byte[1]));
    });

    [Fact]
    public void What_was_appended_before_closing_is_stored_and_later_appends_are_misuse() => _host.Run(async () =>
    {
        SegmentedJournal journal = await Small.OpenAsync(_environment, Small.Options with { Sync = JournalSync.Memory });
        var appends = new List<Task<long>>();
        for (int i = 1; i <= 30; i++) appends.Add(journal.AppendAsync(Small.Record(i)).AsTask());
        await journal.DisposeAsync();
        await journal.DisposeAsync();
        Assert.All(appends, static append => Assert.True(append.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await journal.AppendAsync(new byte[1]));
        _disk.LosePower();
        await using SegmentedJournal again = await Small.OpenAsync(_environment);
        using JournalReader reader = again.OpenReader(1);
        Assert.Equal(Small.Numbers(1, 30), await Small.ReadAsync(reader));
    });

    [Fact]
    public void In_interval_mode_appends_do_not_wait_for_a_flush_and_one_comes_in_time() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions { Sync = JournalSync.Interval, SyncInterval = TimeSpan.FromSeconds(2) });
        await journal.AppendAsync(Small.Record(1));
        int before = _disk.Flushes;
        await Small.AppendAsync(journal, 50);
        Assert.Equal(before, _disk.Flushes);
        await Task.Delay(TimeSpan.FromSeconds(2.1), _environment.Time);
        Assert.Equal(before + 1, _disk.Flushes);
        await Task.Delay(TimeSpan.FromSeconds(20), _environment.Time);
        Assert.Equal(before + 1, _disk.Flushes);
    });

    [Fact]
    public void In_memory_mode_nothing_is_flushed_while_a_segment_lasts() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment, new JournalOptions { Sync = JournalSync.Memory });
        await journal.AppendAsync(Small.Record(1));
        int before = _disk.Flushes;
        await Small.AppendAsync(journal, 500);
        await Task.Delay(TimeSpan.FromHours(1), _environment.Time);
        Assert.Equal(before, _disk.Flushes);
    });

    [Fact]
    public void What_cannot_be_appended_is_misuse() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_environment);
        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.AppendAsync(new RecordGroup()));
        await Assert.ThrowsAsync<ArgumentException>(async () => await journal.AppendAsync(new byte[1_024 - 32 - 4 + 1]));
        Assert.Equal(1, await journal.AppendAsync(new byte[1_024 - 32 - 4]));
        ArgumentException invalid = await Assert.ThrowsAsync<ArgumentException>(() => SegmentedJournal.OpenAsync(
            _environment, "k", new JournalOptions { BufferBytes = 10, SegmentBytes = 10, AppendsWaitingMax = -1, SyncInterval = TimeSpan.Zero }));
        foreach (string name in new[] { "BufferBytes", "SegmentBytes", "AppendsWaitingMax", "SyncInterval" })
            Assert.Contains(name, invalid.Message, StringComparison.Ordinal);
    });

    private void Release()
    {
        TaskCompletionSource held = _disk.FlushesHeld!;
        _disk.FlushesHeld = null;
        held.SetResult();
    }
}
