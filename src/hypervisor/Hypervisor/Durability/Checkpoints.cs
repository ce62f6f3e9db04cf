using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Journal;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// Checkpoints, in a journal of their own: each begins with the number of the first record of the turns' journal it does not include, and counts only with its
/// end. They are made from the journal, not from living agents, which therefore never wait for one.
/// </summary>
internal sealed class Checkpoints : IAsyncDisposable
{
    /// <summary>Facts gathered into a record.</summary>
    private const int RecordBytes = 64 << 10;

    private readonly SegmentedJournal _journal;
    private long _bytes;

    private readonly int _deadLettersMax;

    private readonly ContextOptions _contexts;

    private Checkpoints(SegmentedJournal journal, int deadLettersMax, ContextOptions contexts) => (_journal, _deadLettersMax, _contexts) = (journal, deadLettersMax, contexts);

    /// <summary>How large the last one is.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public static async Task<Checkpoints> OpenAsync(HostEnvironment environment, string folder, int deadLettersMax, ContextOptions contexts, CancellationToken cancellation) =>
        new(await SegmentedJournal.OpenAsync(environment, folder, new JournalOptions { SegmentBytes = 16 << 20, BufferBytes = HostLedger.RecordBytesMax + 64 }, cancellation), deadLettersMax, contexts);

    /// <summary>What the last checkpoint and the turns after it come to, and the number of the first record that is not in it.</summary>
    public async Task<(HostImage Image, long Next)> ReadAsync(SegmentedJournal turns, CancellationToken cancellation)
    {
        (HostImage image, long position) = await ReadLastAsync(cancellation);
        if (position < turns.FirstSequence)
            throw new JournalException(JournalErrors.Damaged, $"The agents' journal begins with record {turns.FirstSequence}, and the last checkpoint needs record {position}.");
        long end = turns.NextSequence;
        using JournalReader reader = turns.OpenReader(position);
        while (reader.NextSequence < end && await reader.ReadAsync(cancellation))
        {
            image.Apply(reader.Current.Data);
            position = reader.NextSequence;
        }

        return (image, position);
    }

    public async Task WriteAsync(SegmentedJournal turns)
    {
        (HostImage image, long next) = await ReadAsync(turns, CancellationToken.None);
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
        await _journal.DropAsync(new JournalRetention(), begun);
        await turns.DropAsync(new JournalRetention(), next);
    }

    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    private async Task<long> AppendAsync(FactWriter facts)
    {
        long sequence = await _journal.AppendAsync(facts.Written);
        facts.Clear();
        return sequence;
    }

    private async Task<(HostImage Image, long Position)> ReadLastAsync(CancellationToken cancellation)
    {
        HostImage last = new(_deadLettersMax, _contexts), current = last;
        long position = 1, end = _journal.NextSequence, bytes = 0;
        bool isInside = false;
        using JournalReader reader = _journal.OpenReader(Math.Max(1, _journal.FirstSequence));
        while (reader.NextSequence < end && await reader.ReadAsync(cancellation))
        {
            var kind = (FactKind)reader.Current.Data[0];
            if (kind is FactKind.CheckpointBegun) (current, isInside, bytes) = (new HostImage(_deadLettersMax, _contexts), true, 0);
            if (!isInside) continue;
            current.Apply(reader.Current.Data);
            bytes += reader.Current.Data.Length;
            if (kind is not FactKind.CheckpointEnded) continue;
            (last, position, isInside) = (current, PositionOf(reader.Current.Data), false);
            Interlocked.Exchange(ref _bytes, bytes);
        }

        return (last, position);
    }

    private static long PositionOf(ReadOnlySpan<byte> record)
    {
        var facts = new FactReader(record);
        facts.Kind();
        return facts.Number();
    }
}
