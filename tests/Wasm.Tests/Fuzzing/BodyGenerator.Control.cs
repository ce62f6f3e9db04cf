using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

internal sealed partial class BodyGenerator
{
    private static readonly int[] StatementWeights = [4, 24, 14, 7, 5, 14, 7, 9, 8, 4, 5, 5, 1, 4, 0];
    private static readonly int[] HotStatementWeights = [4, 24, 14, 7, 5, 10, 7, 4, 5, 3, 3, 2, 1, 2, 22];

    private void Statements(int bound)
    {
        for (int count = _choices.Next(bound); count > 0 && _left > 0; count--) Statement();
    }

    /// <summary>Code that leaves the stack as it was, or ends the block.</summary>
    private void Statement()
    {
        if (--_left <= 0 || _depth >= DepthMax) return;
        _depth++;
        _ = _choices.Weighted(_module.HasHotLoops ? HotStatementWeights : StatementWeights) switch
        {
            14 => HotLoop(),
            1 => SetLocal(),
            2 => Store(),
            3 => SetGlobal(),
            4 => Drop(),
            5 => StructureStatement(),
            6 => ConditionalBranch(),
            7 => CountedLoop(),
            8 => CallStatement(),
            9 => CallIndirectStatement(),
            10 => BulkMemory(),
            11 => BulkTable(),
            12 => Diverge(),
            13 => TryStatement(),
            _ => Nop(),
        };
        _depth--;
    }

    private bool Nop()
    {
        _code.Opcode(Opcode.Nop);
        return true;
    }

    private bool SetLocal()
    {
        if (_common == 0) return false;
        int local = _choices.Next(_common);
        Expression(_locals[local]);
        _code.Opcode(Opcode.LocalSet).Unsigned((ulong)local);
        return true;
    }

    private bool SetGlobal()
    {
        if (Find(_module.Globals, static global => global.IsMutable) is not { } global) return false;
        Expression(_module.Globals[global].Value);
        _code.Opcode(Opcode.GlobalSet).Unsigned((ulong)global);
        return true;
    }

    private bool Drop()
    {
        Expression(_choices.Pick(ValueTypes(_module)));
        _code.Opcode(Opcode.Drop);
        return true;
    }

    private bool StructureStatement()
    {
        WasmValueType[] results = [.. Enumerable.Range(0, _choices.Weighted([6, 3, 1])).Select(_ => _choices.Pick(ValueTypes(_module)))];
        Structure(results);
        Consume(results);
        return true;
    }

    /// <summary>A block, loop or if with the given results, sometimes with parameters.</summary>
    private void Structure(WasmValueType[] results)
    {
        Opcode opcode = _choices.Pick([Opcode.Block, Opcode.If, Opcode.Loop]);
        WasmValueType[] parameters =
            _choices.Chance(25) ? [.. Enumerable.Range(0, 1 + _choices.Next(2)).Select(_ => _choices.Pick(ValueTypes(_module)))] : [];
        Operands(parameters);
        if (opcode == Opcode.If) Expression(WasmValueType.I32);
        _code.Opcode(opcode);
        BlockType(parameters, results);
        _labels.Add(opcode == Opcode.Loop ? parameters : results);
        Inside(parameters, results);
        if (opcode == Opcode.If && (!parameters.SequenceEqual(results) || _choices.Chance(50)))
        {
            _code.Opcode(Opcode.Else);
            Inside(parameters, results);
        }

        _labels.RemoveAt(_labels.Count - 1);
        _code.Opcode(Opcode.End);
    }

    private void Inside(WasmValueType[] parameters, WasmValueType[] results)
    {
        bool stay = results.Take(parameters.Length).SequenceEqual(parameters) && _choices.Chance(50);
        if (!stay) Consume(parameters);
        Statements(4);
        Operands(stay ? results[parameters.Length..] : results);
    }

    private void BlockType(WasmValueType[] parameters, WasmValueType[] results)
    {
        if (parameters.Length == 0 && results.Length == 0) _code.Byte(0x40);
        else if (parameters.Length == 0 && results.Length == 1) _code.Type(results[0]);
        else _code.Signed(_module.TypeIndex(new([.. parameters], [.. results])));
    }

    private bool CountedLoop()
    {
        ulong counter = (ulong)OwnLocal(WasmValueType.I32);
        Constant(_choices.Next(12));
        _code.Opcode(Opcode.LocalSet).Unsigned(counter).Opcode(Opcode.Loop).Byte(0x40);
        _labels.Add([]);
        Statements(5);
        _code.Opcode(Opcode.LocalGet).Unsigned(counter);
        Constant(1);
        _code.Opcode(Opcode.I32Sub).Opcode(Opcode.LocalTee).Unsigned(counter);
        Constant(0);
        _code.Opcode(Opcode.I32GtS).Opcode(Opcode.BrIf).Unsigned(0);
        _labels.RemoveAt(_labels.Count - 1);
        _code.Opcode(Opcode.End);
        return true;
    }

    /// <summary>
    /// A loop of many rounds, long enough to be compiled in the midst of it: with values of all kinds below it on the stack, and sometimes within another.
    /// </summary>
    private bool HotLoop()
    {
        if (_hotDepth == 2) return false;
        WasmValueType[] below = [.. Enumerable.Range(0, _choices.Next(4)).Select(_ => _choices.Pick(ValueTypes(_module)))];
        Operands(below);
        _code.Opcode(Opcode.Block).Byte(0x40);
        _labels.Add([]);
        ulong counter = (ulong)OwnLocal(WasmValueType.I32);
        Constant(_hotDepth == 0 ? 40 + _choices.Next(400) : 1 + _choices.Next(40));
        _code.Opcode(Opcode.LocalSet).Unsigned(counter).Opcode(Opcode.Loop).Byte(0x40);
        _labels.Add([]);
        _hotDepth++;
        Statements(5);
        _hotDepth--;
        _code.Opcode(Opcode.LocalGet).Unsigned(counter);
        Constant(1);
        _code.Opcode(Opcode.I32Sub).Opcode(Opcode.LocalTee).Unsigned(counter).Opcode(Opcode.BrIf).Unsigned(0);
        _labels.RemoveAt(_labels.Count - 1);
        _code.Opcode(Opcode.End);
        _labels.RemoveAt(_labels.Count - 1);
        _code.Opcode(Opcode.End);
        Consume(below);
        return true;
    }

    private bool ConditionalBranch()
    {
        WasmValueType[] carried = Branch(Opcode.BrIf);
        Consume(carried);
        return true;
    }

    private bool BranchWithValue(WasmValueType type)
    {
        if (!_labels.Exists(label => label.Contains(type))) return false;
        int depth;
        do depth = _choices.Next(_labels.Count);
        while (!_labels[^(depth + 1)].Contains(type) && _left-- > 0);
        WasmValueType[] carried = _labels[^(depth + 1)];
        if (!carried.Contains(type)) return false;
        Operands(carried);
        Expression(WasmValueType.I32);
        _code.Opcode(Opcode.BrIf).Unsigned((ulong)depth);
        KeepOnly(carried, Array.IndexOf(carried, type));
        return true;
    }

    /// <summary>A branch to any label; gives what it carries.</summary>
    private WasmValueType[] Branch(Opcode opcode)
    {
        int depth = _choices.Next(_labels.Count);
        WasmValueType[] carried = _labels[^(depth + 1)];
        Operands(carried);
        if (opcode == Opcode.BrTable)
        {
            Expression(WasmValueType.I32);
            int[] fitting = [.. Enumerable.Range(0, _labels.Count).Where(label => _labels[^(label + 1)].SequenceEqual(carried))];
            int count = _choices.Next(6);
            _code.Opcode(opcode).Unsigned((ulong)count);
            for (int i = 0; i < count; i++) _code.Unsigned((ulong)_choices.Pick(fitting));
        }
        else
        {
            if (opcode == Opcode.BrIf) Expression(WasmValueType.I32);
            _code.Opcode(opcode);
        }

        _code.Unsigned((ulong)depth);
        return carried;
    }

    private bool CallStatement()
    {
        if (_module.Functions.Count == 0) return false;
        int function = _choices.Next(_module.Functions.Count);
        Operands(_module.Functions[function].Parameters);
        _code.Opcode(Opcode.Call).Unsigned((ulong)function);
        Consume(_module.Functions[function].Results);
        return true;
    }

    private bool CallIndirectStatement()
    {
        if (_module.Functions.Count == 0) return false;
        WasmFunctionType type = _choices.Pick(_module.Functions);
        if (!IndirectCall(type, Opcode.CallIndirect)) return false;
        Consume(type.Results);
        return true;
    }

    private bool DivergeIntoValue(WasmValueType type)
    {
        Diverge();
        if (_choices.Chance(50)) Expression(type);
        return true;
    }

    /// <summary>Leaves the block for good, and goes on with code that is never reached.</summary>
    private bool Diverge()
    {
        switch (_choices.Weighted([2, 8, 4, 4, 3, 2, 2, 1]))
        {
            case 1: Branch(Opcode.Br); break;
            case 2: Branch(Opcode.BrTable); break;
            case 3:
                Operands(_labels[0]);
                _code.Opcode(Opcode.Return);
                break;
            case 4 when Throw(): break;
            case 5 when TailCall(): break;
            case 6 when Find(_module.Functions, SameResults) is not null && TailCallIndirect(): break;
            case 7 when !_module.IsPlain:
                Expression(WasmValueType.ExnRef);
                _code.Opcode(Opcode.ThrowRef);
                break;
            default: _code.Opcode(Opcode.Unreachable); break;
        }

        for (int i = _choices.Next(3); i > 0; i--) Unreached();
        return true;
    }

    private bool SameResults(WasmFunctionType type) => type.Results.SequenceEqual(_type.Results);

    private bool Throw()
    {
        if (_module.Tags.Count == 0) return false;
        int tag = _choices.Next(_module.Tags.Count);
        Operands(_module.Tags[tag].Parameters);
        _code.Opcode(Opcode.Throw).Unsigned((ulong)tag);
        return true;
    }

    private bool TailCall()
    {
        if (Find(_module.Functions, SameResults) is not { } function) return false;
        Operands(_module.Functions[function].Parameters);
        _code.Opcode(Opcode.ReturnCall).Unsigned((ulong)function);
        return true;
    }

    private bool TailCallIndirect() => IndirectCall(_choices.Pick([.. _module.Functions.Where(SameResults)]), Opcode.ReturnCallIndirect);

    /// <summary>Code right behind one that does not return: its operands need not be there.</summary>
    private void Unreached()
    {
        WasmValueType type = _choices.Pick(ValueTypes(_module));
        switch (_choices.Next(4))
        {
            case 0 when Instructions.Operations[type].Any():
                OpcodeInfo[] all = [.. Instructions.Operations[type].Where(static info => info.Immediates == Immediates.None)];
                _code.Opcode(_choices.Pick(all).Opcode).Opcode(Opcode.Drop);
                break;
            case 1: _code.Opcode(Opcode.Drop); break;
            case 2: _code.Opcode(Opcode.Select).Opcode(Opcode.Drop); break;
            default: Statement(); break;
        }
    }
}
