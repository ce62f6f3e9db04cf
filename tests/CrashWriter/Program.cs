// Appends to a journal under load until it is killed, and tells on standard output what was acknowledged, a line for each group:
// its first record's number, the group's own number, and how many records it has.
// Usage: CrashWriter FOLDER FIRST-GROUP SYNC
using System.Globalization;
using System.Text;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

const int Appenders = 16;
string folder = args[0];
int nextGroup = int.Parse(args[1], CultureInfo.InvariantCulture);
var options = new JournalOptions { Sync = Enum.Parse<JournalSync>(args[2]), SegmentBytes = 256 << 10, BufferBytes = 64 << 10, ReserveBytes = 64 << 10 };
await using SegmentedJournal journal = await SegmentedJournal.OpenAsync(HostEnvironment.Production, folder, options);
await using Stream output = Console.OpenStandardOutput();
var printing = new Lock();
Tell($"open {journal.Recovery.NextSequence}\n");
await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => HostEnvironment.Production.Executor.RunAsync(() => AppendAsync(appender))));

async Task AppendAsync(int appender)
{
    var group = new RecordGroup();
    for (int i = 0; ; i++)
    {
        int number = Interlocked.Increment(ref nextGroup);
        int records = 1 + ((i + appender) % 3);
        group.Clear();
        for (int place = 0; place < records; place++)
            group.Add(Encoding.ASCII.GetBytes($"{number} {place} {records} {new string('.', (i * 7) % 200)}"));
        long sequence = await journal.AppendAsync(group);
        Tell($"{sequence} {number} {records}\n");
    }
}

void Tell(string line)
{
    // One write for a line: what has been written is in the pipe when the process is killed.
    lock (printing) output.Write(Encoding.ASCII.GetBytes(line));
}
