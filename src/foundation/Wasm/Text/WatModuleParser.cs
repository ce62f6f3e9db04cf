using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Text;

/// <summary>
/// Reads a module (section 6.6) in two passes: the first gives every field its place in the index spaces, so that the second, which reads
/// types first and then everything else in order, finds what it refers to. One use.
/// </summary>
internal sealed partial class WatModuleParser
{
    private readonly WatReader _reader;
    private readonly WatOptions _options;
    private readonly WatScope _scope = new();
    private readonly WatSections _sections = new();
    private readonly WatTypes _types;
    private readonly WatCode _code;
    private readonly List<Field> _fields = [];
    private readonly bool _isQuoted;

    internal WatModuleParser(WatReader reader, WatOptions options, bool isQuoted = false)
    {
        _reader = reader;
        _options = options;
        _isQuoted = isQuoted;
        _types = new(reader, _scope);
        _code = new(reader, _scope, _types, options.NestingMax);
    }

    /// <summary>The module's bytes; meaningless when there are problems.</summary>
    internal byte[]? Module()
    {
        string? name = null;
        bool isWrapped = _reader.TryOpen("module");
        int begin = _reader.Current.Start;
        if (isWrapped)
        {
            name = _reader.TryId();
            if (_reader.IsKeyword("binary") || _reader.IsKeyword("quote")) return Guard(Literal);
        }

        Collect(isWrapped, begin);
        foreach (Field field in _fields)
            if (field.Kind is FieldKind.Type) Read(field);
        foreach (Field field in _fields)
            if (field.Kind is not FieldKind.Type && !_reader.IsFull) Read(field);
        return _sections.Module(_scope, name, _options.WriteNames);
    }

    private T? Guard<T>(Func<T> part)
    {
        try
        {
            return part();
        }
        catch (WatSyntaxException problem)
        {
            _reader.Problem(problem.At, problem.Message);
            return default;
        }
    }

    /// <summary><c>(module binary "…")</c> or <c>(module quote "…")</c>, as test scripts have them.</summary>
    private byte[]? Literal()
    {
        int at = _reader.Current.Start;
        bool isBinary = _reader.TryKeyword("binary");
        if (!isBinary) _reader.Take();
        var content = new ByteWriter();
        _reader.Strings(content);
        _reader.Close();
        if (!_reader.Is(WatTokenKind.End)) throw _reader.Unexpected("end of text");
        if (isBinary) return content.Written.ToArray();
        if (_isQuoted) throw new WatSyntaxException(at, "a quoted module within a quoted module");
        string text;
        try
        {
            text = ByteWriter.Utf8.GetString(content.Written);
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new WatSyntaxException(at, "malformed UTF-8 encoding");
        }

        var problems = new WatProblems(text, _options.ProblemsMax);
        byte[]? module = new WatModuleParser(new WatReader(text, problems), _options, isQuoted: true).Module();
        if (problems.Any) throw new WatSyntaxException(at, "in the quoted text, " + problems.Located()[0]);
        return module;
    }

    private void Collect(bool isWrapped, int begin)
    {
        bool sawDefinition = false;
        while (!_reader.IsFull)
        {
            switch (_reader.Current.Kind)
            {
                case WatTokenKind.Open:
                    Guard(() => Declare(ref sawDefinition));
                    break;
                case WatTokenKind.Close when isWrapped:
                    _reader.Take();
                    if (!_reader.Is(WatTokenKind.End)) _reader.Problem(_reader.Current.Start, "text behind the end of the module");
                    return;
                case WatTokenKind.End:
                    if (isWrapped) _reader.Problem(begin, "the module is not closed");
                    return;
                default:
                    _reader.Problem(_reader.Current.Start, $"unexpected token {_reader.Describe(_reader.Current)}: a field expected");
                    while (_reader.Current.Kind is not (WatTokenKind.Open or WatTokenKind.End) && !(isWrapped && _reader.Is(WatTokenKind.Close)))
                        _reader.Take();
                    break;
            }
        }
    }

    /// <summary>Gives a field its place, looking only at what that needs, and goes behind it.</summary>
    private bool Declare(ref bool sawDefinition)
    {
        int open = _reader.Take().Start;
        WatToken word = _reader.Current;
        FieldKind kind = _reader.Is(WatTokenKind.Keyword) ? KindOf(_reader.Text) : FieldKind.None;
        if (kind == FieldKind.None) _reader.Problem(word.Start, $"unexpected token {_reader.Describe(word)}: a field expected");
        else _reader.Take();
        int start = _reader.Current.Start;
        int idAt = start;
        string? id = _reader.TryId();
        bool isImport = kind == FieldKind.Import;
        FieldKind defined = kind;
        bool hasSegment = false;
        for (int depth = 1; depth > 0;)
        {
            WatToken token = _reader.Take();
            if (token.Kind == WatTokenKind.End)
            {
                _reader.Problem(open, "the parenthesis is not closed");
                break;
            }

            if (token.Kind == WatTokenKind.Close) depth--;
            if (token.Kind != WatTokenKind.Open) continue;
            if (++depth > _options.NestingMax) throw TooDeep(token.Start, depth);
            if (depth != 2 || !_reader.Is(WatTokenKind.Keyword)) continue;
            if (kind == FieldKind.Import)
            {
                defined = KindOf(_reader.Text);
                idAt = _reader.Next.Start;
                if (_reader.Next.Kind == WatTokenKind.Id) id = _reader.IdOf(_reader.Next);
            }

            isImport |= _reader.IsKeyword("import");
            hasSegment |= _reader.IsKeyword("data") || _reader.IsKeyword("elem");
        }

        if (kind == FieldKind.None) return false;
        if (SpaceOf(defined) is { } space)
        {
            int index = space.Add(_reader, id, idAt);
            if (hasSegment && kind is FieldKind.Table) _scope.Elements.Add(_reader, null, start);
            if (hasSegment && kind is FieldKind.Memory) _scope.Data.Add(_reader, null, start);
            if (defined is not (FieldKind.Type or FieldKind.Elem or FieldKind.Data))
            {
                if (isImport && sawDefinition) _reader.Problem(open, "an import after a definition");
                sawDefinition |= !isImport;
            }

            _fields.Add(new(kind, start, (uint)index));
        }
        else
        {
            _fields.Add(new(kind, start, 0));
        }

        return true;
    }

    /// <summary>Nesting without end is most of what a hostile text can do; what follows it is not looked at.</summary>
    private WatSyntaxException TooDeep(int at, int depth)
    {
        while (!_reader.Is(WatTokenKind.End)) _reader.Take();
        return new(at, $"nested {depth} deep, more than the limit of {_options.NestingMax}");
    }

    private void Read(Field field)
    {
        _reader.MoveTo(field.Start);
        try
        {
            if (field.Kind is not FieldKind.Import && SpaceOf(field.Kind) is not null) _reader.TryId();
            switch (field.Kind)
            {
                case FieldKind.Type: Type(); break;
                case FieldKind.Import: Import(); break;
                case FieldKind.Func: Function(field.Index); break;
                case FieldKind.Table: Table(field.Index); break;
                case FieldKind.Memory: Memory(field.Index); break;
                case FieldKind.Global: Global(field.Index); break;
                case FieldKind.Tag: Tag(field.Index); break;
                case FieldKind.Export: Export(); break;
                case FieldKind.Start: Start(); break;
                case FieldKind.Elem: Element(); break;
                default: Data(); break;
            }

            _reader.Close();
        }
        catch (WatSyntaxException problem)
        {
            _reader.Problem(problem.At, problem.Message);
            if (field.Kind is FieldKind.Type) _scope.Define(WatTypes.Empty);
        }
    }

    private WatSpace? SpaceOf(FieldKind kind) => kind switch
    {
        FieldKind.Type => _scope.TypeNames,
        FieldKind.Func => _scope.Functions,
        FieldKind.Table => _scope.Tables,
        FieldKind.Memory => _scope.Memories,
        FieldKind.Global => _scope.Globals,
        FieldKind.Tag => _scope.Tags,
        FieldKind.Elem => _scope.Elements,
        FieldKind.Data => _scope.Data,
        _ => null,
    };

    private static FieldKind KindOf(ReadOnlySpan<char> word) => word switch
    {
        "type" => FieldKind.Type,
        "import" => FieldKind.Import,
        "func" => FieldKind.Func,
        "table" => FieldKind.Table,
        "memory" => FieldKind.Memory,
        "global" => FieldKind.Global,
        "tag" => FieldKind.Tag,
        "export" => FieldKind.Export,
        "start" => FieldKind.Start,
        "elem" => FieldKind.Elem,
        "data" => FieldKind.Data,
        _ => FieldKind.None,
    };

    private enum FieldKind : byte { None, Type, Import, Func, Table, Memory, Global, Tag, Export, Start, Elem, Data }

    /// <summary>A field: what it is, where it goes on behind its keyword, and its index in its space.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Field(FieldKind Kind, int Start, uint Index);
}
