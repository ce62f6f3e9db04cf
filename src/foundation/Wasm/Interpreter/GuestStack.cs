using System.Runtime.InteropServices;
using Sirsi.Wasm.Memory;

namespace Sirsi.Wasm.Interpreter;

/// <summary>The memory guest frames (from the beginning up) and call records (from the end down) lie in.</summary>
internal sealed unsafe class GuestStack
{
    private readonly HeldMemory _held;

    /// <summary>A stack of so many bytes, counted among those that are <paramref name="held"/>.</summary>
    internal GuestStack(int bytes, HeldMemory held)
    {
        (Bytes, _held) = (bytes, held);
        Begin = (ulong*)NativeMemory.Alloc((nuint)bytes);
        End = (CallRecord*)((byte*)Begin + (bytes / sizeof(CallRecord) * sizeof(CallRecord)));
        _ = held.TryAdd((ulong)bytes);
    }

#pragma warning disable MA0055 // What it gives back is not memory of the garbage collector, and no guest can be made to dispose of it.
    ~GuestStack()
    {
        NativeMemory.Free(Begin);
        _held.Remove((ulong)Bytes);
    }
#pragma warning restore MA0055

    internal int Bytes { get; }

    internal ulong* Begin { get; }

    internal CallRecord* End { get; }
}
