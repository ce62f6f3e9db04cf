using System.Buffers;
using Sirsi.Bus.Local;

namespace Sirsi.Bus.Leases;

/// <summary>
/// The cell of a group's partition: who owns it, and what the group has done of it. Both in one cell, so that what a former owner still
/// wants to write is refused: its revision is an old one.
/// </summary>
/// <param name="Owner">The member that owns it; empty for nobody.</param>
/// <param name="Epoch">Grows with every change of the owner.</param>
/// <param name="Floor">Everything before this position is done.</param>
/// <param name="Settled">What is done behind the floor, ascending.</param>
/// <param name="Deliveries">How often events that are not done were delivered.</param>
internal sealed record PartitionRecord(
    Guid Owner, long Epoch, long Floor, IReadOnlyList<long> Settled, IReadOnlyList<KeyValuePair<long, int>> Deliveries)
{
    private const int Format = 1;

    /// <summary>A partition of a new group.</summary>
    public static PartitionRecord New(long start) => new(Guid.Empty, 0, start, [], []);

    /// <summary>As it is in the hands of an owner.</summary>
    public static PartitionRecord Of(Guid owner, long epoch, PartitionCursor cursor) =>
        new(owner, epoch, cursor.Floor, cursor.SettledBehindFloor(), cursor.DeliveriesOfUnsettled());

    public PartitionCursor ToCursor()
    {
        var cursor = new PartitionCursor(Floor);
        cursor.Restore(Floor, [.. Settled], Deliveries);
        return cursor;
    }

    public ReadOnlyMemory<byte> Encode()
    {
        var bytes = new ArrayBufferWriter<byte>(64 + (2 * Settled.Count) + (4 * Deliveries.Count));
        var writer = new VarintWriter(bytes);
        writer.Number(Format);
        writer.Id(Owner);
        writer.Number(Epoch);
        writer.Number(Floor);
        writer.Number(Settled.Count);
        long before = Floor;
        foreach (long position in Settled)
        {
            writer.Number(position - before);
            before = position;
        }

        writer.Number(Deliveries.Count);
        foreach ((long position, int count) in Deliveries)
        {
            writer.Number(position - Floor);
            writer.Number(count);
        }

        return bytes.WrittenMemory;
    }

    /// <exception cref="BusException">The bytes are no record.</exception>
    public static PartitionRecord Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new VarintReader(bytes);
        bool isKnown = reader.Number() == Format;
        Guid owner = reader.Id();
        long epoch = reader.Number(), floor = reader.Number(), before = floor;
        long[] settled = new long[reader.Count(bytesMin: 1)];
        for (int i = 0; i < settled.Length; i++) settled[i] = before += reader.Number();
        var deliveries = new KeyValuePair<long, int>[reader.Count(bytesMin: 2)];
        for (int i = 0; i < deliveries.Length; i++) deliveries[i] = new(floor + reader.Number(), (int)reader.Number());
        if (!isKnown || reader.IsBroken)
            throw new BusException(BusErrors.GroupRecordBroken, "What the server keeps of a group's partition is not what this version writes.");
        return new PartitionRecord(owner, epoch, floor, settled, deliveries);
    }
}
