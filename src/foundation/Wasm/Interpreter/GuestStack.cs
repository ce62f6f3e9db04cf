using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Interpreter;

/// <summary>The memory guest frames (from the beginning up) and call records (from the end down) lie in.</summary>
internal sealed unsafe class GuestStack
{
    internal GuestStack(int bytes)
    {
        Bytes = bytes;
        Begin = (ulong*)NativeMemory.Alloc((nuint)bytes);
        End = (CallRecord*)((byte*)Begin + (bytes / sizeof(CallRecord) * sizeof(CallRecord)));
        GC.AddMemoryPressure(bytes);
    }

#pragma warning disable MA0055 // What it gives back is not memory of the garbage collector, and no guest can be made to dispose of it.
    ~GuestStack()
    {
        NativeMemory.Free(Begin);
        GC.RemoveMemoryPressure(Bytes);
    }
#pragma warning restore MA0055

    internal int Bytes { get; }

    internal ulong* Begin { get; }

    internal CallRecord* End { get; }
}
