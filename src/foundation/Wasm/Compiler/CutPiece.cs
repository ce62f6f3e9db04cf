namespace Sirsi.Wasm.Compiler;

/// <summary>A piece that was cut out of a function: what the whole has to know to call it, and what to weigh when it is cut anew.</summary>
/// <param name="Start">The offset of its first instruction.</param>
/// <param name="End">The offset behind its last.</param>
/// <param name="Code">Its code.</param>
/// <param name="Exits">For each number it gives other than that of its end: how many blocks out from it the whole is to go on.</param>
/// <param name="Brought">The locals it wants in their slots.</param>
/// <param name="Taken">The locals it leaves in their slots.</param>
/// <param name="Assigned">The locals it changes.</param>
/// <param name="NextBlock">The first block of fuel behind it.</param>
/// <param name="Loops">How many loops it has.</param>
/// <param name="NeverEnds">Whether it never runs off its end.</param>
/// <param name="Size">How large it is as a method of its own.</param>
internal sealed record CutPiece(
    int Start, int End, CompiledPiece Code, (int Code, int Depth)[] Exits, int[] Brought, int[] Taken, int[] Assigned, int NextBlock, int Loops,
    bool NeverEnds, MethodSize Size)
{
    /// <summary>What calling it takes in the whole.</summary>
    internal MethodSize CallSize { get; set; }
}
