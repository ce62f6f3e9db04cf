using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Validation;

/// <summary>Reads and validates constant expressions: what globals, element and data segments begin with.</summary>
internal static class ConstantExpression
{
    /// <summary>Reads up to and with the <c>end</c>; the expression must give exactly one value of <paramref name="type"/>.</summary>
    internal static ConstantStep[] Read(ref ByteReader reader, WasmValueType type, ModuleContent content, WasmOptions options)
    {
        long begin = reader.Offset;
        var steps = new List<ConstantStep>(1);
        var stack = new Stack<WasmValueType>(1);
        while (true)
        {
            long at = reader.Offset;
            int opcode = FunctionValidator.ReadOpcode(ref reader);
            if (opcode == (int)Opcode.End) break;
            steps.Add(Step((Opcode)opcode, ref reader, stack, content, options, at));
        }

        if (stack.Count != 1 || stack.Pop() != type) throw ModuleDecoder.Invalid("type mismatch in a constant expression", begin);
        return [.. steps];
    }

    private static ConstantStep Step(
        Opcode opcode, ref ByteReader reader, Stack<WasmValueType> stack, ModuleContent content, WasmOptions options, long at)
    {
        switch (opcode)
        {
            case Opcode.I32Const:
                stack.Push(WasmValueType.I32);
                return new(opcode, (uint)reader.S32());
            case Opcode.I64Const:
                stack.Push(WasmValueType.I64);
                return new(opcode, (ulong)reader.S64());
            case Opcode.F32Const:
                stack.Push(WasmValueType.F32);
                return new(opcode, reader.Fixed32());
            case Opcode.F64Const:
                stack.Push(WasmValueType.F64);
                return new(opcode, reader.Fixed64());
            case Opcode.V128Const:
                stack.Push(WasmValueType.V128);
                return new(opcode, reader.Fixed64(), reader.Fixed64());
            case Opcode.RefNull:
                WasmValueType type = ModuleDecoder.ValueType(ref reader, options);
                if (!type.IsReference()) throw ByteReader.Malformed("malformed reference type", at);
                stack.Push(type);
                return new(opcode, (ulong)type);
            case Opcode.RefFunc:
                uint function = reader.U32();
                if (function >= (uint)content.Functions.Count) throw ModuleDecoder.Invalid($"unknown function {function}", at);
                content.ReferencedFunctions.Add((int)function);
                stack.Push(WasmValueType.FuncRef);
                return new(opcode, function);
            case Opcode.GlobalGet:
                return Global(ref reader, stack, content, at);
            case Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul:
                return Arithmetic(opcode, WasmValueType.I32, stack, options, at);
            case Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul:
                return Arithmetic(opcode, WasmValueType.I64, stack, options, at);
            default:
                throw OpcodeInfo.Of((int)opcode) is { } known
                    ? ModuleDecoder.Invalid($"constant expression required, not {known.Name}", at)
                    : ByteReader.Malformed("illegal opcode in a constant expression", at);
        }
    }

    private static ConstantStep Global(ref ByteReader reader, Stack<WasmValueType> stack, ModuleContent content, long at)
    {
        uint index = reader.U32();
        if (index >= (uint)content.ImportedGlobals) throw ModuleDecoder.Invalid($"unknown global {index}", at);
        WasmGlobalType global = content.Globals[(int)index];
        if (global.IsMutable) throw ModuleDecoder.Invalid("constant expression required, not a mutable global", at);
        stack.Push(global.Value);
        return new(Opcode.GlobalGet, index);
    }

    private static ConstantStep Arithmetic(
        Opcode opcode, WasmValueType type, Stack<WasmValueType> stack, WasmOptions options, long at)
    {
        if (!options.Allows(WasmFeatures.ExtendedConstants))
            throw ModuleDecoder.Invalid("constant expression required (extended constants are switched off)", at);
        if (stack.Count < 2 || stack.Pop() != type || stack.Peek() != type)
            throw ModuleDecoder.Invalid("type mismatch in a constant expression", at);
        return new(opcode, 0);
    }
}
