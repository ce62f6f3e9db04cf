using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Binary;

internal sealed partial class ModuleDecoder
{
    private void Globals()
    {
        int count = Definitions("globals");
        CheckDefinitions(_content.Globals.Count + (long)count, "globals");
        for (int i = 0; i < count; i++)
        {
            WasmGlobalType type = GlobalType();
            _content.GlobalInitializers.Add(Constant(type.Value));
            _content.Globals.Add(type);
        }
    }

    private void Exports()
    {
        int count = Definitions("exports");
        for (int i = 0; i < count; i++)
        {
            long at = _reader.Offset;
            string name = _reader.Name();
            if (!_exportNames.Add(name)) throw Invalid($"duplicate export name \"{name}\"", at);
            at = _reader.Offset;
            byte kind = _reader.Byte();
            uint index = _reader.U32();
            (WasmExternType? type, string what) = kind switch
            {
                0 => ((WasmExternType?)At(_content.Functions, index), "function"),
                1 => (At(_content.Tables, index), "table"),
                2 => (At(_content.Memories, index), "memory"),
                3 => (At(_content.Globals, index), "global"),
                4 when options.Allows(WasmFeatures.ExceptionHandling) => (At(_content.Tags, index), "tag"),
                _ => throw ByteReader.Malformed("malformed export kind", at),
            };
            if (type is null) throw Invalid($"unknown {what} {index}", at);
            if (kind == 0) _content.ReferencedFunctions.Add((int)index);
            _content.Exports.Add(new(name, type, (int)index));
        }
    }

    private void Elements()
    {
        int count = Definitions("element segments");
        var segments = new ElementSegment[count];
        for (int i = 0; i < count; i++) segments[i] = Element();
        _content.Elements = segments;
    }

    /// <summary>Bit 0: not active; bit 1: declared, or an explicit table; bit 2: expressions instead of function indices.</summary>
    private ElementSegment Element()
    {
        long at = _reader.Offset;
        uint flags = _reader.U32();
        if (flags > 7) throw ByteReader.Malformed("malformed elements segment kind", at);
        SegmentMode mode = (flags & 1) == 0 ? SegmentMode.Active : (flags & 2) == 0 ? SegmentMode.Passive : SegmentMode.Declared;
        int table = 0;
        ConstantStep[] offset = [];
        if (mode == SegmentMode.Active)
        {
            at = _reader.Offset;
            uint index = (flags & 2) != 0 ? _reader.U32() : 0;
            if (index >= (uint)_content.Tables.Count) throw Invalid($"unknown table {index}", at);
            table = (int)index;
            offset = Constant(_content.Tables[table].Limits.IndexType);
        }

        WasmValueType type = WasmValueType.FuncRef;
        if ((flags & 3) != 0) type = (flags & 4) != 0 ? ReferenceType() : ElementKind();
        if (mode == SegmentMode.Active && _content.Tables[table].Element != type)
            throw Invalid("type mismatch: elements for another table type", at);
        int count = Definitions("elements");
        if ((flags & 4) != 0)
        {
            var expressions = new ConstantStep[count][];
            for (int i = 0; i < count; i++) expressions[i] = Constant(type);
            return new(mode, type, table, offset, null, expressions);
        }

        var functions = new int[count];
        for (int i = 0; i < count; i++)
        {
            at = _reader.Offset;
            uint function = _reader.U32();
            if (function >= (uint)_content.Functions.Count) throw Invalid($"unknown function {function}", at);
            _content.ReferencedFunctions.Add((int)function);
            functions[i] = (int)function;
        }

        return new(mode, type, table, offset, functions, null);
    }

    private WasmValueType ElementKind()
    {
        long at = _reader.Offset;
        return _reader.Byte() == 0 ? WasmValueType.FuncRef : throw ByteReader.Malformed("malformed element kind", at);
    }

    private void Data()
    {
        _sawData = true;
        long at = _reader.Offset;
        int count = Definitions("data segments");
        if (_content.DataCount >= 0 && _content.DataCount != count)
            throw ByteReader.Malformed("data count and data section have inconsistent lengths", at);
        var segments = new DataSegment[count];
        for (int i = 0; i < count; i++)
        {
            at = _reader.Offset;
            uint flags = _reader.U32();
            if (flags > 2) throw ByteReader.Malformed("malformed data segment flags", at);
            int memory = 0;
            ConstantStep[] offset = [];
            if (flags != 1)
            {
                at = _reader.Offset;
                uint index = flags == 2 ? _reader.U32() : 0;
                if (index >= (uint)_content.Memories.Count) throw Invalid($"unknown memory {index}", at);
                memory = (int)index;
                offset = Constant(_content.Memories[memory].Limits.IndexType);
            }

            at = _reader.Offset;
            uint length = _reader.U32();
            if (length > (uint)_reader.Remaining) throw ByteReader.Malformed("unexpected end: data is longer than its section", at);
            segments[i] = new(
                flags == 1 ? SegmentMode.Passive : SegmentMode.Active, memory, offset,
                _reader.Data.AsMemory(_reader.Position, (int)length));
            _reader.Position += (int)length;
        }

        _content.Data = segments;
    }

    private ConstantStep[] Constant(WasmValueType type) => ConstantExpression.Read(ref _reader, type, _content, options);

    private static T? At<T>(List<T> items, uint index)
        where T : class => index < (uint)items.Count ? items[(int)index] : null;
}
