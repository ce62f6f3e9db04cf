using NATS.Client.Core;
using NATS.Client.KeyValueStore;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Nats;

/// <summary>Cells as entries of a key-value bucket, whose revisions JetStream compares.</summary>
internal sealed class NatsCells(NatsServer server, INatsKVStore bucket, NatsNames names) : CellStore
{
    public override async ValueTask<Cell> ReadAsync(CellName name, CancellationToken cancellation)
    {
        NatsResult<NatsKVEntry<byte[]>> result = await server.AskAsync(
            bucket.TryGetEntryAsync<byte[]>(names.Cell(name), cancellationToken: cancellation), cancellation);
        if (result.Success) return new Cell((long)result.Value.Revision, result.Value.Value ?? []);
        if (result.Error is NatsKVKeyNotFoundException or NatsKVKeyDeletedException) return default;
        throw server.Failure(result.Error);
    }

    public override async ValueTask<long> WriteAsync(CellName name, ReadOnlyMemory<byte> value, long revision, CancellationToken cancellation)
    {
        byte[] bytes = value.ToArray();
        NatsResult<ulong> result = await server.AskAsync(
            revision == 0
                ? bucket.TryCreateAsync(names.Cell(name), bytes, cancellationToken: cancellation)
                : bucket.TryUpdateAsync(names.Cell(name), bytes, (ulong)revision, cancellationToken: cancellation),
            cancellation);
        if (result.Success) return (long)result.Value;
        if (result.Error is NatsKVWrongLastRevisionException or NatsKVCreateException) return 0;
        throw server.Failure(result.Error);
    }
}
