using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

internal sealed partial class BodyGenerator
{
    /// <summary>A try_table whose clauses lead to blocks of their own around it.</summary>
    private bool TryStatement()
    {
        if (_module.IsPlain || _module.Tags.Count == 0) return false;
        (int Kind, int Tag)[] clauses =
            [.. Enumerable.Range(0, 1 + _choices.Next(3)).Select(_ => (_choices.Next(4), _choices.Next(_module.Tags.Count)))];
        WasmValueType[][] carried = [.. clauses.Select(Carried)];
        for (int i = clauses.Length - 1; i >= 0; i--)
        {
            _code.Opcode(Opcode.Block);
            BlockType([], carried[i]);
            _labels.Add(carried[i]);
        }

        WasmValueType[] results = _choices.Chance(30) ? [_choices.Pick(ValueTypes(_module))] : [];
        _code.Opcode(Opcode.TryTable);
        BlockType([], results);
        _code.Unsigned((ulong)clauses.Length);
        for (int i = 0; i < clauses.Length; i++)
        {
            _code.Byte((byte)clauses[i].Kind);
            if (clauses[i].Kind < 2) _code.Unsigned((ulong)clauses[i].Tag);
            _code.Unsigned((ulong)i);
        }

        _labels.Add(results);
        Inside([], results);
        if (_choices.Chance(30)) Throw();
        _labels.RemoveAt(_labels.Count - 1);
        _code.Opcode(Opcode.End);
        Consume(results);
        for (int i = 0; i < clauses.Length; i++)
        {
            Operands(carried[i]);
            _labels.RemoveAt(_labels.Count - 1);
            _code.Opcode(Opcode.End);
            Consume(carried[i]);
        }

        return true;
    }

    private WasmValueType[] Carried((int Kind, int Tag) clause)
    {
        IEnumerable<WasmValueType> values = clause.Kind < 2 ? _module.Tags[clause.Tag].Parameters : [];
        return (clause.Kind & 1) != 0 ? [.. values, WasmValueType.ExnRef] : [.. values];
    }
}
