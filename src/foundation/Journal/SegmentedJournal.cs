using Sirsi.Core.Hosting;
using Sirsi.Journal.Appending;
using Sirsi.Journal.Format;
using Sirsi.Journal.Reading;
using Sirsi.Journal.Recovery;

namespace Sirsi.Journal;

/// <summary>
/// An append-only log in segment files: groups of records that are stored whole or not at all, numbered without gaps, flushed
/// together, read again in order. The files' format is in <c>docs/journal-format.md</c>. One process writes a folder;
/// any number may follow it (<see cref="JournalReader.OpenFolder(HostEnvironment, string, long, TimeSpan?)"/>). Safe for any
/// number of threads.
/// </summary>
public sealed class SegmentedJournal : IAsyncDisposable
{
    private readonly HostEnvironment _environment;
    private readonly HostFolder _folder;
    private readonly SegmentTable _table;
    private readonly JournalWriter _writer;
    private readonly IDisposable _lock;
    private readonly Task _writing;
    private readonly Lock _closing = new();
    private Task? _closed;
    private int _isDropping;

    private SegmentedJournal(HostEnvironment environment, HostFolder folder, SegmentTable table, JournalWriter writer, IDisposable folderLock, JournalRecovery recovery)
    {
        _environment = environment;
        _folder = folder;
        _table = table;
        _writer = writer;
        _lock = folderLock;
        Recovery = recovery;
        _writing = environment.Executor.RunAsync(writer.RunAsync);
    }

    /// <summary>What opening it has found.</summary>
    public JournalRecovery Recovery { get; }

    /// <summary>The number of the first record that is still there; that of the next one when there is none.</summary>
    public long FirstSequence => _table.FirstSequence;

    /// <summary>The number after that of the last acknowledged record.</summary>
    public long NextSequence => _table.NextSequence;

    /// <summary>Bytes its segments take, without room taken ahead.</summary>
    public long Bytes => _table.Bytes;

    /// <summary>
    /// Called when <see cref="NextSequence"/> has grown, and once when the journal is closed, by the loop that writes: it must be short and must not throw.
    /// </summary>
    public Action? Grown
    {
        get => _table.Grown;
        set => _table.Grown = value;
    }

    /// <summary>
    /// Why the journal has stopped, or null. Once the disk fails a write or a flush nothing more is appended: close the journal and open it
    /// again, which finds out what the disk holds and stores it anew.
    /// </summary>
    public JournalException? Failure => _writer.Queue.Failure;

    /// <summary>
    /// Opens the journal in a folder, which is created when absent, and takes the folder for this process's sole writing. A torn
    /// tail is cut off and told in <see cref="Recovery"/>; nothing acknowledged is lost.
    /// </summary>
    /// <exception cref="ArgumentException">The options break rules.</exception>
    /// <exception cref="JournalException">The folder is in use, the journal is damaged or of a later version, or the disk failed.</exception>
    public static async Task<SegmentedJournal> OpenAsync(HostEnvironment environment, string folder, JournalOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowUnlessValid();
        IDisposable? folderLock = null;
        FolderRecovery? recovery = null;
        try
        {
            HostFolder files = environment.Files.OpenFolder(folder);
            folderLock = files.TryLock() ?? throw new JournalException(
                JournalErrors.FolderInUse, $"Journal {folder} is in use by {files.LockHolder() ?? "a process that has not told its number"}.");
            var table = new SegmentTable(environment.Executor);
            recovery = new FolderRecovery(environment, files, options, table);
            JournalRecovery found = await recovery.RunAsync(cancellation);
            Guid journalId = recovery.JournalId ?? NewId(environment);
            var writer = new JournalWriter(environment, files, options, table, journalId, recovery.Active, recovery.LastTime);
            return new SegmentedJournal(environment, files, table, writer, folderLock, found);
        }
        catch (Exception failure)
        {
            recovery?.Active?.Dispose();
            folderLock?.Dispose();
            if (failure is IOException or UnauthorizedAccessException)
                throw new JournalException(JournalErrors.Inaccessible, $"Journal {folder} cannot be opened: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>
    /// Appends one record. Completes, with its number, when it is as safe as <see cref="JournalOptions.Sync"/> says. Appends of one caller, one
    /// after the other, are stored in that order, whether it awaits them or not. The bytes are the journal's until then.
    /// </summary>
    /// <param name="record">The record, which may be empty.</param>
    /// <param name="cancellation">Heeded while the append waits for room in the buffer; what is in the buffer is stored.</param>
    /// <exception cref="ArgumentException">It does not fit into <see cref="JournalOptions.BufferBytes"/>.</exception>
    /// <exception cref="JournalException">
    /// The disk is full, or too many appends wait: it was not stored. The journal has stopped (<see cref="Failure"/>): whether it was
    /// stored is found out when the journal is opened again.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The journal is closed.</exception>
    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record, CancellationToken cancellation = default) =>
        _writer.Queue.AppendAsync(record, group: null, cancellation);

    /// <summary>Appends a group of records, all or none; completes with the number of the first, the others follow without a gap.</summary>
    /// <inheritdoc cref="AppendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="group">One record or more.</param>
    /// <param name="cancellation">Heeded while the append waits for room in the buffer; what is in the buffer is stored.</param>
    public ValueTask<long> AppendAsync(RecordGroup group, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (group.Count == 0) throw new ArgumentException("A group without records is nothing to append.", nameof(group));
        return _writer.Queue.AppendAsync(default, group, cancellation);
    }

    /// <summary>A reader that begins with this record and sees what is acknowledged.</summary>
    /// <param name="fromSequence">1 or more; it may still have to be appended.</param>
    public JournalReader OpenReader(long fromSequence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fromSequence, 1);
        return new JournalReader(_environment, new LiveSource(_environment, _folder, _table), fromSequence, fromTime: null);
    }

    /// <summary>A reader that begins with the first record written at this time or later and sees what is acknowledged.</summary>
    public JournalReader OpenReader(DateTimeOffset from) =>
        new(_environment, new LiveSource(_environment, _folder, _table), fromSequence: 1, JournalTime.Of(from));

    /// <summary>
    /// Drops whole complete segments, oldest first, that lie below <paramref name="floor"/> and that <paramref name="retention"/> does not keep.
    /// A reader in a dropped segment fails with <see cref="JournalErrors.RecordsDropped"/>. One call at a time.
    /// </summary>
    /// <param name="retention">What is kept below the floor all the same.</param>
    /// <param name="floor">The number of the first record that somebody still needs.</param>
    /// <param name="cancellation">Heeded between segments.</param>
    /// <exception cref="JournalException">A file cannot be removed.</exception>
    public async Task<DroppedSegments> DropAsync(JournalRetention retention, long floor, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(retention);
        if (retention is { AgeMax.Ticks: < 0 } or { BytesMax: < 0 }) throw new ArgumentException("AgeMax and BytesMax are 0 or more, or null.", nameof(retention));
        if (Interlocked.Exchange(ref _isDropping, 1) != 0) throw new InvalidOperationException("Segments are being dropped already: await that call first.");
        try
        {
            return await DropSegmentsAsync(retention, floor, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JournalException(JournalErrors.Inaccessible, $"A segment cannot be dropped: {failure.Message}", failure);
        }
        finally
        {
            Volatile.Write(ref _isDropping, 0);
        }
    }

    /// <summary>Stores what has been appended, flushes it in every mode, and gives the folder back.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_closing) return new ValueTask(_closed ??= CloseAsync());
    }

    private static Guid NewId(HostEnvironment environment)
    {
        Span<byte> bytes = stackalloc byte[16];
        environment.Random.FillSecret(bytes);
        return new Guid(bytes);
    }

    private async Task<DroppedSegments> DropSegmentsAsync(JournalRetention retention, long floor, CancellationToken cancellation)
    {
        SealedSegment[] segments = _table.Sealed();
        long kept = segments.Sum(static segment => segment.FileBytes);
        long now = JournalTime.Of(_environment.Time.GetUtcNow());
        bool keepsNone = retention is { AgeMax: null, BytesMax: null };
        int dropped = 0;
        long bytes = 0;
        foreach (SealedSegment segment in segments)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isTooOld = retention.AgeMax is { } age && now - segment.Footer.LastTime > age.Ticks / TimeSpan.TicksPerMicrosecond;
            bool isTooMuch = kept > retention.BytesMax;
            if (segment.NextSequence > floor || !(keepsNone || isTooOld || isTooMuch)) break;
            _table.RemoveOldest();
            _folder.Delete(SegmentName.Of(segment.FirstSequence));
            // Each by itself: were a later one gone and an earlier one back after a loss of power, there would be a hole.
            await _folder.FlushAsync(CancellationToken.None);
            kept -= segment.FileBytes;
            bytes += segment.FileBytes;
            dropped++;
        }

        return new DroppedSegments(dropped, bytes, _table.FirstSequence);
    }

    private async Task CloseAsync()
    {
        _writer.Queue.Close();
        try
        {
            await _writing;
        }
        finally
        {
            _table.Close();
            _writer.Dispose();
            _lock.Dispose();
        }
    }
}
