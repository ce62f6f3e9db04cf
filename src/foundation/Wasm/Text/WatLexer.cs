using System.Buffers;
using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Text;

/// <summary>The kinds of tokens.</summary>
internal enum WatTokenKind : byte
{
    /// <summary>The end of the text.</summary>
    End,
    Open,
    Close,

    /// <summary><c>$name</c> or <c>$"any name"</c>.</summary>
    Id,
    Keyword,

    /// <summary>Something that begins with a digit or a sign; whether it is a number is found where one is wanted.</summary>
    Number,
    String,

    /// <summary>Something that is no token.</summary>
    Invalid,
}

/// <summary>A token: its kind and where it lies in the text.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WatToken(WatTokenKind Kind, int Start, int End);

/// <summary>
/// Cuts a text into tokens (section 6.3 of the specification). Comments and annotations are white space. Looks at each character once.
/// </summary>
internal struct WatLexer(string text)
{
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-./:<=>?@\\^_`|~");

    private static readonly SearchValues<char> StringEnds = SearchValues.Create("\"\\\n\r");

    private readonly string _text = text;
    private int _position;

    /// <summary>Continues at a place where a token begins.</summary>
    internal void MoveTo(int position) => _position = position;

    internal WatToken Next()
    {
        while (true)
        {
            if (!TrySkipSpace(out WatToken unclosed)) return unclosed;
            if (_position >= _text.Length) return new(WatTokenKind.End, _text.Length, _text.Length);
            int start = _position;
            char first = _text[start];
            if (first == ')') return One(WatTokenKind.Close);
            if (first != '(') return Word();
            if (!IsAt(start + 1, '@')) return One(WatTokenKind.Open);
            if (!TrySkipAnnotation()) return new(WatTokenKind.Invalid, start, _text.Length);
        }
    }

    /// <summary>Whether a string of id characters makes an identifier that needs no quotes.</summary>
    internal static bool IsPlainId(ReadOnlySpan<char> name) => name.Length > 0 && name.IndexOfAnyExcept(IdCharacters) < 0;

    private readonly bool IsAt(int position, char wanted) => position < _text.Length && _text[position] == wanted;

    private WatToken One(WatTokenKind kind)
    {
        _position++;
        return new(kind, _position - 1, _position);
    }

    private bool TrySkipSpace(out WatToken unclosed)
    {
        unclosed = default;
        while (_position < _text.Length)
        {
            char next = _text[_position];
            if (next is ' ' or '\t' or '\n' or '\r')
            {
                _position++;
            }
            else if (next == ';' && IsAt(_position + 1, ';'))
            {
                int end = _text.AsSpan(_position).IndexOfAny('\n', '\r');
                _position = end < 0 ? _text.Length : _position + end;
            }
            else if (next == '(' && IsAt(_position + 1, ';'))
            {
                int start = _position;
                if (TrySkipComment()) continue;
                unclosed = new(WatTokenKind.Invalid, start, _text.Length);
                return false;
            }
            else
            {
                return true;
            }
        }

        return true;
    }

    /// <summary>Block comments nest; a counter is enough.</summary>
    private bool TrySkipComment()
    {
        int depth = 0;
        while (true)
        {
            int found = _text.AsSpan(_position).IndexOfAny('(', ';');
            if (found < 0) break;
            _position += found;
            bool opens = _text[_position] == '(' && IsAt(_position + 1, ';');
            bool closes = _text[_position] == ';' && IsAt(_position + 1, ')');
            _position += opens || closes ? 2 : 1;
            if (opens) depth++;
            if (closes && --depth == 0) return true;
        }

        _position = _text.Length;
        return false;
    }

    /// <summary>Skips <c>(@name …)</c>, whose content is any tokens with parentheses in pairs.</summary>
    private bool TrySkipAnnotation()
    {
        int depth = 0;
        while (true)
        {
            if (!TrySkipSpace(out _) || _position >= _text.Length) return false;
            char next = _text[_position];
            if (next is '(' or ')')
            {
                _position++;
                depth += next == '(' ? 1 : -1;
                if (depth == 0) return true;
            }
            else
            {
                Word();
            }
        }
    }

    /// <summary>A run of id characters and strings: a token only when it is a single one, since tokens need space between them.</summary>
    private WatToken Word()
    {
        int start = _position;
        char first = _text[start];
        int strings = 0;
        while (_position < _text.Length)
        {
            if (_text[_position] == '"')
            {
                if (!TrySkipString()) return new(WatTokenKind.Invalid, start, _position);
                strings++;
                continue;
            }

            int run = _text.AsSpan(_position).IndexOfAnyExcept(IdCharacters);
            if (run < 0) run = _text.Length - _position;
            if (run == 0) break;
            _position += run;
        }

        if (_position == start) return One(WatTokenKind.Invalid);
        return new(Kind(first, start, strings), start, _position);
    }

    private readonly WatTokenKind Kind(char first, int start, int strings)
    {
        int length = _position - start;
        if (strings == 0)
        {
            if (first == '$') return length > 1 ? WatTokenKind.Id : WatTokenKind.Invalid;
            if (char.IsAsciiDigit(first) || first is '+' or '-') return WatTokenKind.Number;
            return char.IsAsciiLetterLower(first) ? WatTokenKind.Keyword : WatTokenKind.Invalid;
        }

        if (strings > 1 || _text[_position - 1] != '"') return WatTokenKind.Invalid;
        if (first == '"') return WatTokenKind.String;
        return first == '$' && _text[start + 1] == '"' && length > 3 ? WatTokenKind.Id : WatTokenKind.Invalid;
    }

    private bool TrySkipString()
    {
        _position++;
        while (true)
        {
            int found = _text.AsSpan(_position).IndexOfAny(StringEnds);
            if (found < 0)
            {
                _position = _text.Length;
                return false;
            }

            _position += found;
            char at = _text[_position];
            if (at is '\n' or '\r') return false;
            _position++;
            if (at == '"') return true;
            if (_position < _text.Length) _position++;
        }
    }
}
