using System.Collections.Immutable;
using Sirsi.Core.Hosting;

namespace Sirsi.Simulation.Running;

/// <summary>What happened in a run, in order. Kept only when asked for, but for the violation.</summary>
internal sealed class History(bool isKept)
{
    /// <summary>Entries at most; what comes after is not kept.</summary>
    private const int EntriesMax = 200_000;

    private readonly ImmutableArray<HistoryEntry>.Builder _entries = ImmutableArray.CreateBuilder<HistoryEntry>();

    public bool IsKept => isKept && _entries.Count < EntriesMax;

    public void Add(DeterministicHost machine, string text) => _entries.Add(new HistoryEntry(machine.Environment.Time.GetUtcNow(), machine.Steps, text));

    public ImmutableArray<HistoryEntry> Entries() => _entries.ToImmutable();
}

/// <summary>Something that happened in a simulated run.</summary>
/// <param name="At">When, by the machine's clock.</param>
/// <param name="Step">How many steps the machine had taken.</param>
/// <param name="Text">What, in a line.</param>
public sealed record HistoryEntry(DateTimeOffset At, long Step, string Text);
