using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Journal;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// The one durable truth of a host: a journal of what turns did, and checkpoints of what that came to, so that the journal's beginning can be dropped. Both lie under one folder.
/// Thread-safe.
/// </summary>
internal sealed class HostLedger : IAsyncDisposable
{
    /// <summary>What one turn's effects may take on disk, in bytes.</summary>
    public const int RecordBytesMax = 2 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HostEnvironment _environment;
    private readonly SegmentedJournal _turns;
    private readonly Checkpoints _checkpoints;
    private readonly long _checkpointBytes;
    private long _appendedBytes;
    private Task? _checkpointing;
    private volatile bool _isClosing;

    /// <summary>Why what was to be stored last was not; null when it was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether nothing can be stored any more before the folder is opened again.</summary>
    public bool HasFailed { get; private set; }

    private HostLedger(HostEnvironment environment, SegmentedJournal turns, Checkpoints checkpoints, long checkpointBytes)
    {
        _environment = environment;
        _turns = turns;
        _checkpoints = checkpoints;
        _checkpointBytes = checkpointBytes;
    }

    /// <summary>Opens the folder, or begins it, and tells what it holds.</summary>
    /// <exception cref="JournalException">The folder is in use, damaged, or cannot be read.</exception>
    public static async Task<(HostLedger Ledger, HostImage Image)> OpenAsync(
        HostEnvironment environment, string folder, long checkpointBytes, int deadLettersMax, ContextOptions contexts, CancellationToken cancellation)
    {
        var options = new JournalOptions { BufferBytes = RecordBytesMax + 64, AppendsWaitingMax = 100_000 };
        SegmentedJournal turns = await SegmentedJournal.OpenAsync(environment, $"{folder}/turns", options, cancellation);
        Checkpoints? checkpoints = null;
        try
        {
            checkpoints = await Checkpoints.OpenAsync(environment, $"{folder}/checkpoints", deadLettersMax, contexts, cancellation);
            (HostImage image, _) = await checkpoints.ReadAsync(turns, cancellation);
            return (new HostLedger(environment, turns, checkpoints, checkpointBytes), image);
        }
        catch
        {
            if (checkpoints is not null) await checkpoints.DisposeAsync();
            await turns.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stores facts, all or none; when this completes they are on disk.</summary>
    /// <exception cref="HypervisorException">They are not (the disk is full), or nobody knows until the folder is opened again.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> facts)
    {
        if (facts.Length > RecordBytesMax)
            throw new InvalidOperationException($"What is to be stored at once takes {facts.Length} bytes; {RecordBytesMax} is the most.");
        try
        {
            await _turns.AppendAsync(facts);
            if (Problem is not null && !HasFailed) Problem = null;
        }
        catch (JournalException failure)
        {
            ErrorCode code = CodeOf(failure);
            HasFailed |= code == HypervisorErrors.StorageFailed;
            Problem = failure.Message;
            throw new HypervisorException(code, failure.Message, failure);
        }
        catch (ObjectDisposedException closed)
        {
            throw new HypervisorException(HypervisorErrors.StorageFailed, "The host has stopped.", closed);
        }

        if (Interlocked.Add(ref _appendedBytes, facts.Length) > Math.Max(_checkpointBytes, _checkpoints.Bytes)) BeginCheckpoint();
    }

    /// <summary>As <see cref="AppendAsync"/>, but waits as long as the disk is full or has too much to do.</summary>
    /// <param name="facts">What is to be stored.</param>
    /// <param name="onWait">Told why, each time before it waits.</param>
    public async ValueTask CommitAsync(ReadOnlyMemory<byte> facts, Action<HypervisorException>? onWait = null)
    {
        while (true)
        {
            try
            {
                await AppendAsync(facts);
                return;
            }
            catch (HypervisorException failure) when (failure.Code != HypervisorErrors.StorageFailed && !_isClosing)
            {
                onWait?.Invoke(failure);
                await Task.Delay(Pause, _environment.Time);
            }
        }
    }

    /// <summary>Writes a checkpoint of all that is stored by now and drops what it makes superfluous.</summary>
    public Task CheckpointAsync()
    {
        lock (_checkpoints)
        {
            Interlocked.Exchange(ref _appendedBytes, 0);
            if (_checkpointing is not { IsCompleted: false })
                _checkpointing = _environment.Executor.RunAsync(() => _checkpoints.WriteAsync(_turns));
            return _checkpointing;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        Task? checkpointing;
        lock (_checkpoints) checkpointing = _checkpointing;
        if (checkpointing is not null) await EndAsync(checkpointing);
        await _checkpoints.DisposeAsync();
        await _turns.DisposeAsync();
    }

    private static ErrorCode CodeOf(JournalException failure) =>
        failure.Code == JournalErrors.DiskFull ? HypervisorErrors.StorageFull
        : failure.Code == JournalErrors.Busy ? HypervisorErrors.StorageBusy
        : HypervisorErrors.StorageFailed;

    private void BeginCheckpoint() => _ = EndAsync(CheckpointAsync());

    /// <summary>A checkpoint that fails leaves the one before, and the journal whole: the next is tried when as much again has been stored.</summary>
    private static async Task EndAsync(Task checkpointing)
    {
        try
        {
            await checkpointing;
        }
        catch (JournalException)
        {
            // Said above.
        }
    }
}
