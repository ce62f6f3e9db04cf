using System.Runtime.InteropServices;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Interpreter;

/// <summary>
/// One instruction of the interpreter's register code, 16 bytes. Registers are 8-byte slots of the frame (a vector takes two): first
/// parameters and locals, then the operands, each at the slot its height gives it. The meaning of the fields is the operation's; as a rule
/// A is the result, B and C are operands.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct Instr
{
    [FieldOffset(0)] internal Opcode Op;
    [FieldOffset(2)] internal ushort A;
    [FieldOffset(4)] internal ushort B;
    [FieldOffset(6)] internal ushort C;
    [FieldOffset(8)] internal long Imm;

    /// <summary>Of branches: where to, in instructions from this one. While translating: the label.</summary>
    [FieldOffset(8)] internal int Target;

    /// <summary>Of branches: the fuel of the block that follows when not taken (of plain ones: of the target).</summary>
    [FieldOffset(12)] internal int Cost;
}

/// <summary>What calling a function needs to know of it. One per function of a module, shared by its instances.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CodeHeader
{
    /// <summary>Its first instruction; null until its first call.</summary>
    internal Instr* Entry;
    internal int FrameSlots;
    internal int ParameterSlots;
    internal int LocalSlots;
    internal int EntryCost;

    /// <summary>Its index among the functions the module defines.</summary>
    internal int Index;

    /// <summary>The first type of the module that equals its own.</summary>
    internal int Type;

    /// <summary>Where compiled callers jump to: the compiled code, or the stub of its type.</summary>
    internal nint Enter;

    /// <summary>The stub that takes arguments from slots, once there is compiled code.</summary>
    internal nint FromSlots;

    /// <summary>The compiled code; 0 until there is any.</summary>
    internal nint Compiled;

    /// <summary>How many more calls before it is compiled; below zero when there is something else to do than to interpret it.</summary>
    internal int Patience;
}

/// <summary>
/// What a call must restore. Records grow down from the end of the guest stack, frames up from its beginning. A record is larger than what
/// lies in it, so that a budget of guest stack is about what compiled code takes of the host's.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct CallRecord
{
    internal Instr* ReturnIp;
    internal ulong* Fp;

    /// <summary>The function that runs above this record.</summary>
    internal CodeHeader* Header;
}

/// <summary>Operations the interpreter has beyond those of WebAssembly; numbers left free by <see cref="Opcode"/>.</summary>
internal static class Op
{
    internal const Opcode Copy = (Opcode)0x112;
    internal const Opcode Copy128 = (Opcode)0x113;
    internal const Opcode CopyRange = (Opcode)0x114;
    internal const Opcode Const = (Opcode)0x115;
    internal const Opcode Select128 = (Opcode)0x116;
    internal const Opcode BrIfZero = (Opcode)0x117;
    internal const Opcode Fuel = (Opcode)0x118;
    internal const Opcode FuelLoop = (Opcode)0x119;
    internal const Opcode Return0 = (Opcode)0x11A;
    internal const Opcode Return1 = (Opcode)0x11B;
    internal const Opcode ReturnRange = (Opcode)0x11C;
    internal const Opcode CallImport = (Opcode)0x11D;
    internal const Opcode TailCall = (Opcode)0x11E;
    internal const Opcode TailCallImport = (Opcode)0x11F;
    internal const Opcode TailCallIndirect = (Opcode)0x120;
    internal const Opcode GlobalGet128 = (Opcode)0x121;
    internal const Opcode GlobalSet128 = (Opcode)0x122;
    internal const Opcode GlobalGetReference = (Opcode)0x123;
    internal const Opcode GlobalSetReference = (Opcode)0x124;
    internal const Opcode Exit = (Opcode)0x125;
    internal const Opcode CrossReturn = (Opcode)0x126;
    internal const Opcode LoadVector = (Opcode)0x127;
    internal const Opcode StoreVector = (Opcode)0x128;

    /// <summary>At the head of a loop that is compiled.</summary>
    internal const Opcode EnterLoop = (Opcode)0x129;

    /// <summary>Branches on a comparison, in the order of i32.eq to i32.ge_u; then with a constant in C; then the same of i64.</summary>
    internal const int BrI32 = 0x130;
    internal const int BrI32Imm = 0x13A;
    internal const int BrI64 = 0x144;
    internal const int BrI64Imm = 0x14E;

    /// <summary>Comparisons with a constant, in the same order.</summary>
    internal const int I32CompareImm = 0x158;
    internal const int I64CompareImm = 0x162;

    /// <summary>Operations with a constant: add, mul, and, or, xor, shl, shr_s, shr_u.</summary>
    internal const int I32Imm = 0x16C;
    internal const int I64Imm = 0x174;

    /// <summary>Scalar accesses to another memory than the first, or to a 64-bit one, in the order of i32.load to i64.store32.</summary>
    internal const int Far = 0x180;

    /// <summary>One past the operations of the far accesses.</summary>
    internal const int FarEnd = Far + 23;
}
