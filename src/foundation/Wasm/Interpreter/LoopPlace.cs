namespace Sirsi.Wasm.Interpreter;

/// <summary>A loop in translated code.</summary>
/// <param name="Offset">The offset of its <c>loop</c> instruction.</param>
/// <param name="End">The instruction that follows it.</param>
/// <param name="Outer">The block around it.</param>
internal sealed record LoopPlace(int Offset, int End, BlockPlace Outer);

/// <summary>Where branches to a block lead in translated code.</summary>
/// <param name="outer">The block around it; null for the function.</param>
internal sealed class BlockPlace(BlockPlace? outer)
{
    /// <summary>The instruction; -1 returns from the function.</summary>
    internal int Position { get; set; } = -1;

    /// <summary>What the branch pays for what it leads to.</summary>
    internal int Cost { get; set; }

    /// <summary>The block a number of blocks further out.</summary>
    internal BlockPlace Out(int depth)
    {
        BlockPlace place = this;
        for (; depth > 0; depth--) place = place.Around!;
        return place;
    }

    private BlockPlace? Around { get; } = outer;
}
