using System.Text;
using Sirsi.Bus.Local;

namespace Sirsi.Bus.Embedded;

/// <summary>
/// Records of the journal of groups (<c>docs/bus-format.md</c>), numbers as LEB128: <c>1 PARTITIONS</c>, or <c>2 NAME-LENGTH NAME PARTITIONS</c> and for each partition
/// <c>FLOOR SETTLED-COUNT (STEP)… DELIVERED-COUNT (STEP ATTEMPTS)…</c>, where a step leads from the position before, at first from the floor.
/// </summary>
internal static class GroupFormat
{
    private const byte PartitionsKind = 1;
    private const byte GroupKind = 2;
    private const int NumberLengthMax = 10;

    public static byte[] WritePartitions(int partitions) =>
        partitions < 0x80 ? [PartitionsKind, (byte)partitions] : [PartitionsKind, (byte)(partitions | 0x80), (byte)(partitions >> 7)];

    public static int? ReadPartitions(ReadOnlySpan<byte> record)
    {
        if (record is not [PartitionsKind, .. ReadOnlySpan<byte> rest]) return null;
        return TryNumber(ref rest, out long partitions) ? (int)partitions : null;
    }

    public static string? NameOf(ReadOnlySpan<byte> record) =>
        record is [GroupKind, byte length, ..] && record.Length >= 2 + length ? Encoding.UTF8.GetString(record.Slice(2, length)) : null;

    /// <summary>Writes a group; <paramref name="bytes"/> grows as needed. Gives the length.</summary>
    public static int Write(GroupRecord record, ref byte[] bytes)
    {
        var writer = new Writer(bytes);
        writer.Byte(GroupKind);
        writer.Byte((byte)record.Group.Length);
        foreach (char c in record.Group) writer.Byte((byte)c);
        writer.Number(record.Cursors.Length);
        foreach (PartitionCursor cursor in record.Cursors) Write(cursor, writer);
        bytes = writer.Bytes;
        return writer.Length;
    }

    /// <summary>Reads a group; partitions that the record lacks begin at 0. Null when it is no whole record.</summary>
    public static GroupRecord? Read(ReadOnlySpan<byte> record, int partitions)
    {
        if (NameOf(record) is not { } name) return null;
        ReadOnlySpan<byte> rest = record[(2 + record[1])..];
        if (!TryNumber(ref rest, out long count)) return null;
        var cursors = new PartitionCursor[partitions];
        for (int i = 0; i < partitions; i++)
        {
            if (i >= count) cursors[i] = new PartitionCursor(0);
            else if (ReadCursor(ref rest) is { } cursor) cursors[i] = cursor;
            else return null;
        }

        return new GroupRecord(name, cursors);
    }

    private static void Write(PartitionCursor cursor, Writer writer)
    {
        writer.Number(cursor.Floor);
        List<long> settled = cursor.SettledBehindFloor();
        List<KeyValuePair<long, int>> delivered = cursor.DeliveriesOfUnsettled();
        long at = cursor.Floor;
        writer.Number(settled.Count);
        foreach (long position in settled)
        {
            writer.Number(position - at);
            at = position;
        }

        writer.Number(delivered.Count);
        at = cursor.Floor;
        foreach ((long position, int attempts) in delivered)
        {
            writer.Number(position - at);
            writer.Number(attempts);
            at = position;
        }
    }

    private static PartitionCursor? ReadCursor(ref ReadOnlySpan<byte> rest)
    {
        if (!TryNumber(ref rest, out long floor) || !TryNumber(ref rest, out long settled)) return null;
        List<long> positions = [];
        for (long at = floor; settled > 0; settled--)
        {
            if (!TryNumber(ref rest, out long step)) return null;
            positions.Add(at += step);
        }

        if (!TryNumber(ref rest, out long delivered)) return null;
        List<KeyValuePair<long, int>> deliveries = [];
        for (long at = floor; delivered > 0; delivered--)
        {
            if (!TryNumber(ref rest, out long step) || !TryNumber(ref rest, out long attempts)) return null;
            deliveries.Add(new(at += step, (int)attempts));
        }

        var cursor = new PartitionCursor(floor);
        cursor.Restore(floor, positions, deliveries);
        return cursor;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> rest, out long value)
    {
        value = 0;
        for (int i = 0; i < rest.Length && i < NumberLengthMax; i++)
        {
            value |= (long)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }

        return false;
    }

    private sealed class Writer(byte[] bytes)
    {
        public byte[] Bytes { get; private set; } = bytes;

        public int Length { get; private set; }

        public void Byte(byte value)
        {
            if (Length == Bytes.Length)
            {
                byte[] larger = new byte[Math.Max(256, 2 * Length)];
                Bytes.CopyTo(larger, 0);
                Bytes = larger;
            }

            Bytes[Length++] = value;
        }

        public void Number(long value)
        {
            ulong rest = (ulong)value;
            for (; rest > 0x7F; rest >>= 7) Byte((byte)(rest | 0x80));
            Byte((byte)rest);
        }
    }
}
