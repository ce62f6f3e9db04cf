using System.Text;

namespace Sirsi.Wasm.Text;

/// <summary>The token in hand and the one behind it, and the small things every part of the grammar is made of.</summary>
internal sealed class WatReader
{
    private readonly string _text;
    private readonly WatProblems _problems;
    private readonly ByteWriter _scratch = new();
    private WatLexer _lexer;

    internal WatReader(string text, WatProblems problems)
    {
        _text = text;
        _problems = problems;
        _lexer = new(text);
        MoveTo(0);
    }

    internal WatToken Current { get; private set; }

    internal WatToken Next { get; private set; }

    internal ReadOnlySpan<char> Text => Span(Current);

    internal bool IsFull => _problems.IsFull;

    internal ReadOnlySpan<char> Span(WatToken token) => _text.AsSpan(token.Start, token.End - token.Start);

    internal void MoveTo(int position)
    {
        _lexer.MoveTo(position);
        Current = _lexer.Next();
        Next = _lexer.Next();
    }

    internal WatToken Take()
    {
        WatToken taken = Current;
        Current = Next;
        Next = _lexer.Next();
        return taken;
    }

    /// <summary>Notes a problem that does not hinder reading on.</summary>
    internal void Problem(int at, string message) => _problems.Add(at, message);

    /// <summary>A problem that ends the field.</summary>
    internal WatSyntaxException Unexpected(string wanted) => new(Current.Start, $"unexpected token {Describe(Current)}: {wanted} expected");

    internal bool IsOpen(ReadOnlySpan<char> keyword) =>
        Current.Kind == WatTokenKind.Open && Next.Kind == WatTokenKind.Keyword && Span(Next).SequenceEqual(keyword);

    /// <summary>Takes an opening parenthesis and a keyword if they are next.</summary>
    internal bool TryOpen(ReadOnlySpan<char> keyword)
    {
        if (!IsOpen(keyword)) return false;
        Take();
        Take();
        return true;
    }

    internal bool IsKeyword(ReadOnlySpan<char> keyword) => Current.Kind == WatTokenKind.Keyword && Text.SequenceEqual(keyword);

    internal bool TryKeyword(ReadOnlySpan<char> keyword)
    {
        if (!IsKeyword(keyword)) return false;
        Take();
        return true;
    }

    /// <summary>Whether an identifier or a number is next.</summary>
    internal bool IsIndex => Current.Kind is WatTokenKind.Id or WatTokenKind.Number;

    internal bool Is(WatTokenKind kind) => Current.Kind == kind;

    internal void Open(ReadOnlySpan<char> keyword)
    {
        if (!TryOpen(keyword)) throw Unexpected($"({keyword}");
    }

    internal void Close()
    {
        if (!Is(WatTokenKind.Close)) throw Unexpected(")");
        Take();
    }

    /// <summary>An identifier if one is next, without its dollar sign.</summary>
    internal string? TryId() => Is(WatTokenKind.Id) ? IdOf(Take()) : null;

    internal string IdOf(WatToken token)
    {
        ReadOnlySpan<char> id = Span(token)[1..];
        if (id[0] != '"') return id.ToString();
        return Utf8(token.Start, id);
    }

    /// <summary>A string that must be UTF-8.</summary>
    internal string Name()
    {
        if (!Is(WatTokenKind.String)) throw Unexpected("a string");
        WatToken token = Take();
        return Utf8(token.Start, Span(token));
    }

    /// <summary>Strings, as many as there are, one after the other.</summary>
    internal void Strings(ByteWriter into)
    {
        while (Is(WatTokenKind.String))
        {
            if (WatString.Decode(Text, into) is { } problem) Problem(Current.Start, problem);
            Take();
        }
    }

    /// <summary>An unsigned number below 2^32.</summary>
    internal uint U32(string what)
    {
        WatToken token = Current;
        ulong value = U64(what);
        if (value > uint.MaxValue) Problem(token.Start, $"constant out of range: {what}");
        return (uint)value;
    }

    /// <summary>An unsigned number below 2^64.</summary>
    internal ulong U64(string what)
    {
        if (!Is(WatTokenKind.Number)) throw Unexpected(what);
        WatToken token = Take();
        if (!WatNumber.TryMagnitude(Span(token), out ulong value)) Problem(token.Start, $"constant out of range or malformed: {what}");
        return value;
    }

    /// <summary>What stands in the text, for messages: short, and without control characters.</summary>
    internal string Describe(WatToken token)
    {
        if (token.Kind == WatTokenKind.End) return "end of text";
        ReadOnlySpan<char> text = Span(token);
        if (token.Kind == WatTokenKind.Invalid && text.StartsWith("(;")) return "(; (the comment is not closed)";
        if (token.Kind == WatTokenKind.Invalid && text.StartsWith("(@")) return "(@ (the annotation is not closed)";
        const int Most = 40;
        string shown = string.Concat(text[..Math.Min(text.Length, Most)].ToString().Select(static one => char.IsControl(one) ? '\ufffd' : one));
        if (text.Length > Most) shown += "…";
        return token.Kind == WatTokenKind.Invalid && text.Contains('"')
            ? $"{shown} (a string that is not closed, or no space before or behind it)"
            : shown;
    }

    private string Utf8(int at, ReadOnlySpan<char> literal)
    {
        _scratch.Clear();
        if (WatString.Decode(literal, _scratch) is { } problem) Problem(at, problem);
        try
        {
            return ByteWriter.Utf8.GetString(_scratch.Written);
        }
        catch (DecoderFallbackException)
        {
            Problem(at, "malformed UTF-8 encoding");
            return "";
        }
    }
}
