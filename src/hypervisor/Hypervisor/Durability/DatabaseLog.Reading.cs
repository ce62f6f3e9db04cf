using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Durability;

/// <summary>How a log in a database is read and shortened.</summary>
internal sealed partial class DatabaseLog
{
    private const int PageRowsMax = 1_000, DroppedAtOnceMax = 10_000;

    /// <summary>Data of a page, except that its first row always belongs to it.</summary>
    private const long PageBytesMax = 4 << 20;

    private const string Here = "FROM sirsi_ledger WHERE ledger = $1 AND log = $2";

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Row(long Sequence, long Records, byte[] Data);

    public async Task<long> ReadAsync(long from, Action<ReadOnlySpan<byte>> visit, CancellationToken cancellation)
    {
        for (long end = NextSequence; from < end;)
        {
            long first = from;
            ImmutableArray<Row> page = await _ledger.Database.ReadAsync(session => ReadPageAsync(session, first, end), cancellation);
            if (page.IsEmpty) throw Missing(from);
            foreach (Row row in page)
            {
                if (row.Sequence != from) throw Missing(from);
                Visit(row, visit);
                from += row.Records;
            }
        }

        return from;
    }

    /// <summary>The last row stays, so that the numbers go on behind it.</summary>
    public async Task DropAsync(long floor)
    {
        floor = Math.Min(floor, Interlocked.Read(ref _last));
        while (FirstSequence < floor)
        {
            long until = Math.Min(floor, FirstSequence + DroppedAtOnceMax);
            (long first, Lease? successor) = await _ledger.Database.RunAsync<(long, Lease?)>(async unit =>
            {
                if (!await _lease.IsCurrentAsync(unit)) return (0, await LedgerLease.SuccessorAsync(unit, _ledger.Name));
                await unit.ExecuteAsync($"DELETE {Here} AND sequence < $3 AND sequence + records <= $3", _ledger.Name, _log, until);
                return (await unit.QueryFirstAsync($"SELECT sequence {Here} ORDER BY sequence LIMIT 1", static row => row.Integer(0), _ledger.Name, _log), null);
            }, CancellationToken.None);
            if (first == 0) throw new HypervisorException(HypervisorErrors.StorageFailed, _lease.Lose(successor));
            bool isStuck = first <= FirstSequence;
            Interlocked.Exchange(ref _first, first);
            if (isStuck) return;
        }
    }

    private async Task FindEndsAsync(CancellationToken cancellation)
    {
        (_first, _last, _next) = await _ledger.Database.ReadAsync(async session =>
        {
            long first = await session.QueryFirstAsync($"SELECT sequence {Here} ORDER BY sequence LIMIT 1", static row => row.Integer(0), _ledger.Name, _log);
            if (first == 0) return (1, 1, 1);
            (long last, long records) = await session.QueryFirstAsync(
                $"SELECT sequence, records {Here} ORDER BY sequence DESC LIMIT 1", static row => (row.Integer(0), row.Integer(1)), _ledger.Name, _log);
            return (first, last, last + records);
        }, cancellation);
    }

    /// <summary>Looks how large the rows are before it takes as many as may lie in memory.</summary>
    private async ValueTask<ImmutableArray<Row>> ReadPageAsync(ReadSession session, long from, long end)
    {
        ImmutableArray<(long Sequence, long Bytes)> sizes = await session.QueryAsync(
            $"SELECT sequence, CAST(LENGTH(data) AS INT8) {Here} AND sequence >= $3 AND sequence < $4 ORDER BY sequence LIMIT $5",
            static row => (row.Integer(0), row.Integer(1)), _ledger.Name, _log, from, end, PageRowsMax);
        if (sizes.IsEmpty) return [];
        int count = 1;
        for (long bytes = sizes[0].Bytes; count < sizes.Length && bytes + sizes[count].Bytes <= PageBytesMax; count++) bytes += sizes[count].Bytes;
        return await session.QueryAsync(
            $"SELECT sequence, records, data {Here} AND sequence >= $3 AND sequence <= $4 ORDER BY sequence",
            static row => new Row(row.Integer(0), row.Integer(1), row.Bytes(2)), _ledger.Name, _log, from, sizes[count - 1].Sequence);
    }

    private static void Visit(Row row, Action<ReadOnlySpan<byte>> visit)
    {
        var records = new FactReader(row.Data);
        for (long left = row.Records; left > 0; left--) visit(records.Bytes());
        if (!records.IsAtEnd) throw FactReader.Broken();
    }

    private InvalidDataException Missing(long sequence) => new($"Record {sequence} of the {_ledger} is not there.");
}
