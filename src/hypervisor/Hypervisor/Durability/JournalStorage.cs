using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.Hypervisor.Durability;

/// <summary>A ledger in a folder: a journal for each of its logs.</summary>
internal sealed class JournalStorage : ILedgerStorage
{
    private readonly SegmentedJournal _turns, _checkpoints;

    private JournalStorage(string folder, SegmentedJournal turns, SegmentedJournal checkpoints)
    {
        (Place, _turns, _checkpoints) = (folder, turns, checkpoints);
        Turns = new JournalLog(turns);
        Checkpoints = new JournalLog(checkpoints);
    }

    public string Place { get; }

    public ILedgerLog Turns { get; }

    public ILedgerLog Checkpoints { get; }

    public string? Failure => _turns.Failure?.Message;

    /// <summary>Opens the folder, or begins it.</summary>
    /// <exception cref="HypervisorException">The folder is in use, damaged, or cannot be read.</exception>
    public static async Task<ILedgerStorage> OpenAsync(HostEnvironment environment, string folder, CancellationToken cancellation)
    {
        SegmentedJournal? turns = null;
        try
        {
            var options = new JournalOptions { BufferBytes = HostLedger.RecordBytesMax + 64, AppendsWaitingMax = HostLedger.RecordsWaitingMax };
            turns = await SegmentedJournal.OpenAsync(environment, $"{folder}/turns", options, cancellation);
            options = new JournalOptions { BufferBytes = HostLedger.RecordBytesMax + 64, SegmentBytes = 16 << 20 };
            return new JournalStorage(folder, turns, await SegmentedJournal.OpenAsync(environment, $"{folder}/checkpoints", options, cancellation));
        }
        catch (Exception failure)
        {
            if (turns is not null) await turns.DisposeAsync();
            if (failure is not JournalException reason) throw;
            throw reason.Code == JournalErrors.FolderInUse
                ? new HypervisorException(HypervisorErrors.FolderInUse, reason.Message, reason)
                : new HypervisorException(HypervisorErrors.StorageFailed, $"The agents in {folder} cannot be opened: {reason.Message}", reason);
        }
    }

    public HypervisorException? MeaningOf(Exception failure) => failure switch
    {
        JournalException reason => new HypervisorException(CodeOf(reason), reason.Message, reason),
        ObjectDisposedException => new HypervisorException(HypervisorErrors.StorageFailed, "The host has stopped.", failure),
        _ => null,
    };

    public async ValueTask DisposeAsync()
    {
        await _checkpoints.DisposeAsync();
        await _turns.DisposeAsync();
    }

    private static ErrorCode CodeOf(JournalException failure) =>
        failure.Code == JournalErrors.DiskFull ? HypervisorErrors.StorageFull
        : failure.Code == JournalErrors.Busy ? HypervisorErrors.StorageBusy
        : HypervisorErrors.StorageFailed;

    private sealed class JournalLog(SegmentedJournal journal) : ILedgerLog
    {
        public long FirstSequence => journal.FirstSequence;

        public long NextSequence => journal.NextSequence;

        public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record) => journal.AppendAsync(record);

        public async Task<long> ReadAsync(long from, Action<ReadOnlySpan<byte>> visit, CancellationToken cancellation)
        {
            long end = journal.NextSequence;
            using JournalReader reader = journal.OpenReader(from);
            while (reader.NextSequence < end && await reader.ReadAsync(cancellation)) visit(reader.Current.Data);
            return Math.Max(from, reader.NextSequence);
        }

        public Task DropAsync(long floor) => journal.DropAsync(new JournalRetention(), floor);
    }
}
