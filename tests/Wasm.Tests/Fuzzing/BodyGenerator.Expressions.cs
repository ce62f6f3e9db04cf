using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

internal sealed partial class BodyGenerator
{
    private static readonly int[] ExpressionWeights = [14, 22, 34, 6, 4, 6, 4, 8, 6, 3, 4, 1, 5];

    private static readonly long[] Integers =
        [0, 1, -1, 2, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, 65_535, 65_536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue];

    private static readonly double[] Floats =
    [
        0, 1, -1, -0.0, 0.5, 1.5, 2.5, -3.5, 1e10, -1e10, 2_147_483_647, 2_147_483_648, 4_294_967_295.5, 9.3e18, 1.9e19, 1e-40, 5e-324, 3.4e38, 1e308,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN,
    ];

    /// <summary>Code that leaves one value of a type, or ends the block.</summary>
    private void Expression(WasmValueType type)
    {
        if (--_left <= 0 || _depth >= DepthMax)
        {
            Literal(type);
            return;
        }

        _depth++;
        bool done = _choices.Weighted(ExpressionWeights) switch
        {
            1 => Local(type),
            2 => Operation(type),
            3 => Load(type),
            4 => Tee(type),
            5 => Global(type),
            6 => Select(type),
            7 => Block(type),
            8 => Call(type),
            9 => CallIndirect(type),
            10 => BranchWithValue(type),
            11 => DivergeIntoValue(type),
            12 => FromResource(type),
            _ => false,
        };
        if (!done) Literal(type);
        _depth--;
    }

    private void Literal(WasmValueType type)
    {
        switch (type)
        {
            case WasmValueType.I32: _code.Opcode(Opcode.I32Const).Signed((int)Integer()); break;
            case WasmValueType.I64: _code.Opcode(Opcode.I64Const).Signed(Integer()); break;
            case WasmValueType.F32: _code.Opcode(Opcode.F32Const).Bytes(BitConverter.GetBytes((float)Float())); break;
            case WasmValueType.F64: _code.Opcode(Opcode.F64Const).Bytes(BitConverter.GetBytes(Float())); break;
            case WasmValueType.V128: VectorLiteral(); break;
            default: _code.Opcode(Opcode.RefNull).Type(type); break;
        }
    }

    private void VectorLiteral()
    {
        bool isRandom = _choices.Chance(50);
        _code.Opcode(Opcode.V128Const);
        for (int half = 0; half < 2; half++) _code.Bytes(BitConverter.GetBytes(isRandom ? _choices.Bits() : (ulong)Integer()));
    }

    private long Integer() => _choices.Chance(20) ? (long)_choices.Bits() : _choices.Pick(Integers);

    private double Float() => _choices.Chance(10) ? _choices.Next(100_000) / 16.0 : _choices.Pick(Floats);

    private bool Local(WasmValueType type)
    {
        if (CommonLocal(type) is not { } local) return false;
        _code.Opcode(Opcode.LocalGet).Unsigned((ulong)local);
        return true;
    }

    private bool Tee(WasmValueType type)
    {
        if (CommonLocal(type) is not { } local) return false;
        Expression(type);
        _code.Opcode(Opcode.LocalTee).Unsigned((ulong)local);
        return true;
    }

    private bool Global(WasmValueType type)
    {
        if (Find(_module.Globals, global => global.Value == type) is not { } global) return false;
        _code.Opcode(Opcode.GlobalGet).Unsigned((ulong)global);
        return true;
    }

    private bool Operation(WasmValueType type)
    {
        OpcodeInfo[] all = [.. Instructions.Operations[type]];
        if (all.Length == 0) return false;
        OpcodeInfo info = _choices.Pick(all);
        if (Instructions.IsTrappingTruncation(info) && !_choices.Chance(20)) return false;
        foreach (WasmValueType operand in info.Operands) Expression(operand);
        if (Instructions.IsDivision(info) && !_choices.Chance(20))
        {
            Constant(type, 1);
            _code.Opcode(type == WasmValueType.I32 ? Opcode.I32Or : Opcode.I64Or);
        }

        _code.Opcode(info.Opcode);
        if (info.Immediates == Immediates.Lane) _code.Byte((byte)_choices.Next(Instructions.LaneCount(info)));
        for (int i = 0; info.Immediates == Immediates.Lanes && i < 16; i++) _code.Byte((byte)_choices.Next(32));
        if (_module.ReplacesNaNs) ReplaceNaN(type, Instructions.NaNLaneBits(info));
        return true;
    }

    /// <summary>Leaves the value on top, with the canonical NaN where it is not equal to itself.</summary>
    private void ReplaceNaN(WasmValueType type, int laneBits)
    {
        if (laneBits == 0) return;
        ulong local = (ulong)OwnLocal(type);
        byte[] nan = laneBits == 32 ? BitConverter.GetBytes(0x7FC0_0000) : BitConverter.GetBytes(0x7FF8_0000_0000_0000);
        _code.Opcode(Opcode.LocalSet).Unsigned(local).Opcode(Opcode.LocalGet).Unsigned(local);
        if (type == WasmValueType.V128)
            _code.Opcode(Opcode.V128Const).Bytes([.. Enumerable.Repeat(nan, 128 / laneBits).SelectMany(static lane => lane)]);
        else
            _code.Opcode(type == WasmValueType.F32 ? Opcode.F32Const : Opcode.F64Const).Bytes(nan);
        _code.Opcode(Opcode.LocalGet).Unsigned(local).Opcode(Opcode.LocalGet).Unsigned(local);
        if (type == WasmValueType.V128)
            _code.Opcode(laneBits == 32 ? Opcode.F32x4Eq : Opcode.F64x2Eq).Opcode(Opcode.V128Bitselect);
        else
            _code.Opcode(laneBits == 32 ? Opcode.F32Eq : Opcode.F64Eq).Opcode(Opcode.Select);
    }

    private bool Select(WasmValueType type)
    {
        Expression(type);
        Expression(type);
        Expression(WasmValueType.I32);
        if (type.IsReference() || _choices.Chance(20)) _code.Opcode(Opcode.SelectTyped).Unsigned(1).Type(type);
        else _code.Opcode(Opcode.Select);
        return true;
    }

    private bool Block(WasmValueType type)
    {
        if (_choices.Chance(25))
        {
            WasmValueType[] results = _choices.Chance(50) ? [type, _choices.Pick(ValueTypes(_module))] : [_choices.Pick(ValueTypes(_module)), type];
            Structure(results);
            KeepOnly(results, results[0] == type ? 0 : 1);
            return true;
        }

        Structure([type]);
        return true;
    }

    private bool Call(WasmValueType type)
    {
        if (Find(_module.Functions, function => function.Results.Contains(type)) is not { } function) return false;
        Operands(_module.Functions[function].Parameters);
        _code.Opcode(Opcode.Call).Unsigned((ulong)function);
        KeepOnly(_module.Functions[function].Results, _module.Functions[function].Results.IndexOf(type));
        return true;
    }

    private bool CallIndirect(WasmValueType type)
    {
        if (Find(_module.Functions, function => function.Results.Contains(type)) is not { } function) return false;
        WasmFunctionType called = _module.Functions[function];
        if (!IndirectCall(called, Opcode.CallIndirect)) return false;
        KeepOnly(called.Results, called.Results.IndexOf(type));
        return true;
    }

    private bool IndirectCall(WasmFunctionType type, Opcode opcode)
    {
        if (Find(_module.Tables, static table => table.Element == WasmValueType.FuncRef) is not { } table) return false;
        Operands(type.Parameters);
        TableIndex(table);
        _code.Opcode(opcode).Unsigned((ulong)_module.TypeIndex(type)).Unsigned((ulong)table);
        return true;
    }

    private bool FromResource(WasmValueType type)
    {
        if (type.IsReference()) return Reference(type);
        switch (_choices.Next(4))
        {
            case 0 when type == WasmValueType.I32:
                Expression(_choices.Pick([WasmValueType.FuncRef, WasmValueType.ExternRef]));
                _code.Opcode(Opcode.RefIsNull);
                return true;
            case 1: return Size(type, Find(_module.Memories, memory => memory.IndexType == type), Opcode.MemorySize);
            case 2: return Size(type, Find(_module.Tables, table => table.Limits.IndexType == type), Opcode.TableSize);
            default: return Grow(type);
        }
    }

    private bool Size(WasmValueType type, int? index, Opcode opcode)
    {
        if (index is not { } found || type is not (WasmValueType.I32 or WasmValueType.I64)) return false;
        _code.Opcode(opcode).Unsigned((ulong)found);
        return true;
    }

    private bool Grow(WasmValueType type)
    {
        if (type is not (WasmValueType.I32 or WasmValueType.I64)) return false;
        if (_choices.Chance(50))
        {
            if (Find(_module.Memories, memory => memory.IndexType == type) is not { } memory) return false;
            Small(type, 3);
            _code.Opcode(Opcode.MemoryGrow).Unsigned((ulong)memory);
            return true;
        }

        if (Find(_module.Tables, table => table.Limits.IndexType == type) is not { } grown) return false;
        Expression(_module.Tables[grown].Element);
        Small(type, 8);
        _code.Opcode(Opcode.TableGrow).Unsigned((ulong)grown);
        return true;
    }

    private bool Reference(WasmValueType type)
    {
        if (type == WasmValueType.FuncRef && _choices.Chance(50) && _module.Functions.Count > 0)
        {
            _code.Opcode(Opcode.RefFunc).Unsigned((ulong)_choices.Next(_module.Functions.Count));
            return true;
        }

        if (Find(_module.Tables, table => table.Element == type) is not { } source) return false;
        TableIndex(source);
        _code.Opcode(Opcode.TableGet).Unsigned((ulong)source);
        return true;
    }
}
