using Sirsi.Wasm.Validation;

namespace Sirsi.Wasm.Binary;

/// <summary>
/// Turns the sections of a module, given one after the other as they arrive, into its content, and validates on the way. One use, one
/// thread. Each section's bytes must belong to the decoder alone: code and data stay in place.
/// </summary>
/// <param name="options">The limits and features.</param>
/// <param name="problems">Where problems are collected that leave the rest of the module to be judged; null to stop at the first.</param>
internal sealed partial class ModuleDecoder(WasmOptions options, List<WasmProblem>? problems = null)
{
    /// <summary>Problems that are collected of one module.</summary>
    internal const int ProblemsMax = 100;


    private static readonly int[] Ranks = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6];

    private readonly ModuleContent _content = new();
    private readonly HashSet<string> _exportNames = new(StringComparer.Ordinal);
    private int[] _functionTypes = [];
    private int _rank;
    private bool _sawCode;
    private bool _sawData;
    private ByteReader _reader;

    internal static void CheckHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length < 4 || !header[..4].SequenceEqual("\0asm"u8)) throw ByteReader.Malformed("magic header not detected", 0);
        if (header.Length < 8 || !header[4..8].SequenceEqual((ReadOnlySpan<byte>)[1, 0, 0, 0]))
            throw ByteReader.Malformed("unknown binary version", 4);
    }

    /// <summary>Takes one section. <paramref name="origin"/> is the module offset of its first content byte.</summary>
    internal void Section(byte id, byte[] bytes, long origin)
    {
        _reader = new ByteReader(bytes, 0, bytes.Length, origin);
        if (id == 0)
        {
            string name = _reader.Name();
            _content.CustomSections.Add(new(name, bytes.AsMemory(_reader.Position)));
            return;
        }

        CheckOrder(id, ref _rank, origin);
        if (id == 13) Require(WasmFeatures.ExceptionHandling, "exception handling", origin);
        try
        {
            Content(id);
            if (!_reader.IsAtEnd) throw _reader.Malformed("section size mismatch");
        }
        catch (WasmException problem) when (NothingRestsOn(id) && Collects(problem))
        {
            // The next section is judged as if this one were sound.
        }
    }

    /// <summary>Whether no later section is judged by what this one says: exports, start, code, data.</summary>
    private static bool NothingRestsOn(byte id) => id is 7 or 8 or 10 or 11;

    private bool Collects(WasmException problem)
    {
        if (problems is null || problems.Count >= ProblemsMax) return false;
        problems.Add(new WasmProblem(problem.Kind, problem.Message, problem.Offset));
        return true;
    }

    /// <summary>Whether a section, not a custom one, may follow those of <paramref name="rank"/> and before.</summary>
    internal static void CheckOrder(byte id, ref int rank, long at)
    {
        if (id >= Ranks.Length) throw ByteReader.Malformed($"malformed section id {id}", at);
        if (Ranks[id] <= rank) throw ByteReader.Malformed("unexpected content after last section: sections are out of order", at);
        rank = Ranks[id];
    }

    /// <summary>Checks what can only be known at the end, and gives the whole.</summary>
    internal ModuleContent Finish(long offset)
    {
        if (!_sawCode && _functionTypes.Length > 0)
            throw ByteReader.Malformed("function and code section have inconsistent lengths", offset);
        if (!_sawData && _content.DataCount > 0)
            throw ByteReader.Malformed("data count and data section have inconsistent lengths", offset);
        if (_content.UncountedDataUse >= 0)
        {
            throw _sawData
                ? ByteReader.Malformed("data count section required", _content.UncountedDataUse)
                : Invalid("unknown data segment: there are none", _content.UncountedDataUse);
        }

        return _content;
    }

    private void Content(byte id)
    {
        switch (id)
        {
            case 1: Types(); break;
            case 2: Imports(); break;
            case 3: Functions(); break;
            case 4: Tables(); break;
            case 5: Memories(); break;
            case 6: Globals(); break;
            case 7: Exports(); break;
            case 8: Start(); break;
            case 9: Elements(); break;
            case 10: Code(); break;
            case 11: Data(); break;
            case 12: _content.DataCount = (int)Math.Min(_reader.U32(), int.MaxValue); break;
            default: Tags(); break;
        }
    }

    private void Functions()
    {
        int count = Definitions("functions");
        CheckDefinitions(_content.Functions.Count + (long)count, "functions");
        _functionTypes = new int[count];
        for (int i = 0; i < count; i++)
        {
            long at = _reader.Offset;
            int type = TypeIndex(at);
            _functionTypes[i] = type;
            _content.Functions.Add(_content.Types[type]);
        }
    }

    private void Start()
    {
        long at = _reader.Offset;
        uint index = _reader.U32();
        if (index >= (uint)_content.Functions.Count) throw Invalid($"unknown function {index}", at);
        WasmFunctionType type = _content.Functions[(int)index];
        if (!type.Parameters.IsEmpty || !type.Results.IsEmpty) throw Invalid("start function must take and give nothing", at);
        _content.Start = (int)index;
    }

    private void Code()
    {
        _sawCode = true;
        long at = _reader.Offset;
        int count = _reader.Count("function bodies");
        if (count != _functionTypes.Length) throw ByteReader.Malformed("function and code section have inconsistent lengths", at);
        _content.Code = _reader.Data;
        _content.CodeOrigin = _reader.Origin;
        var bodies = new FunctionBody[count];
        var validator = new FunctionValidator(_content, options);
        for (int i = 0; i < count; i++)
        {
            at = _reader.Offset;
            uint size = _reader.U32();
            if (size > (uint)_reader.Remaining)
                throw ByteReader.Malformed("unexpected end: a function body is longer than its section", at);
            if (size > (uint)options.FunctionBytesMax) throw Limit($"a function body of {size} bytes", at);
            int end = _reader.Position + (int)size;
            var body = new ByteReader(_reader.Data, _reader.Position, end, _reader.Origin);
            try
            {
                bodies[i] = validator.Validate(body, _content.Types[_functionTypes[i]]);
            }
            catch (WasmException problem) when (Collects(problem))
            {
                // Its size is known, so the next body is found all the same.
            }

            _reader.Position = end;
        }

        _content.Bodies = bodies;
    }

    private int TypeIndex(long at)
    {
        uint index = _reader.U32();
        if (index >= (uint)_content.Types.Length) throw Invalid($"unknown type {index}", at);
        return (int)index;
    }

    private int Definitions(string what)
    {
        int count = _reader.Count(what);
        CheckDefinitions(count, what);
        return count;
    }

    private void CheckDefinitions(long count, string what)
    {
        if (count > options.DefinitionsMax) throw Limit($"{count} {what}", _reader.Offset);
    }

    private void Require(WasmFeatures feature, string name, long at)
    {
        if (!options.Allows(feature)) throw new WasmException(WasmErrorKind.Unsupported, $"needs {name}, which is switched off", at);
    }

    internal static WasmException Invalid(string message, long at) => new(WasmErrorKind.Invalid, message, at);

    internal static WasmException Limit(string what, long at) => new(WasmErrorKind.LimitExceeded, what + " is above the limit", at);
}
