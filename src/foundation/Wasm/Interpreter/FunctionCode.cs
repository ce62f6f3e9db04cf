using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Interpreter;

/// <summary>A translated function: pinned code, and what is only needed when something goes wrong.</summary>
internal sealed class FunctionCode(Instr[] code, int[] offsets, ExceptionHandler[] handlers, Dictionary<int, LoopPlace> loops)
{
    internal Instr[] Code { get; } = code;

    /// <summary>For each instruction the offset in the code section of the WebAssembly instruction it comes from.</summary>
    internal int[] Offsets { get; } = offsets;

    /// <summary>Loops by the instruction a round of them begins at.</summary>
    internal Dictionary<int, LoopPlace> Loops { get; } = loops;

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
