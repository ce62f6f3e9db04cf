namespace Sirsi.Wasm.Text;

internal sealed partial class WatModuleParser
{
    private readonly WatSpace _locals = new("local");
    private readonly List<WasmValueType> _localTypes = [];
    private readonly ByteWriter _body = new();

    private void Type()
    {
        _reader.Open("func");
        WasmFunctionType type = _types.Signature(new WatSpace("parameter"));
        _reader.Close();
        _scope.Define(type);
    }

    private void Import()
    {
        string module = _reader.Name();
        string name = _reader.Name();
        if (!_reader.Is(WatTokenKind.Open)) throw _reader.Unexpected("(func, (table, (memory, (global or (tag");
        _reader.Take();
        FieldKind kind = _reader.Is(WatTokenKind.Keyword) ? KindOf(_reader.Text) : FieldKind.None;
        if (kind is not (FieldKind.Func or FieldKind.Table or FieldKind.Memory or FieldKind.Global or FieldKind.Tag))
            throw _reader.Unexpected("func, table, memory, global or tag");
        _reader.Take();
        _reader.TryId();
        Import(module, name, kind);
        _reader.Close();
    }

    /// <summary>Writes an import; its type is next in the text.</summary>
    private void Import(string module, string name, FieldKind kind)
    {
        ByteWriter into = _sections.Imports.Add();
        into.Name(module);
        into.Name(name);
        switch (kind)
        {
            case FieldKind.Func:
                into.Byte(0);
                _locals.Clear();
                into.U32(_types.TypeIndex(_locals));
                break;
            case FieldKind.Table:
                into.Byte(1);
                TableType(into);
                break;
            case FieldKind.Memory:
                into.Byte(2);
                _types.Limits(into);
                break;
            case FieldKind.Global:
                into.Byte(3);
                _types.GlobalType(into);
                break;
            default:
                into.Byte(4);
                into.Byte(0);
                into.U32(_types.TypeIndex(new WatSpace("parameter")));
                break;
        }
    }

    /// <summary>The abbreviations a definition may begin with: exports, then an import, which makes all of it; whether it is one.</summary>
    private bool IsImported(FieldKind kind, byte external, uint index)
    {
        while (_reader.TryOpen("export"))
        {
            Export(_reader.Name(), external, index);
            _reader.Close();
        }

        if (!_reader.TryOpen("import")) return false;
        string module = _reader.Name();
        string name = _reader.Name();
        _reader.Close();
        Import(module, name, kind);
        return true;
    }

    private void Function(uint index)
    {
        if (IsImported(FieldKind.Func, 0, index)) return;
        _locals.Clear();
        uint type = _types.TypeIndex(_locals);
        _localTypes.Clear();
        while (_reader.TryOpen("local")) _types.Declarations(_localTypes, _locals);
        _body.Clear();
        LocalRuns();
        _code.Instructions(_body, _locals);
        _body.Byte(0x0B);
        _sections.Functions.Add().U32(type);
        _sections.Code.Add().Vector(_body.Written);
        if (_locals.Names.Count == 0 || !_options.WriteNames) return;
        ByteWriter into = _sections.LocalNames.Add();
        WatSection names = WatSections.Names(0, _locals);
        into.U32(index);
        into.U32((uint)names.Count);
        into.Bytes(names.Items.Written);
    }

    private void LocalRuns()
    {
        int runs = 0;
        for (int i = 0; i < _localTypes.Count; i++)
            if (i == 0 || _localTypes[i] != _localTypes[i - 1]) runs++;
        _body.U32((uint)runs);
        for (int i = 0; i < _localTypes.Count;)
        {
            int begin = i;
            while (i < _localTypes.Count && _localTypes[i] == _localTypes[begin]) i++;
            _body.U32((uint)(i - begin));
            _body.Byte((byte)_localTypes[begin]);
        }
    }

    private void TableType(ByteWriter into)
    {
        var limits = new ByteWriter();
        _types.Limits(limits);
        into.Byte((byte)_types.ReferenceType());
        into.Bytes(limits.Written);
        if (_reader.Is(WatTokenKind.Close)) return;
        throw new WatSyntaxException(
            _reader.Current.Start, "a table's initial element needs function references, which the engine does not implement");
    }

    private void Table(uint index)
    {
        if (IsImported(FieldKind.Table, 1, index)) return;
        ByteWriter into = _sections.Tables.Add();
        if (_reader.Is(WatTokenKind.Number) || _reader.Next.Kind == WatTokenKind.Number)
        {
            TableType(into);
            return;
        }

        bool is64 = _types.IndexType();
        WasmValueType type = _types.ReferenceType();
        _reader.Open("elem");
        uint count = InlineElements(index, is64, type);
        _reader.Close();
        into.Byte((byte)type);
        WatTypes.WriteLimits(into, count, count, is64);
    }

    private void Memory(uint index)
    {
        if (IsImported(FieldKind.Memory, 2, index)) return;
        ByteWriter into = _sections.Memories.Add();
        if (!_reader.IsOpen("data") && _reader.Next.Kind != WatTokenKind.Open)
        {
            _types.Limits(into);
            return;
        }

        bool is64 = _types.IndexType();
        _reader.Open("data");
        var content = new ByteWriter();
        _reader.Strings(content);
        _reader.Close();
        ByteWriter data = _sections.Data.Add();
        ActiveData(data, index);
        Zero(data, is64);
        data.Vector(content.Written);
        ulong pages = ((ulong)content.Length + WasmMemory.PageBytes - 1) / WasmMemory.PageBytes;
        WatTypes.WriteLimits(into, pages, pages, is64);
    }

    private void Global(uint index)
    {
        if (IsImported(FieldKind.Global, 3, index)) return;
        ByteWriter into = _sections.Globals.Add();
        _types.GlobalType(into);
        Constant(into);
    }

    private void Tag(uint index)
    {
        if (IsImported(FieldKind.Tag, 4, index)) return;
        ByteWriter into = _sections.Tags.Add();
        into.Byte(0);
        into.U32(_types.TypeIndex(new WatSpace("parameter")));
    }

    private void Export()
    {
        string name = _reader.Name();
        if (!_reader.Is(WatTokenKind.Open)) throw _reader.Unexpected("(func, (table, (memory, (global or (tag");
        _reader.Take();
        FieldKind kind = _reader.Is(WatTokenKind.Keyword) ? KindOf(_reader.Text) : FieldKind.None;
        int external = kind switch
        {
            FieldKind.Func => 0,
            FieldKind.Table => 1,
            FieldKind.Memory => 2,
            FieldKind.Global => 3,
            FieldKind.Tag => 4,
            _ => throw _reader.Unexpected("func, table, memory, global or tag"),
        };
        _reader.Take();
        Export(name, (byte)external, SpaceOf(kind)!.Index(_reader));
        _reader.Close();
    }

    private void Export(string name, byte external, uint index)
    {
        ByteWriter into = _sections.Exports.Add();
        into.Name(name);
        into.Byte(external);
        into.U32(index);
    }

    private void Start()
    {
        if (_sections.Start is not null) _reader.Problem(_reader.Current.Start, "multiple start sections");
        _sections.Start = _scope.Functions.Index(_reader);
    }

    /// <summary>A constant expression that goes on to the closing parenthesis.</summary>
    private void Constant(ByteWriter into)
    {
        _code.Instructions(into, null);
        into.Byte(0x0B);
    }

    private static void Zero(ByteWriter into, bool is64)
    {
        into.Byte(is64 ? (byte)0x42 : (byte)0x41);
        into.Byte(0);
        into.Byte(0x0B);
    }
}
