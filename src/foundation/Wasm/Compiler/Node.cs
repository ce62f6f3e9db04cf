using System.Reflection.Emit;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Compiler;

/// <summary>What a node stands for.</summary>
internal enum NodeKind : byte { Constant, Local, Temporary, Operation }

/// <summary>
/// An operand that is not yet computed: a tree of operations that neither trap nor touch anything but locals. It may be emitted at any time before
/// one of its locals changes.
/// </summary>
internal sealed class Node
{
    /// <summary>Trees are cut above this many nodes: emitting recurses, and RyuJIT does not like deep ones.</summary>
    internal const int SizeMax = 48;

    private Node(NodeKind kind, WasmValueType type)
    {
        Kind = kind;
        Type = type;
    }

    internal NodeKind Kind { get; }

    internal WasmValueType Type { get; }

    internal Opcode Opcode { get; private init; }

    internal Node[] Operands { get; private init; } = [];

    /// <summary>The bits of a constant.</summary>
    internal ulong Low { get; private init; }

    internal ulong High { get; private init; }

    /// <summary>The local's index, or the lane.</summary>
    internal int Index { get; private init; }

    /// <summary>The variable of a temporary.</summary>
    internal LocalBuilder? Variable { get; private init; }

    /// <summary>Whether emitting the temporary leaves its variable in use.</summary>
    internal bool IsKept { get; private init; }

    internal int Size { get; private init; } = 1;

    /// <summary>Of an i32: no less than its value taken as unsigned.</summary>
    internal uint Most { get; private init; } = uint.MaxValue;

    /// <summary>Whether emitting it twice costs nothing.</summary>
    internal bool IsSimple => Kind != NodeKind.Operation;

    internal static Node Constant(WasmValueType type, ulong low, ulong high = 0) =>
        new(NodeKind.Constant, type) { Low = low, High = high, Most = (uint)low };

    internal static Node Local(int index, WasmValueType type) => new(NodeKind.Local, type) { Index = index };

    internal static Node Temporary(LocalBuilder variable, WasmValueType type, uint most = uint.MaxValue, bool isKept = false) =>
        new(NodeKind.Temporary, type) { Variable = variable, Most = most, IsKept = isKept };

    internal static Node Operation(Opcode opcode, WasmValueType type, Node[] operands, int lane = 0)
    {
        int size = 1;
        foreach (Node operand in operands) size += operand.Size;
        return new(NodeKind.Operation, type)
        {
            Opcode = opcode,
            Operands = operands,
            Index = lane,
            Size = size,
            Most = type == WasmValueType.I32 ? Bound(opcode, operands) : uint.MaxValue,
        };
    }

    internal bool Uses(int local)
    {
        if (Kind == NodeKind.Local) return Index == local;
        foreach (Node operand in Operands)
            if (operand.Uses(local)) return true;
        return false;
    }

    private static uint Bound(Opcode opcode, Node[] operands)
    {
        if (opcode is >= Opcode.I32Eqz and <= Opcode.F64Ge) return 1;
        if (opcode is Opcode.I32Clz or Opcode.I32Ctz or Opcode.I32Popcnt) return 32;
        if (operands.Length != 2) return uint.MaxValue;
        ulong a = operands[0].Most;
        ulong b = operands[1].Most;
        bool isConstant = operands[1].Kind == NodeKind.Constant;
        int count = (int)operands[1].Low & 31;
        ulong bound = opcode switch
        {
            Opcode.I32And => Math.Min(a, b),
            Opcode.I32Or or Opcode.I32Xor => a | b | ((1UL << (64 - System.Numerics.BitOperations.LeadingZeroCount(a | b))) - 1),
            Opcode.I32Add => a + b,
            Opcode.I32Mul => a * b,
            Opcode.I32Shl when isConstant => a << count,
            Opcode.I32ShrU when isConstant => a >> count,
            Opcode.I32DivU => a,
            Opcode.I32RemU => isConstant && b > 0 ? Math.Min(a, b - 1) : a,
            _ => uint.MaxValue,
        };
        return bound > uint.MaxValue ? uint.MaxValue : (uint)bound;
    }
}
