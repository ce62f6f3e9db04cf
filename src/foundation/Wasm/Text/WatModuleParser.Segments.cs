namespace Sirsi.Wasm.Text;

internal sealed partial class WatModuleParser
{
    private void Data()
    {
        ByteWriter into = _sections.Data.Add();
        if (_reader.Is(WatTokenKind.Open))
        {
            uint memory = 0;
            if (_reader.TryOpen("memory"))
            {
                memory = _scope.Memories.Index(_reader);
                _reader.Close();
            }

            ActiveData(into, memory);
            Offset(into);
        }
        else
        {
            into.U32(1);
        }

        var content = new ByteWriter();
        _reader.Strings(content);
        into.Vector(content.Written);
    }

    private static void ActiveData(ByteWriter into, uint memory)
    {
        into.U32(memory == 0 ? 0u : 2u);
        if (memory != 0) into.U32(memory);
    }

    /// <summary><c>(offset expression)</c> or a single folded instruction.</summary>
    private void Offset(ByteWriter into)
    {
        if (_reader.TryOpen("offset"))
        {
            Constant(into);
            _reader.Close();
            return;
        }

        _code.Folded(into);
        into.Byte(0x0B);
    }

    private void Element()
    {
        ByteWriter into = _sections.Elements.Add();
        var offset = new ByteWriter();
        uint? table = null;
        bool isDeclared = _reader.TryKeyword("declare");
        bool isActive = !isDeclared && _reader.Is(WatTokenKind.Open) && !_reader.IsOpen("ref");
        if (isActive)
        {
            if (_reader.TryOpen("table"))
            {
                table = _scope.Tables.Index(_reader);
                _reader.Close();
            }

            Offset(offset);
        }

        bool isExpressions = _types.TryReferenceType(out WasmValueType type);
        if (!isExpressions && !_reader.TryKeyword("func") && !isActive) throw _reader.Unexpected("func or a reference type");
        if (!isExpressions) type = WasmValueType.FuncRef;
        var items = new ByteWriter();
        uint count = isExpressions ? Expressions(items) : Functions(items);
        uint into0 = table ?? 0;
        bool isPlain = into0 == 0 && type == WasmValueType.FuncRef;
        uint flags = isDeclared ? 3u : !isActive ? 1u : isPlain ? 0u : 2u;
        into.U32(isExpressions ? flags | 4 : flags);
        if (flags == 2) into.U32(into0);
        into.Bytes(offset.Written);
        if (flags != 0) into.Byte(isExpressions ? (byte)type : (byte)0);
        into.U32(count);
        into.Bytes(items.Written);
    }

    /// <summary>The rest of <c>(elem</c> within a table: functions, or expressions of the table's type; how many.</summary>
    private uint InlineElements(uint table, bool is64, WasmValueType type)
    {
        bool isExpressions = _reader.Is(WatTokenKind.Open);
        var items = new ByteWriter();
        uint count = isExpressions ? Expressions(items) : Functions(items);
        bool isPlain = table == 0 && type == WasmValueType.FuncRef;
        ByteWriter into = _sections.Elements.Add();
        into.U32((isPlain ? 0u : 2u) | (isExpressions ? 4u : 0u));
        if (!isPlain) into.U32(table);
        Zero(into, is64);
        if (!isPlain) into.Byte(isExpressions ? (byte)type : (byte)0);
        into.U32(count);
        into.Bytes(items.Written);
        return count;
    }

    private uint Functions(ByteWriter into)
    {
        uint count = 0;
        for (; _reader.IsIndex; count++) into.U32(_scope.Functions.Index(_reader));
        return count;
    }

    /// <summary><c>(item expression)</c> or a single folded instruction, as many as there are.</summary>
    private uint Expressions(ByteWriter into)
    {
        uint count = 0;
        for (; _reader.Is(WatTokenKind.Open); count++)
        {
            if (_reader.TryOpen("item"))
            {
                Constant(into);
                _reader.Close();
            }
            else
            {
                _code.Folded(into);
                into.Byte(0x0B);
            }
        }

        return count;
    }
}
