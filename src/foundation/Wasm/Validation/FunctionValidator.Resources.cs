using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Validation;

internal sealed partial class FunctionValidator
{
    private void Parametric(Opcode opcode)
    {
        if (opcode == Opcode.Drop)
        {
            Pop();
            return;
        }

        if (opcode == Opcode.SelectTyped)
        {
            if (_reader.Count("result types") != 1) throw ModuleDecoder.Invalid("invalid result arity", _at);
            WasmValueType type = ModuleDecoder.ValueType(ref _reader, options);
            Pop(WasmValueType.I32);
            Pop(type);
            Pop(type);
            Push(type);
            return;
        }

        Pop(WasmValueType.I32);
        WasmValueType first = Pop();
        WasmValueType second = Pop();
        if (first.IsReference() || second.IsReference()) throw Mismatch("select on references must name their type");
        if (first != second && first != WasmValueType.None && second != WasmValueType.None)
            throw Mismatch("select between different types");
        Push(first == WasmValueType.None ? second : first);
    }

    private void Resource(OpcodeInfo info)
    {
        switch (info.Immediates)
        {
            case Immediates.Local or Immediates.Global: Variable(info.Opcode); break;
            case Immediates.Memory or Immediates.MemoryMemory or Immediates.DataMemory or Immediates.Data:
                MemoryInstruction(info.Opcode); break;
            case Immediates.Table or Immediates.TableTable or Immediates.ElementTable or Immediates.Element:
                TableInstruction(info.Opcode); break;
            default: Reference(info.Opcode); break;
        }
    }

    private void Variable(Opcode opcode)
    {
        uint index = _reader.U32();
        if (opcode is Opcode.GlobalGet or Opcode.GlobalSet)
        {
            if (index >= (uint)content.Globals.Count) throw ModuleDecoder.Invalid($"unknown global {index}", _at);
            WasmGlobalType global = content.Globals[(int)index];
            if (opcode == Opcode.GlobalGet)
            {
                Push(global.Value);
                return;
            }

            if (!global.IsMutable) throw ModuleDecoder.Invalid("global is immutable", _at);
            Pop(global.Value);
            return;
        }

        if (index >= (uint)_locals.Count) throw ModuleDecoder.Invalid($"unknown local {index}", _at);
        WasmValueType type = _locals[(int)index];
        if (opcode != Opcode.LocalGet) Pop(type);
        if (opcode != Opcode.LocalSet) Push(type);
    }

    private void MemoryInstruction(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.MemorySize:
                Push(Memory(MemoryIndex()).IndexType);
                break;
            case Opcode.MemoryGrow:
                WasmValueType index = Memory(MemoryIndex()).IndexType;
                Pop(index);
                Push(index);
                break;
            case Opcode.MemoryFill:
                index = Memory(MemoryIndex()).IndexType;
                Pop(index);
                Pop(WasmValueType.I32);
                Pop(index);
                break;
            case Opcode.MemoryCopy:
                WasmLimits target = Memory(MemoryIndex());
                WasmLimits source = Memory(MemoryIndex());
                Pop(target.Is64 && source.Is64 ? WasmValueType.I64 : WasmValueType.I32);
                Pop(source.IndexType);
                Pop(target.IndexType);
                break;
            default:
                DataInstruction(opcode);
                break;
        }
    }

    private void DataInstruction(Opcode opcode)
    {
        uint segment = _reader.U32();
        uint memory = opcode == Opcode.MemoryInit ? MemoryIndex() : 0;
        WasmValueType index = opcode == Opcode.MemoryInit ? Memory(memory).IndexType : WasmValueType.None;
        if (content.DataCount < 0)
        {
            // Whether this is malformed or a wrong index is known when the data section has come, or has not.
            if (content.UncountedDataUse < 0) content.UncountedDataUse = _at;
        }
        else if (segment >= (uint)content.DataCount)
        {
            throw ModuleDecoder.Invalid($"unknown data segment {segment}", _at);
        }

        if (opcode != Opcode.MemoryInit) return;
        Pop(WasmValueType.I32);
        Pop(WasmValueType.I32);
        Pop(index);
    }

    private uint MemoryIndex()
    {
        if (options.Allows(WasmFeatures.MultipleMemories)) return _reader.U32();
        long at = _reader.Offset;
        return _reader.Byte() == 0 ? 0u : throw ByteReader.Malformed("zero byte expected", at);
    }

    private void TableInstruction(Opcode opcode)
    {
        if (opcode is Opcode.ElemDrop or Opcode.TableInit)
        {
            uint segment = _reader.U32();
            WasmTableType? into = opcode == Opcode.TableInit ? Table(_reader.U32()) : null;
            if (segment >= (uint)content.Elements.Length) throw ModuleDecoder.Invalid($"unknown elem segment {segment}", _at);
            if (into is null) return;
            if (content.Elements[segment].Type != into.Element) throw Mismatch("elements for another table type");
            Pop(WasmValueType.I32);
            Pop(WasmValueType.I32);
            Pop(into.Limits.IndexType);
            return;
        }

        WasmTableType table = Table(_reader.U32());
        WasmValueType index = table.Limits.IndexType;
        switch (opcode)
        {
            case Opcode.TableGet:
                Pop(index);
                Push(table.Element);
                break;
            case Opcode.TableSet:
                Pop(table.Element);
                Pop(index);
                break;
            case Opcode.TableSize:
                Push(index);
                break;
            case Opcode.TableGrow:
                Pop(index);
                Pop(table.Element);
                Push(index);
                break;
            case Opcode.TableFill:
                Pop(index);
                Pop(table.Element);
                Pop(index);
                break;
            default:
                WasmTableType source = Table(_reader.U32());
                if (source.Element != table.Element) throw Mismatch("tables of different types");
                Pop(source.Limits.Is64 && table.Limits.Is64 ? WasmValueType.I64 : WasmValueType.I32);
                Pop(source.Limits.IndexType);
                Pop(index);
                break;
        }
    }

    private WasmTableType Table(uint index) =>
        index < (uint)content.Tables.Count ? content.Tables[(int)index] : throw ModuleDecoder.Invalid($"unknown table {index}", _at);

    private void Reference(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.RefNull:
                WasmValueType type = ModuleDecoder.ValueType(ref _reader, options);
                if (!type.IsReference()) throw ByteReader.Malformed("malformed reference type", _at);
                Push(type);
                break;
            case Opcode.RefIsNull:
                type = Pop();
                if (type != WasmValueType.None && !type.IsReference()) throw Mismatch("ref.is_null needs a reference");
                Push(WasmValueType.I32);
                break;
            default:
                uint function = _reader.U32();
                if (function >= (uint)content.Functions.Count) throw ModuleDecoder.Invalid($"unknown function {function}", _at);
                if (!content.ReferencedFunctions.Contains((int)function)) throw ModuleDecoder.Invalid("undeclared function reference", _at);
                Push(WasmValueType.FuncRef);
                break;
        }
    }
}
