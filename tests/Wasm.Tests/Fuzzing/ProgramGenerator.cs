using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Tests.Fuzzing;

/// <summary>Generates programs: valid modules, what they import from each other and from the host, and calls of them.</summary>
internal sealed class ProgramGenerator
{
    private static readonly int[] Sizes = [20, 40, 70, 120, 30, 60, 400];
    private static readonly int[] SmallSizes = [10, 20, 30, 50];

    private readonly Choices _choices;
    private readonly ProgramKind _kind;
    private readonly bool _isPlain;
    private readonly bool _replacesNaNs;
    private readonly List<GeneratedModule> _modules = [];

    private ProgramGenerator(Choices choices, ProgramKind kind)
    {
        _choices = choices;
        _kind = kind;
        _isPlain = kind == ProgramKind.Plain;
        _replacesNaNs = true;
    }

    internal static GuestProgram Generate(Choices choices, ProgramKind kind)
    {
        var generator = new ProgramGenerator(choices, kind);
        long fuel = kind == ProgramKind.Hot ? choices.Pick([60_000L, 100_000, 30_000]) : choices.Pick([20_000L, 20_000, 60_000, 3_000, 200, 50]);
        int stack = choices.Pick([65_536, 16_384, 4_096]);
        int patience = choices.Next(4);
        int modules = choices.Chance(35) ? 2 : 1;
        for (int i = 0; i < modules; i++) generator.Module();
        var invocations = new List<Invocation>();
        for (int count = 1 + choices.Next(6); count > 0; count--) invocations.Add(generator.Invocation());
        byte[][] bytes = [.. generator._modules.Select(static module => module.ToBytes())];
        return new(bytes, invocations, fuel, stack, patience, generator._isPlain);
    }

    private void Module()
    {
        var module = new GeneratedModule { IsPlain = _isPlain, HasHotLoops = _kind == ProgramKind.Hot, ReplacesNaNs = _replacesNaNs };
        HostImports(module);
        if (_modules.Count > 0) ModuleImports(module);
        Memories(module);
        Tables(module);
        Globals(module);
        for (int count = _isPlain ? 0 : _choices.Next(3); count > 0; count--) module.Tags.Add(new([.. Values(3)], []));
        for (int count = 1 + _choices.Next(5); count > 0; count--) module.Functions.Add(Signature());
        Elements(module);
        Data(module);
        for (int i = module.ImportedFunctions; i < module.Functions.Count; i++)
            module.Bodies.Add(BodyGenerator.Generate(module, _choices, module.Functions[i], _choices.Pick(_kind is ProgramKind.Any or ProgramKind.Plain ? Sizes : SmallSizes)));
        _modules.Add(module);
    }

    private void HostImports(GeneratedModule module)
    {
        foreach ((string name, WasmFunctionType type, bool isPlain) in HostFunctions.All)
            if (_choices.Chance(30) && (isPlain || !_isPlain)) module.ImportFunction(HostFunctions.Module, name, type);
    }

    private void ModuleImports(GeneratedModule module)
    {
        int index = _choices.Next(_modules.Count);
        GeneratedModule from = _modules[index];
        string name = $"{index}";
        for (int i = 0; i < from.Functions.Count; i++)
            if (_choices.Chance(40)) module.ImportFunction(name, $"f{i}", from.Functions[i]);
        for (int i = 0; i < from.Memories.Count; i++)
            if (_choices.Chance(60) && (!_isPlain || module.Memories.Count == 0)) module.ImportMemory(name, $"m{i}", from.Memories[i]);
        for (int i = 0; i < from.Tables.Count; i++)
            if (_choices.Chance(60)) module.ImportTable(name, $"t{i}", from.Tables[i]);
        for (int i = 0; i < from.Globals.Count; i++)
            if (_choices.Chance(50)) module.ImportGlobal(name, $"g{i}", from.Globals[i]);
        for (int i = 0; i < from.Tags.Count; i++)
            if (_choices.Chance(70)) module.ImportTag(name, $"e{i}", from.Tags[i]);
    }

    private void Memories(GeneratedModule module)
    {
        int most = _isPlain ? 1 : 3;
        for (int count = _choices.Weighted([6, 2, 1, 1]); count >= 0 && module.Memories.Count < most; count--)
        {
            ulong minimum = (ulong)_choices.Pick([1, 1, 2, 0]);
            ulong? maximum = _choices.Chance(50) ? minimum + (ulong)_choices.Next(3) : null;
            module.Memories.Add(new(minimum, maximum ?? (_isPlain ? 4UL : null), !_isPlain && _choices.Chance(15)));
        }
    }

    private void Tables(GeneratedModule module)
    {
        for (int count = _choices.Next(3); count >= 0 && module.Tables.Count < 4; count--)
        {
            WasmValueType element = _choices.Pick([WasmValueType.FuncRef, WasmValueType.FuncRef, WasmValueType.ExternRef]);
            ulong minimum = 4 + (ulong)_choices.Next(5);
            ulong? maximum = _choices.Chance(50) ? minimum + (ulong)_choices.Next(6) : null;
            module.Tables.Add(new(element, new(minimum, maximum ?? (_isPlain ? 16UL : null), !_isPlain && _choices.Chance(10))));
        }
    }

    private void Globals(GeneratedModule module)
    {
        WasmValueType[] types = [.. BodyGenerator.ValueTypes(module).Where(static type => type != WasmValueType.ExnRef)];
        for (int count = _choices.Next(6); count > 0; count--)
        {
            WasmValueType type = _choices.Pick(types);
            module.Globals.Add(new(type, _choices.Chance(75)));
            module.Initializers.Add(Constant(module, type, _choices.Next(1_000)));
        }
    }

    private byte[] Constant(GeneratedModule module, WasmValueType type, int value)
    {
        var writer = new ByteWriter();
        bool isSum = !_isPlain && _choices.Chance(20);
        switch (type)
        {
            case WasmValueType.I32:
                writer.Opcode(Opcode.I32Const).Signed(value);
                if (isSum) writer.Opcode(Opcode.I32Const).Signed(3).Opcode(Opcode.I32Mul).Opcode(Opcode.I32Const).Signed(value).Opcode(Opcode.I32Sub);
                break;
            case WasmValueType.I64:
                writer.Opcode(Opcode.I64Const).Signed(value);
                if (isSum) writer.Opcode(Opcode.I64Const).Signed(-1).Opcode(Opcode.I64Add);
                break;
            case WasmValueType.F32: writer.Opcode(Opcode.F32Const).Bytes(BitConverter.GetBytes(value / 8f)); break;
            case WasmValueType.F64: writer.Opcode(Opcode.F64Const).Bytes(BitConverter.GetBytes(value / 8.0)); break;
            case WasmValueType.V128: writer.Opcode(Opcode.V128Const).Bytes(new byte[15]).Byte((byte)value); break;
            default: writer.Opcode(Opcode.RefNull).Type(type); break;
        }

        int[] sources = [.. Enumerable.Range(0, module.ImportedGlobals).Where(index => module.Globals[index] == new WasmGlobalType(type, false))];
        if (sources.Length > 0 && _choices.Chance(30)) writer = new ByteWriter().Opcode(Opcode.GlobalGet).Unsigned((ulong)_choices.Pick(sources));
        return writer.Opcode(Opcode.End).ToArray();
    }

    private WasmFunctionType Signature()
    {
        if (_modules.Count > 0 && _choices.Chance(40)) return _choices.Pick(_modules[0].Functions);
        return new([.. Values(4)], [.. Values(3)]);
    }

    private IEnumerable<WasmValueType> Values(int bound)
    {
        WasmValueType[] types = [.. BodyGenerator.ValueTypes(new() { IsPlain = _isPlain }).Where(type => !_isPlain || type != WasmValueType.V128)];
        for (int count = _choices.Next(bound); count > 0; count--) yield return _choices.Pick(types);
    }

    private void Elements(GeneratedModule module)
    {
        // What a body may refer to has to be named by a segment.
        var declared = new ByteWriter().Byte(3).Byte(0).Unsigned((ulong)module.Functions.Count);
        for (int i = 0; i < module.Functions.Count; i++) declared.Unsigned((ulong)i);
        Add(module, WasmValueType.FuncRef, declared);
        for (int i = 0; i < module.Tables.Count; i++)
        {
            WasmTableType table = module.Tables[i];
            if (table.Element != WasmValueType.FuncRef) continue;
            var active = new ByteWriter().Byte(2).Unsigned((ulong)i);
            byte[] offset = table.Limits.Is64 ? [0x42, (byte)_choices.Next(2), 0x0B] : [0x41, (byte)_choices.Next(2), 0x0B];
            Add(module, WasmValueType.FuncRef, active.Bytes(offset).Byte(0).Bytes(SomeFunctions(module, 3)));
        }

        for (int count = _choices.Next(3); count > 0; count--)
        {
            if (_choices.Chance(50))
                Add(module, WasmValueType.FuncRef, new ByteWriter().Byte(1).Byte(0).Bytes(SomeFunctions(module, 3)));
            else
                Add(module, WasmValueType.ExternRef, new ByteWriter().Byte(5).Byte(0x6F).Unsigned(2).Bytes([0xD0, 0x6F, 0x0B, 0xD0, 0x6F, 0x0B]));
        }
    }

    private static void Add(GeneratedModule module, WasmValueType type, ByteWriter segment)
    {
        module.Elements.Add(segment.ToArray());
        module.ElementTypes.Add(type);
    }

    private byte[] SomeFunctions(GeneratedModule module, int most)
    {
        int count = 1 + _choices.Next(most);
        var writer = new ByteWriter().Unsigned((ulong)count);
        for (int i = 0; i < count; i++) writer.Unsigned((ulong)_choices.Next(module.Functions.Count));
        return writer.ToArray();
    }

    private void Data(GeneratedModule module)
    {
        for (int count = _choices.Next(3); count > 0; count--)
        {
            byte[] bytes = [.. Enumerable.Range(0, _choices.Next(12)).Select(_ => (byte)_choices.Next(256))];
            int memory = _choices.Next(module.Memories.Count);
            bool fits = module.Memories[memory].Minimum > 0;
            if (!fits || _choices.Chance(50))
            {
                module.Data.Add(new ByteWriter().Byte(1).Sized(bytes).ToArray());
                continue;
            }

            byte[] offset = Constant(module, module.Memories[memory].IndexType, _choices.Next(1_000));
            module.Data.Add(new ByteWriter().Byte(2).Unsigned((ulong)memory).Bytes(offset).Sized(bytes).ToArray());
        }
    }

    private Invocation Invocation()
    {
        int index = _choices.Next(_modules.Count);
        GeneratedModule module = _modules[index];
        int function = module.ImportedFunctions + _choices.Next(module.Functions.Count - module.ImportedFunctions);
        return new(index, function, [.. module.Functions[function].Parameters.Select(Argument)]);
    }

    private WasmValue Argument(WasmValueType type) => type switch
    {
        WasmValueType.I32 => WasmValue.I32(_choices.Chance(50) ? (int)_choices.Bits() : _choices.Next(64)),
        WasmValueType.I64 => WasmValue.I64(_choices.Chance(50) ? (long)_choices.Bits() : _choices.Next(64)),
        WasmValueType.F32 => WasmValue.F32(_choices.Next(1_000) / 4f),
        WasmValueType.F64 => WasmValue.F64(_choices.Next(1_000) / 4.0),
        WasmValueType.V128 => WasmValue.V128(_choices.Bits(), _choices.Bits()),
        WasmValueType.ExternRef => WasmValue.ExternRef(_choices.Chance(50) ? "host object" : null),
        _ => new WasmValue(type, 0),
    };
}
