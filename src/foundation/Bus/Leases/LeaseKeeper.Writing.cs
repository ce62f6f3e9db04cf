using System.Runtime.InteropServices;

namespace Sirsi.Bus.Leases;

/// <summary>How what is done gets to the server: one round of writes at a time, each with all there is.</summary>
internal sealed partial class LeaseKeeper
{
    private Task _writing = Task.CompletedTask;

    /// <summary>Writes all that the server does not know; completes when it does, or when the partition turned out to be another's.</summary>
    private Task WriteAsync(CancellationToken cancellation)
    {
        lock (_lock) return _writing = WriteAfterAsync(_writing, cancellation);
    }

    private async Task WriteAfterAsync(Task before, CancellationToken cancellation)
    {
        try
        {
            await before;
        }
        catch (Exception)
        {
            // Whoever asked for that round has heard of it.
        }

        List<Round> rounds = Begin();
        while (rounds.Count > 0)
        {
            List<Round> again = [];
            Exception? failure = null;
            Task<long>[] writes = [.. rounds.Select(round => WriteOneAsync(round, cancellation))];
            for (int i = 0; i < writes.Length; i++)
            {
                try
                {
                    if (!End(rounds[i], await writes[i])) again.Add(rounds[i]);
                }
                catch (Exception problem)
                {
                    failure ??= problem;
                    lock (_lock) rounds[i].Holding.IsDirty |= IsCurrent(rounds[i]);
                }
            }

            if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
            rounds = await ReconcileAsync(again, cancellation);
        }
    }

    private async Task<long> WriteOneAsync(Round round, CancellationToken cancellation) =>
        await _log.Cells.WriteAsync(new CellName(_group, round.Holding.Partition), round.Value, round.Revision, cancellation);

    private List<Round> Begin()
    {
        List<Round> rounds = [];
        lock (_lock)
        {
            foreach (Holding holding in _holdings)
                if (holding.IsHeld && holding.IsDirty) rounds.Add(Begin(holding));
        }

        return rounds;
    }

    private Round Begin(Holding holding)
    {
        holding.IsDirty = false;
        bool isRelease = holding.Standing == Standing.Released;
        var record = PartitionRecord.Of(isRelease ? Guid.Empty : _id, holding.Epoch, holding.Cursor);
        return new Round(holding, holding.Epoch, holding.Revision, record.Encode(), isRelease);
    }

    /// <summary>False when the cell was not as expected.</summary>
    private bool End(Round round, long revision)
    {
        if (revision == 0) return false;
        lock (_lock)
        {
            if (!IsCurrent(round)) return true;
            round.Holding.Revision = revision;
            if (!round.IsRelease) return true;
            round.Holding.Leave();
        }

        _log.Poke();
        return true;
    }

    /// <summary>
    /// A write that was refused is lost only if the partition is another's: an earlier write of our own may have arrived though its answer did not.
    /// </summary>
    private async ValueTask<List<Round>> ReconcileAsync(List<Round> refused, CancellationToken cancellation)
    {
        List<Round> again = [];
        foreach (Round round in refused)
        {
            Cell cell = await _log.Cells.ReadAsync(new CellName(_group, round.Holding.Partition), cancellation);
            PartitionRecord? record = cell.Exists ? PartitionRecord.Decode(cell.Value.Span) : null;
            lock (_lock)
            {
                if (!IsCurrent(round)) continue;
                if (record is not null && record.Owner == _id && record.Epoch == round.Epoch)
                {
                    round.Holding.Revision = cell.Revision;
                    again.Add(Begin(round.Holding));
                }
                else
                {
                    round.Holding.Lose();
                    _wake.Set();
                }
            }
        }

        return again;
    }

    private static bool IsCurrent(Round round) => round.Holding.IsHeld && round.Holding.Epoch == round.Epoch;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Round(Holding Holding, long Epoch, long Revision, ReadOnlyMemory<byte> Value, bool IsRelease);
}
