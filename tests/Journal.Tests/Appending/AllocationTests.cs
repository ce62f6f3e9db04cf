using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Tests.Appending;

/// <summary>By itself, for what the whole process allocates is counted: appends complete on other threads.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class AllocationTests
{
    private const int Records = 200_000;

    /// <summary>A write costs a few objects, whatever it holds; an append and a record read cost none, and 24 bytes would be the smallest object.</summary>
    private const double BytesMax = 2;

    [Fact]
    public Task An_append_and_a_record_read_cost_no_garbage() => HostEnvironment.Production.Executor.RunAsync(async () =>
    {
        using var folder = new TemporaryFolder();
        await using SegmentedJournal journal = await SegmentedJournal.OpenAsync(
            HostEnvironment.Production, folder.File("j"), new JournalOptions { Sync = JournalSync.Memory });
        var record = new byte[128];
        var pending = new ValueTask<long>[500];
        await AppendAsync(journal, record, pending);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await AppendAsync(journal, record, pending);
        double perAppend = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Records;
        Assert.True(perAppend < BytesMax, $"{perAppend:N2} bytes an append");

        await ReadAsync(journal);
        before = GC.GetTotalAllocatedBytes(precise: true);
        await ReadAsync(journal);
        double perRecord = (GC.GetTotalAllocatedBytes(precise: true) - before) / (2.0 * Records);
        Assert.True(perRecord < BytesMax, $"{perRecord:N2} bytes a record read");
    });

    private static async Task AppendAsync(SegmentedJournal journal, byte[] record, ValueTask<long>[] pending)
    {
        for (int i = 0; i < Records; i += pending.Length)
        {
            for (int k = 0; k < pending.Length; k++) pending[k] = journal.AppendAsync(record);
            foreach (ValueTask<long> append in pending) await append;
        }
    }

    private static async Task ReadAsync(SegmentedJournal journal)
    {
        using JournalReader reader = journal.OpenReader(1);
        int read = 0;
        while (await reader.ReadAsync()) read++;
        Assert.Equal(2 * Records, read);
    }
}
