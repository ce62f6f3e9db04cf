using Sirsi.Hypervisor.Contexts;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// Checkpoints, in a log of their own: each begins with the number of the first record of the turns' log it does not include, and counts only with its
/// end. They are made from that log, not from living agents, which therefore never wait for one.
/// </summary>
internal sealed class Checkpoints(ILedgerStorage storage, int deadLettersMax, ContextOptions contexts)
{
    /// <summary>Facts gathered into a record.</summary>
    private const int RecordBytes = 64 << 10;

    private long _bytes;

    /// <summary>How large the last one is.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>What the last checkpoint and the turns after it come to, and the number of the first record that is not in it.</summary>
    public async Task<(HostImage Image, long Next)> ReadAsync(CancellationToken cancellation)
    {
        (HostImage image, long position) = await ReadLastAsync(cancellation);
        if (position < storage.Turns.FirstSequence)
            throw new InvalidDataException($"What agents did is there from record {storage.Turns.FirstSequence}, and the last checkpoint needs record {position}.");
        return (image, await storage.Turns.ReadAsync(position, image.Apply, cancellation));
    }

    public async Task WriteAsync()
    {
        (HostImage image, long next) = await ReadAsync(CancellationToken.None);
        var facts = new FactWriter();
        long begun = await AppendAsync(facts.Fact(FactKind.CheckpointBegun).Put(next).Put(image.LastNumber));
        long bytes = 0;
        foreach (FactKind _ in image.Write(facts))
        {
            if (facts.Length < RecordBytes) continue;
            bytes += facts.Length;
            await AppendAsync(facts);
        }

        if (facts.Length > 0) await AppendAsync(facts);
        await AppendAsync(facts.Fact(FactKind.CheckpointEnded).Put(next).Put(image.LastNumber));
        Interlocked.Exchange(ref _bytes, bytes);
        await storage.Checkpoints.DropAsync(begun);
        await storage.Turns.DropAsync(next);
    }

    private async Task<long> AppendAsync(FactWriter facts)
    {
        long sequence = await storage.Checkpoints.AppendAsync(facts.Written);
        facts.Clear();
        return sequence;
    }

    private async Task<(HostImage Image, long Position)> ReadLastAsync(CancellationToken cancellation)
    {
        HostImage last = new(deadLettersMax, contexts), current = last;
        long position = 1, bytes = 0;
        bool isInside = false;
        await storage.Checkpoints.ReadAsync(Math.Max(1, storage.Checkpoints.FirstSequence), Visit, cancellation);
        return (last, position);

        void Visit(ReadOnlySpan<byte> record)
        {
            var kind = (FactKind)record[0];
            if (kind is FactKind.CheckpointBegun) (current, isInside, bytes) = (new HostImage(deadLettersMax, contexts), true, 0);
            if (!isInside) return;
            current.Apply(record);
            bytes += record.Length;
            if (kind is not FactKind.CheckpointEnded) return;
            (last, position, isInside) = (current, PositionOf(record), false);
            Interlocked.Exchange(ref _bytes, bytes);
        }
    }

    private static long PositionOf(ReadOnlySpan<byte> record)
    {
        var facts = new FactReader(record);
        facts.Kind();
        return facts.Number();
    }
}
