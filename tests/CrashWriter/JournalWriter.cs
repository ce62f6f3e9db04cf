using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.CrashWriter;

/// <summary>
/// Appends to a journal from many callers, and tells of each group that was acknowledged a line: its first record's number, the group's own number, and how many records it has.
/// </summary>
internal sealed class JournalWriter(int firstGroup)
{
    private const int Appenders = 16;

    private int _nextGroup = firstGroup;

    public async Task RunAsync(string folder, JournalSync sync)
    {
        var options = new JournalOptions { Sync = sync, SegmentBytes = 256 << 10, BufferBytes = 64 << 10, ReserveBytes = 64 << 10 };
        await using SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, options);
        Told.Line($"open {journal.Recovery.NextSequence}");
        await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => HostEnvironment.Production.Executor.RunAsync(() => AppendAsync(journal, appender))));
    }

    private async Task AppendAsync(SegmentedJournal journal, int appender)
    {
        var group = new RecordGroup();
        for (int i = 0; ; i++)
        {
            int number = Interlocked.Increment(ref _nextGroup);
            int records = 1 + ((i + appender) % 3);
            group.Clear();
            for (int place = 0; place < records; place++)
                group.Add(Encoding.ASCII.GetBytes($"{number} {place} {records} {new string('.', (i * 7) % 200)}"));
            long sequence = await journal.AppendAsync(group);
            Told.Line($"{sequence} {number} {records}");
        }
    }
}
