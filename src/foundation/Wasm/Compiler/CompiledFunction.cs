using System.Reflection.Emit;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

/// <summary>A compiled function: the code's owner, and what is only needed when the stack is walked.</summary>
/// <param name="Method">Keeps the code alive.</param>
/// <param name="Address">The code.</param>
/// <param name="CallSites">In code order: the offset of each call, and how far its record lies from the caller's frame, in slots.</param>
/// <param name="Instructions">Instructions the code has the interpreter run; pinned, the code holds their addresses.</param>
/// <param name="Pieces">Parts of it that are methods of their own.</param>
internal sealed record CompiledFunction(
    DynamicMethod Method, nint Address, (int Offset, ushort Advance)[] CallSites, List<Instr[]> Instructions, List<CompiledPiece> Pieces)
{
    /// <summary>How far the record of the call at an offset lies from the caller's frame.</summary>
    internal int AdvanceAt(int offset)
    {
        int low = 0, high = CallSites.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (CallSites[middle].Offset < offset) low = middle + 1;
            else high = middle;
        }

        return CallSites[low].Advance;
    }
}
