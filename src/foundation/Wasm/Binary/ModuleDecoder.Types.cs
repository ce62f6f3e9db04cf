using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Sirsi.Wasm.Binary;

internal sealed partial class ModuleDecoder
{
    private const ulong MemoryPages32Max = 65_536;
    private const byte GroupOfImports = 0x7F;
    private const ulong MemoryPages64Max = 1UL << 48;

    private void Types()
    {
        int count = Definitions("types");
        var types = new WasmFunctionType[count];
        var known = new Dictionary<WasmFunctionType, WasmFunctionType>(count);
        for (int i = 0; i < count; i++)
        {
            long at = _reader.Offset;
            byte form = _reader.Byte();
            if (form is 0x5F or 0x5E or 0x50 or 0x4F or 0x4E)
                throw new WasmException(WasmErrorKind.Unsupported, "needs garbage collection, which the engine does not implement", at);
            if (form != 0x60) throw ByteReader.Malformed("integer representation too long: not a function type", at);
            var type = new WasmFunctionType(ValueTypes("parameters"), ValueTypes("results"));

            // Equal types of a module are one object, so that most comparisons are of references.
            if (!known.TryAdd(type, type)) type = known[type];
            types[i] = type;
        }

        _content.Types = types;
    }

    private ImmutableArray<WasmValueType> ValueTypes(string what)
    {
        long at = _reader.Offset;
        int count = _reader.Count(what);
        if (count > options.ParametersMax) throw Limit($"{count} {what}", at);
        if (count == 0) return [];
        var types = new WasmValueType[count];
        for (int i = 0; i < count; i++) types[i] = ValueType(ref _reader, options);
        return ImmutableArray.Create(types);
    }

    internal static WasmValueType ValueType(ref ByteReader reader, WasmOptions options)
    {
        long at = reader.Offset;
        var type = (WasmValueType)reader.Byte();
        switch (type)
        {
            case WasmValueType.I32 or WasmValueType.I64 or WasmValueType.F32 or WasmValueType.F64 or WasmValueType.V128:
            case WasmValueType.FuncRef or WasmValueType.ExternRef:
                return type;
            case WasmValueType.ExnRef when options.Allows(WasmFeatures.ExceptionHandling):
                return type;
            case WasmValueType.ExnRef:
                throw new WasmException(WasmErrorKind.Unsupported, "needs exception handling, which is switched off", at);
            case (WasmValueType)0x63 or (WasmValueType)0x64:
                throw new WasmException(WasmErrorKind.Unsupported, "needs function references, which the engine does not implement", at);
            default:
                throw ByteReader.Malformed($"malformed value type 0x{(byte)type:x2}", at);
        }
    }

    private WasmValueType ReferenceType()
    {
        long at = _reader.Offset;
        WasmValueType type = ValueType(ref _reader, options);
        return type.IsReference() ? type : throw ByteReader.Malformed("malformed reference type", at);
    }

    private WasmLimits Limits(bool isMemory)
    {
        long at = _reader.Offset;
        byte flags = _reader.Byte();
        if ((flags & 2) != 0 && flags < 8)
            throw new WasmException(WasmErrorKind.Unsupported, "needs threads (shared memory), which the engine does not implement", at);
        if (flags > 5) throw ByteReader.Malformed("malformed limits flags", at);
        bool is64 = (flags & 4) != 0;
        if (is64) Require(WasmFeatures.Memory64, "memory64", at);
        ulong minimum = is64 ? _reader.U64() : _reader.U32();
        ulong? maximum = null;
        if ((flags & 1) != 0) maximum = is64 ? _reader.U64() : _reader.U32();
        if (isMemory)
        {
            ulong most = is64 ? MemoryPages64Max : MemoryPages32Max;
            if (minimum > most || maximum > most)
                throw Invalid(is64 ? "memory size must be at most 2^48 pages" : "memory size must be at most 65536 pages (4GiB)", at);
        }

        if (maximum < minimum) throw Invalid("size minimum must not be greater than maximum", at);
        return new(minimum, maximum, is64);
    }

    private WasmTableType TableType() => new(ReferenceType(), Limits(isMemory: false));

    private WasmMemoryType MemoryType() => new(Limits(isMemory: true));

    private WasmGlobalType GlobalType()
    {
        WasmValueType type = ValueType(ref _reader, options);
        long at = _reader.Offset;
        byte mutability = _reader.Byte();
        return mutability <= 1 ? new(type, mutability == 1) : throw ByteReader.Malformed("malformed mutability", at);
    }

    private WasmTagType TagType()
    {
        long at = _reader.Offset;
        if (_reader.Byte() != 0) throw ByteReader.Malformed("malformed tag attribute", at);
        at = _reader.Offset;
        WasmFunctionType type = _content.Types[TypeIndex(at)];
        return type.Results.IsEmpty ? new(type) : throw Invalid("non-empty tag result type", at);
    }

    private void Imports()
    {
        long at = _reader.Offset;
        int count = _reader.Count("imports");
        if (count > options.ImportsMax) throw Limit($"{count} imports", at);
        while (_content.Imports.Count < count)
        {
            string module = _reader.Name();
            string name = _reader.Name();
            if (name.Length == 0 && !_reader.IsAtEnd && _reader.Peek() is GroupOfImports) Group(module, count);
            else _content.Imports.Add(new(module, name, Import()));
        }

        _content.ImportedFunctions = _content.Functions.Count;
        _content.ImportedTables = _content.Tables.Count;
        _content.ImportedMemories = _content.Memories.Count;
        _content.ImportedGlobals = _content.Globals.Count;
        _content.ImportedTags = _content.Tags.Count;
    }

    /// <summary>Compact form: a module name once, then names and types. The section's count is of imports, not of groups.</summary>
    private void Group(string module, int count)
    {
        long at = _reader.Offset;
        Require(WasmFeatures.CompactImports, "compact imports", at);
        _reader.Byte();
        int members = _reader.Count("imports of a group");
        if (members == 0 || members > count - _content.Imports.Count)
            throw ByteReader.Malformed("import count does not fit its groups", at);
        for (int i = 0; i < members; i++)
        {
            string name = _reader.Name();
            _content.Imports.Add(new(module, name, Import()));
        }
    }

    [SuppressMessage("Performance", "CA1859", Justification = "It gives five types; the analyzer sees one.")]
    private WasmExternType Import()
    {
        long at = _reader.Offset;
        switch (_reader.Byte())
        {
            case 0:
                WasmFunctionType function = _content.Types[TypeIndex(_reader.Offset)];
                _content.Functions.Add(function);
                return function;
            case 1:
                _content.Tables.Add(TableType());
                CheckTables(at);
                return _content.Tables[^1];
            case 2:
                _content.Memories.Add(MemoryType());
                CheckMemories(at);
                return _content.Memories[^1];
            case 3:
                _content.Globals.Add(GlobalType());
                return _content.Globals[^1];
            case 4:
                Require(WasmFeatures.ExceptionHandling, "exception handling", at);
                _content.Tags.Add(TagType());
                return _content.Tags[^1];
            default:
                throw ByteReader.Malformed("malformed import kind", at);
        }
    }

    private void Tables()
    {
        int count = Definitions("tables");
        for (int i = 0; i < count; i++)
        {
            long at = _reader.Offset;
            if (_reader.Peek() == 0x40)
            {
                throw new WasmException(
                    WasmErrorKind.Unsupported, "needs function references, which the engine does not implement", at);
            }

            _content.Tables.Add(TableType());
            CheckTables(at);
        }
    }

    private void Memories()
    {
        int count = Definitions("memories");
        for (int i = 0; i < count; i++)
        {
            long at = _reader.Offset;
            _content.Memories.Add(MemoryType());
            CheckMemories(at);
        }
    }

    private void Tags()
    {
        int count = Definitions("tags");
        for (int i = 0; i < count; i++) _content.Tags.Add(TagType());
    }

    private void CheckTables(long at)
    {
        if (_content.Tables.Count > options.TablesMax) throw Limit($"{_content.Tables.Count} tables", at);
    }

    private void CheckMemories(long at)
    {
        if (_content.Memories.Count > 1 && !options.Allows(WasmFeatures.MultipleMemories))
            throw Invalid("multiple memories (the feature is switched off)", at);
        if (_content.Memories.Count > options.MemoriesMax) throw Limit($"{_content.Memories.Count} memories", at);
    }
}
