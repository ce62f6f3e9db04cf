using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Reading;

public sealed class ReaderTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly DeterministicHost _host = new(seed: 1);

    [Fact]
    public void A_reader_begins_with_any_record() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        await Small.AppendAsync(journal, 60);
        for (int from = 1; from <= 61; from++)
        {
            using JournalReader reader = journal.OpenReader(from);
            Assert.Equal(Small.Numbers(from, 60), await Small.ReadAsync(reader));
        }
    });

    [Fact]
    public void A_reader_may_begin_inside_a_group() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        var group = new RecordGroup();
        for (int i = 1; i <= 5; i++) group.Add(Small.Record(i));
        await journal.AppendAsync(group);
        using JournalReader reader = journal.OpenReader(4);
        Assert.Equal([4L, 5], await Small.ReadAsync(reader));
    });

    [Fact]
    public void A_reader_begins_at_any_time() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        DateTimeOffset start = _host.Environment.Time.GetUtcNow();
        for (int i = 0; i < 60; i++)
        {
            await Small.AppendAsync(journal, 1);
            await Task.Delay(Minute, _host.Environment.Time);
        }

        for (int i = 0; i <= 60; i++)
        {
            using JournalReader exact = journal.OpenReader(start + (i * Minute));
            Assert.Equal(Small.Numbers(i + 1, 60), await Small.ReadAsync(exact));
            using JournalReader later = JournalReader.OpenFolder(_host.Environment, "j", start + (i * Minute) + TimeSpan.FromSeconds(1));
            Assert.Equal(Small.Numbers(i + 2, 60), await Small.ReadAsync(later));
        }
    });

    [Fact]
    public void Large_segments_are_entered_by_their_index() => _host.Run(async () =>
    {
        JournalOptions options = new() { SegmentBytes = 3 << 20, Sync = JournalSync.Memory };
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment, options))
        {
            await Small.AppendAsync(journal, 40_000);
            await CheckAsync(journal);
        }

        await using SegmentedJournal again = await Small.OpenAsync(_host.Environment, options);
        await CheckAsync(again);

        static async Task CheckAsync(SegmentedJournal journal)
        {
            foreach (long from in new long[] { 1, 2, 499, 500, 12_345, 20_000, 39_999, 40_000 })
            {
                using JournalReader reader = journal.OpenReader(from);
                Assert.True(await reader.ReadAsync());
                Assert.Equal(from, reader.Current.Sequence);
                Assert.Equal(Small.Record(from), reader.Current.Data.ToArray());
            }
        }
    });

    [Fact]
    public void A_reader_may_wait_for_a_record_that_is_still_to_come() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        using JournalReader inside = journal.OpenReader(20);
        using JournalReader outside = JournalReader.OpenFolder(_host.Environment, "j", fromSequence: 20);
        Assert.False(await inside.WaitAsync(Minute));
        Assert.False(await outside.WaitAsync(Minute));
        await Small.AppendAsync(journal, 21);
        Assert.Equal([20L, 21], await Small.ReadAsync(inside));
        Assert.Equal([20L, 21], await Small.ReadAsync(outside));
    });

    [Fact]
    public void A_waiting_reader_is_woken_by_a_record_and_by_the_end_of_its_time() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        using JournalReader reader = journal.OpenReader(1);
        Assert.False(await reader.WaitAsync(Minute));
        Task<bool> waiting = reader.WaitAsync(Minute).AsTask();
        await Small.AppendAsync(journal, 1);
        Assert.True(await waiting);
        Assert.Equal([1], await Small.ReadAsync(reader));
        using var cancellation = new CancellationTokenSource();
        Task<bool> cancelled = reader.WaitAsync(Minute, cancellation.Token).AsTask();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    });

    [Fact]
    public void A_reader_that_waits_for_a_journal_that_is_closed_is_told() => _host.Run(async () =>
    {
        SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        using JournalReader reader = journal.OpenReader(1);
        Task<bool> waiting = reader.WaitAsync(Minute).AsTask();
        await journal.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    });

    [Fact]
    public void Readers_that_follow_while_others_append_see_each_record_once_and_in_order() => Check.That(seed: 5, runs: 100, static random =>
    {
        var host = new DeterministicHost(random.Next(), StepOrder.Seeded);
        host.Run(async () =>
        {
            await using SegmentedJournal journal = await Small.OpenAsync(host.Environment);
            Task<List<long>> inside = FollowAsync(journal.OpenReader(1), 80);
            Task<List<long>> outside = FollowAsync(JournalReader.OpenFolder(host.Environment, "j"), 80);
            for (int i = 1; i <= 80; i++)
            {
                await journal.AppendAsync(Small.Record(i));
                if (random.Next(5) == 0) await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100)), host.Environment.Time);
            }

            Assert.Equal(Small.Numbers(1, 80), await inside);
            Assert.Equal(Small.Numbers(1, 80), await outside);
        });
    });

    [Fact]
    public void A_follower_of_a_folder_sees_nothing_of_a_group_that_is_half_written() => _host.Run(async () =>
    {
        string name;
        await using (SegmentedJournal journal = await Small.OpenAsync(_host.Environment))
        {
            await Small.AppendAsync(journal, 3);
            name = _host.Files.OpenFolder("j").List()[0];
        }

        byte[] whole = await Small.BytesAsync(_host.Environment, name);
        int last = Array.FindLastIndex(whole, static value => value != 0) + 1;
        int third = last - 32 - 136;
        for (int cut = third; cut < third + 136; cut++)
        {
            HostFolder folder = _host.Files.OpenFolder("half");
            folder.Delete(name);
            using HostFile file = folder.Open(name, HostFileAccess.Append);
            await file.AppendAsync(whole.AsMemory(0, cut), CancellationToken.None);
            file.Reserve(whole.Length);
            using JournalReader reader = JournalReader.OpenFolder(_host.Environment, "half");
            List<long> before = await Small.ReadAsync(reader);
            Assert.Equal([1L, 2], before);
            await file.WriteAsync(cut, whole.AsMemory(cut), CancellationToken.None);
            List<long> after = await Small.ReadAsync(reader);
            Assert.Equal([1L, 2, 3], before.Concat(after));
        }
    });

    [Fact]
    public void Misuse_of_a_reader_is_told() => _host.Run(async () =>
    {
        await using SegmentedJournal journal = await Small.OpenAsync(_host.Environment);
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.OpenReader(0));
        JournalReader reader = journal.OpenReader(1);
        Assert.Throws<InvalidOperationException>(() => _ = reader.Current.Sequence);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => { _ = reader.ReadAsync(); });
        JournalException absent = Assert.Throws<JournalException>(() => JournalReader.OpenFolder(_host.Environment, "nowhere"));
        Assert.Equal(JournalErrors.Inaccessible, absent.Code);
    });

    private static async Task<List<long>> FollowAsync(JournalReader reader, int count)
    {
        using (reader)
        {
            var seen = new List<long>();
            while (seen.Count < count)
            {
                Assert.True(await reader.WaitAsync(Minute));
                seen.AddRange(await Small.ReadAsync(reader));
            }

            return seen;
        }
    }
}
