namespace Sirsi.Wasm.Interpreter;

/// <summary>A loop in translated code.</summary>
/// <param name="offset">The offset of its <c>loop</c> instruction.</param>
/// <param name="head">The instruction a round of it begins at.</param>
/// <param name="end">The instruction that follows it.</param>
/// <param name="outer">The block around it.</param>
internal sealed class LoopPlace(int offset, int head, int end, BlockPlace outer)
{
    /// <summary>After being entered so often as compiled code, a loop makes the one around it be compiled too.</summary>
    private const int EntriesBeforeOuter = 32;

    private int _entries;

    internal int Offset { get; } = offset;

    internal int Head { get; } = head;

    internal int End { get; } = end;

    internal BlockPlace Outer { get; } = outer;

    /// <summary>The loop around it; null when there is none.</summary>
    internal LoopPlace? Around { get; set; }

    /// <summary>Counts an entry as compiled code.</summary>
    internal void Enter(FunctionCode code)
    {
        if (++_entries == EntriesBeforeOuter && Around is { } outer) code.Redirect(outer);
    }
}

/// <summary>Where branches to a block lead in translated code.</summary>
/// <param name="outer">The block around it; null for the function.</param>
internal sealed class BlockPlace(BlockPlace? outer)
{
    /// <summary>The instruction; -1 returns from the function.</summary>
    internal int Position { get; set; } = -1;

    /// <summary>What the branch pays for what it leads to.</summary>
    internal int Cost { get; set; }

    private BlockPlace? Around { get; } = outer;

    /// <summary>The block a number of blocks further out.</summary>
    internal BlockPlace Out(int depth)
    {
        BlockPlace place = this;
        for (; depth > 0; depth--) place = place.Around!;
        return place;
    }
}
