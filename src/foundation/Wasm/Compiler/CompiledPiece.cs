using System.Reflection.Emit;

namespace Sirsi.Wasm.Compiler;

/// <summary>A part of a function that is a method of its own, compiled when it is first run.</summary>
/// <param name="method">The method.</param>
/// <param name="index">Its number in the module.</param>
internal sealed unsafe class CompiledPiece(DynamicMethod method, int index)
{
    private readonly nint[] _entrance = MakeEntrance();

    /// <summary>Its number in the module.</summary>
    internal int Index { get; } = index;

    /// <summary>Where callers find the address to jump to. Pinned.</summary>
    internal nint* Entrance
    {
        get
        {
            fixed (nint* entrance = _entrance) return entrance;
        }
    }

    /// <summary>Compiles it. Done twice, it does no harm.</summary>
    internal nint Compile()
    {
        nint code = CodeStubs.Address(method);
        Volatile.Write(ref _entrance[0], code);
        return code;
    }

    private static nint[] MakeEntrance()
    {
        nint[] entrance = GC.AllocateArray<nint>(1, pinned: true);
        entrance[0] = (nint)(delegate*<WasmCall, nint, int>)&CompiledRuntime.RunPiece;
        return entrance;
    }
}
