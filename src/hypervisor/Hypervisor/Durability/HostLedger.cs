using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// The one durable truth of a host: a log of what turns did, and checkpoints of what that came to, so that the log's beginning can be dropped. Both lie in one storage. Thread-safe.
/// </summary>
internal sealed class HostLedger : IAsyncDisposable
{
    /// <summary>What one turn's effects may take on disk, in bytes.</summary>
    public const int RecordBytesMax = 2 << 20;

    /// <summary>Records that may wait for the disk; more are refused.</summary>
    public const int RecordsWaitingMax = 100_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HostEnvironment _environment;
    private readonly ILedgerStorage _storage;
    private readonly Checkpoints _checkpoints;
    private readonly long _checkpointBytes;
    private long _appendedBytes;
    private string? _problem;
    private Task? _checkpointing;
    private volatile bool _isClosing;

    /// <summary>Why what was to be stored last was not; null when it was.</summary>
    public string? Problem => _storage.Failure ?? _problem;

    /// <summary>Whether nothing can be stored any more before the host is opened again.</summary>
    public bool HasFailed => _storage.Failure is not null;

    private HostLedger(HostEnvironment environment, ILedgerStorage storage, Checkpoints checkpoints, long checkpointBytes)
    {
        _environment = environment;
        _storage = storage;
        _checkpoints = checkpoints;
        _checkpointBytes = checkpointBytes;
    }

    /// <summary>Goes on with what is in a storage, which is the ledger's from now on, and tells what that is.</summary>
    /// <exception cref="HypervisorException">It is damaged, or cannot be read.</exception>
    public static async Task<(HostLedger Ledger, HostImage Image)> OpenAsync(
        HostEnvironment environment, ILedgerStorage storage, long checkpointBytes, int deadLettersMax, ContextOptions contexts, CancellationToken cancellation)
    {
        try
        {
            var checkpoints = new Checkpoints(storage, deadLettersMax, contexts);
            (HostImage image, _) = await checkpoints.ReadAsync(cancellation);
            return (new HostLedger(environment, storage, checkpoints, checkpointBytes), image);
        }
        catch (Exception failure)
        {
            await storage.DisposeAsync();
            if (MeaningOf(failure, storage) is not { } meaning) throw;
            throw new HypervisorException(HypervisorErrors.StorageFailed, $"The agents in {storage.Place} cannot be opened: {meaning.Message}", failure);
        }
    }

    /// <summary>Stores facts, all or none; when this completes they are on disk.</summary>
    /// <exception cref="HypervisorException">They are not (the disk is full), or nobody knows until the host is opened again.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> facts)
    {
        if (facts.Length > RecordBytesMax)
            throw new InvalidOperationException($"What is to be stored at once takes {facts.Length} bytes; {RecordBytesMax} is the most.");
        try
        {
            await _storage.Turns.AppendAsync(facts);
            if (_problem is not null) _problem = null;
        }
        catch (Exception failure) when (MeaningOf(failure, _storage) is { } meaning)
        {
            _problem = meaning.Message;
            throw new HypervisorException(meaning.Code, meaning.Message, meaning.InnerException);
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
                _checkpointing = _environment.Executor.RunAsync(WriteCheckpointAsync);
            return _checkpointing;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        Task? checkpointing;
        lock (_checkpoints) checkpointing = _checkpointing;
        if (checkpointing is not null) await EndAsync(checkpointing);
        await _storage.DisposeAsync();
    }

    private static HypervisorException? MeaningOf(Exception failure, ILedgerStorage storage) =>
        failure is InvalidDataException ? new HypervisorException(HypervisorErrors.StorageFailed, failure.Message, failure) : storage.MeaningOf(failure);

    private async Task WriteCheckpointAsync()
    {
        try
        {
            await _checkpoints.WriteAsync();
        }
        catch (Exception failure) when (MeaningOf(failure, _storage) is { } meaning)
        {
            throw new HypervisorException(meaning.Code, meaning.Message, meaning.InnerException);
        }
    }

    private void BeginCheckpoint() => _ = EndAsync(CheckpointAsync());

    /// <summary>A checkpoint that fails leaves the one before, and the log whole: the next is tried when as much again has been stored.</summary>
    private static async Task EndAsync(Task checkpointing)
    {
        try
        {
            await checkpointing;
        }
        catch (HypervisorException)
        {
            // Said above.
        }
    }
}
