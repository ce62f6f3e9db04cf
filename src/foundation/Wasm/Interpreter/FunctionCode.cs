using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>A translated function: pinned code, and what is only needed when something goes wrong.</summary>
internal sealed class FunctionCode(Instr[] code, int[] offsets, ExceptionHandler[] handlers, Dictionary<int, LoopPlace> loops)
{
    /// <summary>The operations that stood at heads of loops before these were made to lead to compiled code. Loops that begin together share one.</summary>
    private readonly Dictionary<int, Opcode> _originals = [];

    internal Instr[] Code { get; } = code;

    /// <summary>For each instruction the offset in the code section of the WebAssembly instruction it comes from.</summary>
    internal int[] Offsets { get; } = offsets;

    /// <summary>Loops by the instruction a round of them begins at.</summary>
    internal Dictionary<int, LoopPlace> Loops { get; } = loops;

    /// <summary>
    /// Makes the head of a loop lead to compiled code. Threads that interpret the code see the old or the new operation, both of which do.
    /// </summary>
    internal void Redirect(LoopPlace loop)
    {
        lock (_originals)
        {
            if (Code[loop.Head].Op == Op.EnterLoop) return;
            _originals[loop.Head] = Code[loop.Head].Op;
            Code[loop.Head].Op = Op.EnterLoop;
        }
    }

    /// <summary>Has the loop interpreted after all.</summary>
    internal void Reset(LoopPlace loop)
    {
        lock (_originals)
        {
            if (_originals.TryGetValue(loop.Head, out Opcode original)) Code[loop.Head].Op = original;
        }
    }

    /// <summary>Handlers of <c>try_table</c>, inner ones first.</summary>
    internal ExceptionHandler[] Handlers { get; } = handlers;
}

/// <summary>A catch clause and the stretch of code it watches.</summary>
/// <param name="Start">First instruction watched.</param>
/// <param name="End">One past the last.</param>
/// <param name="Tag">The tag it catches; -1 for all.</param>
/// <param name="WithReference">Whether it also gives the exception.</param>
/// <param name="Target">The instruction it goes on at.</param>
/// <param name="Slot">The frame slot its values go to.</param>
/// <param name="Cost">The fuel of the block it goes on at.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ExceptionHandler(int Start, int End, int Tag, bool WithReference, int Target, int Slot, int Cost);
