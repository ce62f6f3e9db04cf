namespace Sirsi.Wasm.Compiler;

/// <summary>
/// A loop compiled apart from its function, so that the interpreter can hand over in its midst: the locals of both lie in the same slots.
/// </summary>
/// <param name="Piece">Its code; null when the loop is left to the interpreter.</param>
/// <param name="Exits">For each number the code gives: how many blocks out from the loop it wants to go on.</param>
/// <param name="CallSites">As those of a function.</param>
/// <param name="Instructions">As those of a function.</param>
internal sealed record CompiledLoop(
    CompiledPiece? Piece, IReadOnlyDictionary<int, int> Exits, (int Offset, ushort Advance)[] CallSites, List<Interpreter.Instr[]> Instructions)
{
    /// <summary>What the code of a loop, or of any piece, gives when it ran off its end.</summary>
    internal const int Ended = 0;

    internal static CompiledLoop None { get; } = new(null, new Dictionary<int, int>(), [], []);
}
