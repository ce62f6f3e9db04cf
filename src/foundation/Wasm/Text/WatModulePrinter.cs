using System.Collections.Immutable;
using Sirsi.Wasm.Binary;

namespace Sirsi.Wasm.Text;

/// <summary>Prints one module.</summary>
internal sealed partial class WatModulePrinter
{
    private readonly ModuleContent _content;
    private readonly WatOutput _output;
    private readonly WatNames _names;
    private readonly string _name;
    private readonly Dictionary<WasmFunctionType, int> _typeIndices = [];

    internal WatModulePrinter(WasmModule module, WatOutput output)
    {
        _content = module.Content;
        _output = output;
        _names = new(_content);
        _name = module.Name;
        for (int i = 0; i < _content.Types.Length; i++) _typeIndices.TryAdd(_content.Types[i], i);
    }

    internal void Print()
    {
        _output.Write("(module");
        if (_name.Length > 0 && WatLexer.IsPlainId(_name)) _output.Write(" $" + _name);
        else if (_name.Length > 0)
        {
            _output.Write(" $");
            WatString.WriteName(_output, _name);
        }

        _output.Depth = 1;
        for (int i = 0; i < _content.Types.Length; i++)
        {
            Field("type", _names.Types[i]);
            _output.Write(" (func");
            Signature(_content.Types[i], null);
            _output.Write("))");
        }

        Imports();
        Definitions();
        Segments();
        for (int i = 0; i < _content.Bodies.Length; i++) Function(i);
        _output.Write(")\n");
    }

    private void Field(string kind, string id)
    {
        _output.Line();
        _output.Write($"({kind} {id}");
    }

    private void Imports()
    {
        int functions = 0, tables = 0, memories = 0, globals = 0, tags = 0;
        foreach (WasmImport import in _content.Imports)
        {
            _output.Line();
            _output.Write("(import ");
            WatString.WriteName(_output, import.Module);
            _output.Write(' ');
            WatString.WriteName(_output, import.Name);
            _output.Write(import.Type.Kind switch
            {
                WasmExternKind.Function => $" (func {_names.Functions[functions++]}",
                WasmExternKind.Table => $" (table {_names.Tables[tables++]}",
                WasmExternKind.Memory => $" (memory {_names.Memories[memories++]}",
                WasmExternKind.Global => $" (global {_names.Globals[globals++]}",
                _ => $" (tag {_names.Tags[tags++]}",
            });
            Type(import.Type);
            _output.Write("))");
        }
    }

    private void Type(WasmExternType type)
    {
        switch (type)
        {
            case WasmFunctionType function:
                _output.Write($" (type {_names.Types[_typeIndices[function]]})");
                break;
            case WasmTagType tag:
                _output.Write($" (type {_names.Types[_typeIndices[tag.Payload]]})");
                break;
            case WasmTableType table:
                Limits(table.Limits);
                _output.Write(" " + table.Element.Name());
                break;
            case WasmMemoryType memory: Limits(memory.Limits); break;
            case WasmGlobalType { IsMutable: true } global: _output.Write($" (mut {global.Value.Name()})"); break;
            case WasmGlobalType global: _output.Write(" " + global.Value.Name()); break;
        }
    }

    private void Limits(WasmLimits limits)
    {
        if (limits.Is64) _output.Write(" i64");
        _output.Write($" {limits.Minimum}");
        if (limits.Maximum is { } maximum) _output.Write($" {maximum}");
    }

    private void Signature(WasmFunctionType type, string[]? locals)
    {
        if (locals is null)
        {
            Types(" (param", type.Parameters);
        }
        else
        {
            for (int i = 0; i < type.Parameters.Length; i++) _output.Write($" (param {locals[i]} {type.Parameters[i].Name()})");
        }

        Types(" (result", type.Results);
    }

    private void Types(string keyword, ImmutableArray<WasmValueType> types)
    {
        if (types.IsEmpty) return;
        _output.Write(keyword);
        foreach (WasmValueType type in types) _output.Write(" " + type.Name());
        _output.Write(')');
    }

    private void Definitions()
    {
        for (int i = _content.ImportedTables; i < _content.Tables.Count; i++) Definition("table", _names.Tables[i], _content.Tables[i]);
        for (int i = _content.ImportedMemories; i < _content.Memories.Count; i++)
            Definition("memory", _names.Memories[i], _content.Memories[i]);
        for (int i = _content.ImportedTags; i < _content.Tags.Count; i++) Definition("tag", _names.Tags[i], _content.Tags[i]);
        for (int i = 0; i < _content.GlobalInitializers.Count; i++)
        {
            int index = _content.ImportedGlobals + i;
            Field("global", _names.Globals[index]);
            Type(_content.Globals[index]);
            Constant("", _content.GlobalInitializers[i]);
            _output.Write(')');
        }

        foreach (WasmExport export in _content.Exports) Export(export);
        if (_content.Start < 0) return;
        _output.Line();
        _output.Write($"(start {_names.Functions[_content.Start]})");
    }

    private void Definition(string kind, string id, WasmExternType type)
    {
        Field(kind, id);
        Type(type);
        _output.Write(')');
    }

    private void Export(WasmExport export)
    {
        _output.Line();
        _output.Write("(export ");
        WatString.WriteName(_output, export.Name);
        _output.Write(export.Type.Kind switch
        {
            WasmExternKind.Function => $" (func {_names.Functions[export.Index]}))",
            WasmExternKind.Table => $" (table {_names.Tables[export.Index]}))",
            WasmExternKind.Memory => $" (memory {_names.Memories[export.Index]}))",
            WasmExternKind.Global => $" (global {_names.Globals[export.Index]}))",
            _ => $" (tag {_names.Tags[export.Index]}))",
        });
    }

    private void Segments()
    {
        for (int i = 0; i < _content.Elements.Length; i++)
        {
            ElementSegment segment = _content.Elements[i];
            Field("elem", _names.Elements[i]);
            if (segment.Mode == SegmentMode.Declared) _output.Write(" declare");
            if (segment.Mode == SegmentMode.Active)
            {
                if (segment.Table != 0) _output.Write($" (table {_names.Tables[segment.Table]})");
                Constant("offset", segment.Offset);
            }

            _output.Write(segment.Functions is null ? " " + segment.Type.Name() : " func");
            foreach (int function in segment.Functions ?? []) _output.Write(" " + _names.Functions[function]);
            foreach (ConstantStep[] expression in segment.Expressions ?? []) Constant("item", expression);
            _output.Write(')');
        }

        for (int i = 0; i < _content.Data.Length; i++)
        {
            DataSegment segment = _content.Data[i];
            Field("data", _names.Data[i]);
            if (segment.Mode == SegmentMode.Active)
            {
                if (segment.Memory != 0) _output.Write($" (memory {_names.Memories[segment.Memory]})");
                Constant("offset", segment.Offset);
            }

            _output.Write(' ');
            WatString.Write(_output, segment.Content.Span);
            _output.Write(')');
        }
    }

    /// <summary>A constant expression: folded when it is one instruction, else as a sequence.</summary>
    private void Constant(string keyword, ConstantStep[] steps)
    {
        if (steps.Length != 1 && keyword.Length > 0) _output.Write($" ({keyword}");
        foreach (ConstantStep step in steps)
        {
            _output.Write(steps.Length == 1 ? " (" : " ");
            _output.Write(OpcodeInfo.Of((int)step.Opcode)!.Name);
            _output.Write(step.Opcode switch
            {
                Opcode.I32Const => $" {(int)step.Low}",
                Opcode.I64Const => $" {(long)step.Low}",
                Opcode.F32Const => " " + WatFloat.Single.Format(step.Low),
                Opcode.F64Const => " " + WatFloat.Double.Format(step.Low),
                Opcode.V128Const => Vector(step.Low, step.High),
                Opcode.RefNull => " " + HeapType((WasmValueType)step.Low),
                Opcode.RefFunc => " " + _names.Functions[step.Low],
                Opcode.GlobalGet => " " + _names.Globals[step.Low],
                _ => "",
            });
            if (steps.Length == 1) _output.Write(')');
        }

        if (steps.Length != 1 && keyword.Length > 0) _output.Write(')');
    }

    private static string Vector(ulong low, ulong high) => $" i32x4 0x{(uint)low:x8} 0x{low >> 32:x8} 0x{(uint)high:x8} 0x{high >> 32:x8}";

    private static string HeapType(WasmValueType type) => type switch
    {
        WasmValueType.FuncRef => "func",
        WasmValueType.ExternRef => "extern",
        _ => "exn",
    };
}
