using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>
/// Generates the body of one function, valid by construction: code is made for what has to lie on the stack afterwards. Loops count a local of their
/// own down, except those that branch as chance has it: fuel ends them.
/// </summary>
internal sealed partial class BodyGenerator
{
    private const int DepthMax = 9;

    private readonly GeneratedModule _module;
    private readonly Choices _choices;
    private readonly WasmFunctionType _type;
    private readonly ByteWriter _code = new();
    private readonly List<WasmValueType> _locals;
    private readonly List<WasmValueType[]> _labels = [];

    /// <summary>Locals from here on belong to one construct each.</summary>
    private readonly int _common;

    private int _left;
    private int _depth;
    private int _hotDepth;

    private BodyGenerator(GeneratedModule module, Choices choices, WasmFunctionType type, int size)
    {
        _module = module;
        _choices = choices;
        _type = type;
        _left = size;
        _locals = [.. type.Parameters];
        WasmValueType[] types = ValueTypes(module);
        for (int count = choices.Next(8); count > 0; count--) _locals.Add(choices.Pick(types));
        _common = _locals.Count;
    }

    /// <summary>What values may be, the simplest first.</summary>
    internal static WasmValueType[] ValueTypes(GeneratedModule module)
    {
        WasmValueType[] types =
        [
            WasmValueType.I32, WasmValueType.I64, WasmValueType.F64, WasmValueType.F32, WasmValueType.I32, WasmValueType.I64,
            WasmValueType.V128, WasmValueType.FuncRef, WasmValueType.ExternRef,
        ];
        return module.IsPlain ? types : [.. types, WasmValueType.ExnRef];
    }

    /// <summary>Locals and code, as the code section has it.</summary>
    internal static byte[] Generate(GeneratedModule module, Choices choices, WasmFunctionType type, int size)
    {
        var body = new BodyGenerator(module, choices, type, size);
        body._labels.Add([.. type.Results]);
        body.Statements(8);
        body.Operands(body._labels[0]);
        body._code.Opcode(Opcode.End);
        var locals = new ByteWriter();
        WasmValueType[] own = [.. body._locals.Skip(type.Parameters.Length)];
        locals.Unsigned((ulong)own.Length);
        foreach (WasmValueType local in own) locals.Unsigned(1).Type(local);
        return [.. locals.ToArray(), .. body._code.ToArray()];
    }

    /// <summary>Pushes the values one after the other, sometimes with other work between them.</summary>
    private void Operands(IReadOnlyList<WasmValueType> types)
    {
        foreach (WasmValueType type in types)
        {
            Expression(type);
            if (types.Count > 1 && _choices.Chance(8)) Statement();
        }
    }

    /// <summary>Takes the values off the stack.</summary>
    private void Consume(IReadOnlyList<WasmValueType> types)
    {
        for (int i = types.Count - 1; i >= 0; i--)
        {
            if (_choices.Chance(60) && CommonLocal(types[i]) is { } local) _code.Opcode(Opcode.LocalSet).Unsigned((ulong)local);
            else _code.Opcode(Opcode.Drop);
        }
    }

    /// <summary>Of the values on top, all but the one at an index are dropped.</summary>
    private void KeepOnly(IReadOnlyList<WasmValueType> types, int index)
    {
        for (int i = types.Count - 1; i > index; i--) _code.Opcode(Opcode.Drop);
        if (index == 0) return;
        int local = OwnLocal(types[index]);
        _code.Opcode(Opcode.LocalSet).Unsigned((ulong)local);
        for (int i = index - 1; i >= 0; i--) _code.Opcode(Opcode.Drop);
        _code.Opcode(Opcode.LocalGet).Unsigned((ulong)local);
    }

    private int? CommonLocal(WasmValueType type)
    {
        int count = _locals.Take(_common).Count(one => one == type);
        if (count == 0) return null;
        int nth = _choices.Next(count);
        for (int i = 0; ; i++)
            if (_locals[i] == type && nth-- == 0) return i;
    }

    private int OwnLocal(WasmValueType type)
    {
        _locals.Add(type);
        return _locals.Count - 1;
    }

    private void Constant(int value) => _code.Opcode(Opcode.I32Const).Signed(value);

    private void Constant(WasmValueType type, long value)
    {
        if (type == WasmValueType.I64) _code.Opcode(Opcode.I64Const).Signed(value);
        else Constant((int)value);
    }

    /// <summary>The module's index for something of a kind; null when it has none.</summary>
    private int? Find<T>(List<T> things, Func<T, bool> fits)
    {
        int[] found = [.. Enumerable.Range(0, things.Count).Where(index => fits(things[index]))];
        return found.Length == 0 ? null : _choices.Pick(found);
    }
}
