using System.Reflection.Emit;
using Sirsi.Wasm.Interpreter;

namespace Sirsi.Wasm.Compiler;

/// <summary>A compiled function: the code's owner, and what is only needed when the stack is walked.</summary>
/// <param name="Method">Keeps the code alive.</param>
/// <param name="Address">The code.</param>
/// <param name="CallSites">In code order: the offset of each call, and how far its record lies from the caller's frame, in slots.</param>
/// <param name="Instructions">Instructions the code has the interpreter run; pinned, the code holds their addresses.</param>
/// <param name="Pieces">Parts of it that were cut out as methods of their own.</param>
/// <param name="Size">How large it is without them.</param>
internal sealed record CompiledFunction(
    DynamicMethod Method, nint Address, (int Offset, ushort Advance)[] CallSites, List<Instr[]> Instructions, IReadOnlyList<CutPiece> Pieces,
    MethodSize Size)
{
    /// <summary>Of a function that was cut anew: the code before, which may still be running and whose pieces are in use.</summary>
    internal CompiledFunction? First { get; init; }

    /// <summary>How often it was cut anew.</summary>
    internal int Recuts { get; init; }

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
