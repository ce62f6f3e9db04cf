using Sirsi.Hypervisor;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Simulation.Tests.Mistakes;

/// <summary>A mistake in how facts come to the disk.</summary>
internal abstract class LedgerMistake : Mistake
{
    public sealed override AgentHostOptions In(AgentHostOptions options) => options with { WrapLedger = storage => new MistakenLedger(storage, this) };

    /// <summary>Stores a record of what turns did, or something else.</summary>
    public abstract ValueTask<long> AppendAsync(ILedgerLog turns, ReadOnlyMemory<byte> record);
}

/// <summary>A ledger whose turns are stored with a mistake; its checkpoints are made from what was stored.</summary>
internal sealed class MistakenLedger(ILedgerStorage storage, LedgerMistake mistake) : ILedgerStorage
{
    public string Place => storage.Place;

    public ILedgerLog Turns { get; } = new Log(storage.Turns, mistake);

    public ILedgerLog Checkpoints => storage.Checkpoints;

    public string? Failure => storage.Failure;

    public HypervisorException? MeaningOf(Exception failure) => storage.MeaningOf(failure);

    public ValueTask DisposeAsync() => storage.DisposeAsync();

    private sealed class Log(ILedgerLog turns, LedgerMistake mistake) : ILedgerLog
    {
        public long FirstSequence => turns.FirstSequence;

        public long NextSequence => turns.NextSequence;

        public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> record) => mistake.AppendAsync(turns, record);

        public Task<long> ReadAsync(long from, Action<ReadOnlySpan<byte>> visit, CancellationToken cancellation) => turns.ReadAsync(from, visit, cancellation);

        public Task DropAsync(long floor) => turns.DropAsync(floor);
    }
}
