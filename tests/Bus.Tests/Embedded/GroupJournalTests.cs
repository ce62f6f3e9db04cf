using Sirsi.Bus.Embedded;
using Sirsi.Bus.Local;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.Bus.Tests.Embedded;

public sealed class GroupJournalTests
{
    private readonly DeterministicHost _host = new(seed: 1);

    private Task<SegmentedJournal> OpenAsync() =>
        SegmentedJournal.OpenAsync(_host.Environment, "groups", new JournalOptions { SegmentBytes = 4_096, BufferBytes = 2_048, ReserveBytes = 4_096 });

    private static PartitionCursor Delivered(int attempts)
    {
        var cursor = new PartitionCursor(0);
        cursor.HandOut(0, attempts);
        return cursor;
    }

    [Fact]
    public void What_changes_while_a_save_is_under_way_is_saved_behind_it()
    {
        _host.Run(async () =>
        {
            JournalGroups groups = await JournalGroups.OpenAsync(await OpenAsync(), partitions: 1, CancellationToken.None);
            var cursor = new PartitionCursor(0);
            var group = new LocalGroup("g", [cursor], groups);
            cursor.HandOut(0, 1);
            lock (group.Lock) group.SaveSoon();
            cursor.Deliver(0, 2);
            lock (group.Lock) group.SaveSoon();
            await Task.Delay(TimeSpan.FromSeconds(1), _host.Environment.Time);
            _host.Files.LosePower(new Random(1));
        });
        _host.Run(async () =>
        {
            JournalGroups groups = await JournalGroups.OpenAsync(await OpenAsync(), partitions: 1, CancellationToken.None);
            Assert.Equal(2, Assert.Single(groups.Load()).Cursors[0].DeliveriesOf(0));
        });
    }

    [Fact]
    public void Processes_that_live_shortly_clean_up_what_they_leave()
    {
        long first = 0;
        _host.Run(async () =>
        {
            for (int life = 0; life < 25; life++)
            {
                SegmentedJournal journal = await OpenAsync();
                JournalGroups groups = await JournalGroups.OpenAsync(journal, partitions: 1, CancellationToken.None);
                for (int i = 0; i < 500; i++) await groups.SaveAsync(new GroupRecord("g", [Delivered(1)]), CancellationToken.None);
                first = journal.FirstSequence;
                await groups.DisposeAsync();
            }
        });
        Assert.True(first > 1, "nothing was dropped in 12,500 records");
    }
}
