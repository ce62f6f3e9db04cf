using System.Reflection.Emit;

namespace Sirsi.Wasm.Compiler;

/// <summary>A part of a function that is a method of its own, compiled when it is first run. It counts how often it runs.</summary>
/// <param name="method">The method.</param>
/// <param name="index">Its number in the module.</param>
/// <param name="function">The function it is a part of, of those the module defines.</param>
internal sealed unsafe class CompiledPiece(DynamicMethod method, int index, int function)
{
    private readonly nint[] _cells = MakeCells();
    private long _granted;

    /// <summary>Its number in the module.</summary>
    internal int Index { get; } = index;

    internal int Function { get; } = function;

    /// <summary>Where callers find the address to jump to. Pinned.</summary>
    internal nint* Entrance
    {
        get
        {
            fixed (nint* cells = _cells) return cells;
        }
    }

    /// <summary>Where it counts down; at zero it asks for the function to be cut anew. Pinned.</summary>
    internal nint* Countdown => Entrance + 1;

    /// <summary>How often it has run (about: threads do not wait for each other to count).</summary>
    internal long Runs => _granted - Volatile.Read(ref _cells[1]);

    /// <summary>Lets it run so often before it asks.</summary>
    internal void Grant(long runs)
    {
        _granted = Runs + runs;
        Volatile.Write(ref _cells[1], (nint)runs);
    }

    /// <summary>Compiles it. Done twice, it does no harm.</summary>
    internal nint Compile()
    {
        nint code = CodeStubs.Address(method);
        Volatile.Write(ref _cells[0], code);
        return code;
    }

    private static nint[] MakeCells()
    {
        nint[] cells = GC.AllocateArray<nint>(2, pinned: true);
        cells[0] = (nint)(delegate*<WasmCall, nint, int>)&CompiledRuntime.RunPiece;
        return cells;
    }
}
