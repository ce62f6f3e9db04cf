using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Operations;
using V128 = System.Runtime.Intrinsics.Vector128<byte>;

namespace Sirsi.Wasm.Interpreter;

/// <summary>Runs vector operations: a table of their methods by opcode, and a way to call each shape of method.</summary>
internal static unsafe class VectorDispatch
{
    private const int First = 0x200;
    private static readonly Entry[] Table = Build();

    /// <summary>What a method takes and gives; lanes are constants of the instruction.</summary>
    private enum Shape : byte
    {
        None, Unary, Binary, Ternary, Shift, Test, SplatI32, SplatI64, SplatF32, SplatF64,
        ExtractI32, ExtractI64, ExtractF32, ExtractF64, ReplaceI32, ReplaceI64, ReplaceF32, ReplaceF64,
        Load, Store, LoadLane, StoreLane,
    }

    /// <summary>False when the operation is not on vectors alone, or touches memory.</summary>
    internal static bool Execute(Instr* ip, ulong* fp)
    {
        if (ip->Op is Opcode.V128Const or Opcode.I8x16Shuffle)
        {
            V128 constant = Read((ulong*)(ip + 1));
            Write(fp + ip->A, ip->Op == Opcode.V128Const
                ? constant
                : VectorOperations.I8x16Shuffle(Read(fp + ip->B), Read(fp + ip->C), constant));
            return true;
        }

        Entry entry = Table[(int)ip->Op - First];
        if (entry.Shape is Shape.None or >= Shape.Load) return false;
        ulong* to = fp + ip->A;
        ulong* a = fp + ip->B;
        ulong* b = fp + ip->C;
        if (entry.Shape >= Shape.SplatI32) return Lane(entry, to, a, b, (int)ip->Imm);
        switch (entry.Shape)
        {
            case Shape.Unary: Write(to, ((delegate*<V128, V128>)entry.Method)(Read(a))); break;
            case Shape.Binary: Write(to, ((delegate*<V128, V128, V128>)entry.Method)(Read(a), Read(b))); break;
            case Shape.Shift: Write(to, ((delegate*<V128, int, V128>)entry.Method)(Read(a), *(int*)b)); break;
            case Shape.Test: *to = (uint)((delegate*<V128, int>)entry.Method)(Read(a)); break;
            default: Write(to, ((delegate*<V128, V128, V128, V128>)entry.Method)(Read(a), Read(b), Read(fp + (ushort)ip->Imm))); break;
        }

        return true;
    }

    /// <summary>A load or store at an address found to be within the memory.</summary>
    internal static void Access(Instr* ip, ulong* fp, byte* at, int lane)
    {
        Entry entry = Table[(int)ip->Op - First];
        switch (entry.Shape)
        {
            case Shape.Load: Write(fp + ip->A, ((delegate*<byte*, V128>)entry.Method)(at)); break;
            case Shape.Store: ((delegate*<byte*, V128, void>)entry.Method)(at, Read(fp + ip->C)); break;
            case Shape.LoadLane: Write(fp + ip->A, ((delegate*<byte*, V128, int, V128>)entry.Method)(at, Read(fp + ip->C), lane)); break;
            default: ((delegate*<byte*, V128, int, void>)entry.Method)(at, Read(fp + ip->C), lane); break;
        }
    }

    private static bool Lane(Entry entry, ulong* to, ulong* a, ulong* b, int lane)
    {
        switch (entry.Shape)
        {
            case Shape.SplatI32: Write(to, ((delegate*<int, V128>)entry.Method)(*(int*)a)); break;
            case Shape.SplatI64: Write(to, ((delegate*<long, V128>)entry.Method)(*(long*)a)); break;
            case Shape.SplatF32: Write(to, ((delegate*<float, V128>)entry.Method)(*(float*)a)); break;
            case Shape.SplatF64: Write(to, ((delegate*<double, V128>)entry.Method)(*(double*)a)); break;
            case Shape.ExtractI32: *to = (uint)((delegate*<V128, int, int>)entry.Method)(Read(a), lane); break;
            case Shape.ExtractI64: *(long*)to = ((delegate*<V128, int, long>)entry.Method)(Read(a), lane); break;
            case Shape.ExtractF32: *(float*)to = ((delegate*<V128, int, float>)entry.Method)(Read(a), lane); break;
            case Shape.ExtractF64: *(double*)to = ((delegate*<V128, int, double>)entry.Method)(Read(a), lane); break;
            case Shape.ReplaceI32: Write(to, ((delegate*<V128, int, int, V128>)entry.Method)(Read(a), *(int*)b, lane)); break;
            case Shape.ReplaceI64: Write(to, ((delegate*<V128, long, int, V128>)entry.Method)(Read(a), *(long*)b, lane)); break;
            case Shape.ReplaceF32: Write(to, ((delegate*<V128, float, int, V128>)entry.Method)(Read(a), *(float*)b, lane)); break;
            default: Write(to, ((delegate*<V128, double, int, V128>)entry.Method)(Read(a), *(double*)b, lane)); break;
        }

        return true;
    }

    private static V128 Read(ulong* slot) => Vector128.Load((byte*)slot);

    private static void Write(ulong* slot, V128 value) => value.Store((byte*)slot);

    private static Entry[] Build()
    {
        var table = new Entry[0x100];
        foreach (OpcodeInfo info in VectorOpcodes.All)
        {
            if (info.Opcode is Opcode.V128Const or Opcode.I8x16Shuffle) continue;
            MethodInfo method = OperationMethods.Of(info.Opcode) ?? throw new InvalidOperationException($"{info.Opcode} has no method.");
            table[(int)info.Opcode - First] = new(ShapeOf(info, method), method.MethodHandle.GetFunctionPointer());
        }

        return table;
    }

    private static Shape ShapeOf(OpcodeInfo info, MethodInfo method)
    {
        ParameterInfo[] parameters = method.GetParameters();
        bool gives = method.ReturnType != typeof(void);
        if (info.Immediates == Immediates.MemArg) return gives ? Shape.Load : Shape.Store;
        if (info.Immediates == Immediates.MemArgLane) return gives ? Shape.LoadLane : Shape.StoreLane;
        bool first = parameters[0].ParameterType == typeof(V128);
        if (info.Immediates == Immediates.Lane)
        {
            return parameters.Length == 2
                ? Numbered(Shape.ExtractI32, method.ReturnType)
                : Numbered(Shape.ReplaceI32, parameters[1].ParameterType);
        }

        if (!first) return Numbered(Shape.SplatI32, parameters[0].ParameterType);
        if (method.ReturnType == typeof(int)) return Shape.Test;
        if (parameters.Length == 1) return Shape.Unary;
        if (parameters.Length == 3) return Shape.Ternary;
        return parameters[1].ParameterType == typeof(V128) ? Shape.Binary : Shape.Shift;
    }

    private static Shape Numbered(Shape first, Type type) =>
        (Shape)((int)first + (type == typeof(int) ? 0 : type == typeof(long) ? 1 : type == typeof(float) ? 2 : 3));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Entry(Shape Shape, nint Method);
}
