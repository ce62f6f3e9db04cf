using Sirsi.Wasm.Binary;
using Sirsi.Wasm.Tests.Fuzzing;

namespace Sirsi.Wasm.Tests.Hostile;

/// <summary>Bodies made to cost a compiler more than they cost their author.</summary>
internal static class Shapes
{
    private const WasmValueType I32 = WasmValueType.I32;

    /// <summary>A module that exports the body as f0, of type (i32) -> (i32), and before it a function f1 for it to call.</summary>
    internal static byte[] Module(Action<GeneratedModule, ByteWriter> write, int locals = 0, WasmValueType type = I32)
    {
        var module = new GeneratedModule();
        module.Memories.Add(new(1, 4));
        module.Functions.Add(new([I32], [I32]));
        var code = new ByteWriter().Unsigned(1).Unsigned((ulong)locals).Type(type);
        module.Bodies.Add([]);
        write(module, code);
        module.Bodies[0] = code.Opcode(Opcode.End).ToArray();
        return module.ToBytes();
    }

    internal static ByteWriter Get(this ByteWriter code, int local) => code.Opcode(Opcode.LocalGet).Unsigned((ulong)local);

    internal static ByteWriter Set(this ByteWriter code, int local) => code.Opcode(Opcode.LocalSet).Unsigned((ulong)local);

    internal static ByteWriter Number(this ByteWriter code, int value) => code.Opcode(Opcode.I32Const).Signed(value);

    internal static byte[] Named(string name, int count) => name switch
    {
        "pending operands and blocks" => Module((_, code) =>
        {
            for (int i = 0; i < 1_000; i++) code.Get(0).Number(i).Opcode(Opcode.I32Mul);
            for (int i = 0; i < count; i++) code.Opcode(Opcode.Block).Byte(0x40).Number(i).Set(0).Opcode(Opcode.End);
            for (int i = 1; i < 1_000; i++) code.Opcode(Opcode.I32Add);
        }),
        "one expression" => Module((_, code) =>
        {
            code.Get(0);
            for (int i = 0; i < count; i++) code.Number(i).Opcode(Opcode.I32Add).Get(0).Opcode(Opcode.I32Xor);
        }),
        "a deep expression" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++) code.Get(0);
            for (int i = 1; i < count; i++) code.Opcode(Opcode.I32Mul);
        }),
        "nested loops over many locals" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++) code.Opcode(Opcode.Loop).Byte(0x40);
            for (int i = 1; i < 900; i++) code.Number(1).Set(i);
            for (int i = 0; i < count; i++) code.Opcode(Opcode.End);
            code.Get(0);
        }, 950),
        "loops in a row over many locals" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++)
            {
                code.Opcode(Opcode.Loop).Byte(0x40);
                for (int local = 1; local < 6; local++) code.Get(((i * 7) + local) % 900).Number(1).Opcode(Opcode.I32Add).Set(((i * 5) + local) % 900);
                code.Opcode(Opcode.End);
            }

            code.Get(0);
        }, 950),
        "calls" => Module((module, code) =>
        {
            module.Functions.Add(new([I32], [I32]));
            module.Bodies.Add([0, 0x20, 0, 0x0B]);
            code.Get(0);
            for (int i = 0; i < count; i++) code.Opcode(Opcode.Call).Unsigned(1);
        }),
        "calls of many types" => Module((module, code) =>
        {
            for (int i = 0; i < count; i++)
            {
                WasmValueType[] types = [.. Enumerable.Range(0, 12).Select(bit => (i >> bit & 1) != 0 ? I32 : WasmValueType.I64)];
                module.Functions.Add(new([.. types], []));
                module.Bodies.Add([0, 0x0B]);
                foreach (WasmValueType one in types) code.Byte(one == I32 ? (byte)0x41 : (byte)0x42).Byte(0);
                code.Opcode(Opcode.Call).Unsigned((ulong)(i + 1));
            }

            code.Get(0);
        }),
        "selects" => Module((_, code) =>
        {
            code.Get(0);
            for (int i = 0; i < count; i++) code.Number(i).Get(0).Opcode(Opcode.Select);
        }),
        "float selects" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++) code.Get(1).Get(2).Get(0).Opcode(Opcode.Select).Set(1);
            code.Get(0);
        }, 4, WasmValueType.F64),
        "accesses" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++) code.Get(0).Opcode(Opcode.I32Load).Byte(0).Unsigned((ulong)i).Set(0);
            code.Get(0);
        }),
        "ifs that assign many locals" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++)
                code.Get((i * 31) % 900).Opcode(Opcode.If).Byte(0x40).Get((i * 17) % 900).Number(i).Opcode(Opcode.I32Add).Set((i * 13) % 900).Opcode(Opcode.End);
            code.Get(0);
        }, 950),
        "a br_table" => Module((_, code) =>
        {
            code.Opcode(Opcode.Block).Byte(0x40).Get(0).Opcode(Opcode.BrTable).Unsigned((ulong)count);
            for (int i = 0; i <= count; i++) code.Unsigned(0);
            code.Opcode(Opcode.End).Get(0);
        }),
        "br_tables out of deep blocks" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++) code.Opcode(Opcode.Block).Byte(0x40);
            for (int n = 0; n < 4; n++)
            {
                code.Opcode(Opcode.Block).Byte(0x40).Get(0).Opcode(Opcode.BrTable).Unsigned((ulong)count);
                for (int i = 0; i <= count; i++) code.Unsigned((ulong)i);
                code.Opcode(Opcode.End);
            }

            for (int i = 0; i < count; i++) code.Opcode(Opcode.End);
            code.Get(0);
        }),
        "wide blocks" => Module((module, code) =>
        {
            WasmValueType[] wide = [.. Enumerable.Repeat(I32, 100)];
            int type = module.TypeIndex(new([.. wide], [.. wide]));
            for (int i = 0; i < 100; i++) code.Get(0);
            for (int i = 0; i < count; i++) code.Opcode(Opcode.Block).Signed(type).Opcode(Opcode.End);
            for (int i = 1; i < 100; i++) code.Opcode(Opcode.I32Add);
        }),
        "vectors" => Module((_, code) =>
        {
            for (int i = 0; i < count; i++) code.Get(1 + (i % 8)).Get(1 + ((i + 3) % 8)).Opcode((Opcode)(0x26E + (i % 2))).Set(1 + (i % 8));
            code.Get(0);
        }, 8, WasmValueType.V128),
        _ => throw new ArgumentException(name, nameof(name)),
    };
}
