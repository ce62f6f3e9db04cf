using System.Buffers;

namespace Sirsi.Core.Secrets;

/// <summary>The value that belongs to a name in running text, in any of the usual notations.</summary>
/// <param name="Exists">Whether a value follows the name.</param>
/// <param name="Value">The value without its quotes.</param>
/// <param name="End">Where to go on: after the value and its closing quote.</param>
/// <param name="IsHeader">Whether it is written as an HTTP header: a colon, no quotes.</param>
internal readonly record struct SecretPair(bool Exists, Range Value, int End, bool IsHeader)
{
    private const string EscapedQuote = "u0022";
    private const int EscapesMax = 16;

    private static readonly SearchValues<char> JsonEnd = SearchValues.Create(" \t\r\n\",}]");
    private static readonly SearchValues<char> HeaderEnd = SearchValues.Create("\r\n\"");
    private static readonly SearchValues<char> QueryEnd = SearchValues.Create(" \t\r\n\"&#");
    private static readonly SearchValues<char> ConnectionStringEnd = SearchValues.Create(";\r\n\"");
    private static readonly SearchValues<char> TightEnd = SearchValues.Create("; \t\r\n\"");
    private static readonly SearchValues<char> SpacedEnd = SearchValues.Create(" \t\r\n\"");

    /// <summary>How a value without quotes is written, which tells where it ends.</summary>
    private enum Notation
    {
        Spaced,
        Tight,
        Json,
        Header,
        Query,
        ConnectionString,
    }

    /// <summary>Whether a value may follow the name: a look at the next character or two that spares judging most words.</summary>
    public static bool MayFollow(ReadOnlySpan<char> text, int start, int end)
    {
        char next = At(text, end);
        if (next == ':') return !IsPathColon(start > 0 ? text[start - 1] : ' ', At(text, end + 1));
        if (next is '=' or '"' or '\'' or '`' or '\\' or '>') return true;
        if (next is not (' ' or '\t')) return false;
        bool isOption = start > 1 && text[start - 1] == '-' && text[start - 2] == '-';
        return isOption || At(text, SkipBlanks(text, end, lines: false)) is ':' or '=';
    }

    /// <summary>
    /// Reads what follows the name at <paramref name="start"/>..<paramref name="end"/>; a header's value is the rest of its line. With
    /// <paramref name="scalarOnly"/> lists, objects and blocks are left aside unread.
    /// </summary>
    public static SecretPair Read(ReadOnlySpan<char> text, int start, int end, bool isHeader = false, bool scalarOnly = false)
    {
        char before = start > 0 ? text[start - 1] : ' ';
        int at = end;
        if (before == '<' && At(text, at) == '>') return Element(text, at + 1, "<");
        if (text[..start].EndsWith("u003c", StringComparison.OrdinalIgnoreCase) && SkipEscaped(text, ref at, "u003e"))
            return Element(text, at, "\\");
        bool isOption = before == '-' && start > 1 && text[start - 2] == '-';
        if (isOption && At(text, at) == ' ' && At(text, at + 1) != '-') return ReadValue(text, at + 1, Notation.Spaced);

        bool quoted = SkipQuote(text, ref at);
        if (quoted && At(text, at) == ']') at++;
        int gap = at;
        at = SkipBlanks(text, at, lines: quoted);
        bool spaced = at > gap;
        char separator = At(text, at);
        if (separator is not (':' or '=')) return default;
        at++;
        if (At(text, at) is '>' or '=' && separator != At(text, at)) at++;
        else if (At(text, at) == separator) return default;
        char after = At(text, at);
        if (separator == ':' && !quoted && IsPathColon(before, after)) return default;
        spaced |= char.IsWhiteSpace(after);
        Notation notation = quoted ? Notation.Json
            : isHeader && separator == ':' ? Notation.Header
            : before is '?' or '&' ? Notation.Query
            : before == ';' ? Notation.ConnectionString
            : spaced ? Notation.Spaced : Notation.Tight;
        at = SkipBlanks(text, at, lines: quoted);
        return scalarOnly && At(text, at) is '{' or '[' or '<' or '|' or '>' ? default : ReadValue(text, at, notation);
    }

    /// <summary>arn:aws:secretsmanager:…:secret:name, urn:…, https://…: a colon within a path is no assignment.</summary>
    private static bool IsPathColon(char before, char after) => !char.IsWhiteSpace(after) && (before is ':' or '/' || after == '/');

    /// <summary>Reads <c>-> value</c> or <c>=> value</c>.</summary>
    public static SecretPair ReadChanged(ReadOnlySpan<char> text, int at)
    {
        at = SkipBlanks(text, at, lines: false);
        bool arrow = At(text, at) is '-' or '=' && At(text, at + 1) == '>';
        return arrow ? ReadValue(text, SkipBlanks(text, at + 2, lines: false), Notation.Spaced) : default;
    }

    /// <summary>Whether a value under a secret name is one, and not a literal, a reference or masked already.</summary>
    public static bool IsWorthMasking(ReadOnlySpan<char> value) =>
        value is not ("true" or "false" or "null" or "True" or "False" or "None" or SecretDetector.Replacement)
        && !SecretShapes.IsReference(value);

    /// <summary>Whether a value under a doubtful name is a key, or a header line with credentials in it.</summary>
    public bool IsKeyOrHeader(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> value = text[Value];
        if (IsHeader && value is not SecretDetector.Replacement && value.ContainsAny(" =;")) return true;
        return SecretShapes.IsOpaque(value);
    }

    /// <summary>Whether the rest of the line after this name and a colon is all credentials.</summary>
    public static bool IsCredentialHeader(ReadOnlySpan<char> name) =>
        name.Equals("authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("cookie", StringComparison.OrdinalIgnoreCase)
        || name.Equals("proxy-authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("set-cookie", StringComparison.OrdinalIgnoreCase);

    private static SecretPair ReadValue(ReadOnlySpan<char> text, int at, Notation notation)
    {
        int start = at;
        if (SkipQuote(text, ref at))
        {
            int close = ClosingQuote(text, start, at, out int afterClose);
            return Found(at, close, afterClose);
        }
        char first = At(text, at);
        if (first is '{' or '[') return Found(at, Bracketed(text, at));
        if (first == '<' && At(text, at + 1) == '<') return Found(at, text.Length);
        if (first is '|' or '>' && Block(text, at) is > 0 and int block) return Found(at, block);

        ReadOnlySpan<char> rest = text[at..];
        int end = rest.IndexOfAny(notation switch
        {
            Notation.Json => JsonEnd,
            Notation.Header => HeaderEnd,
            Notation.Query => QueryEnd,
            Notation.ConnectionString => ConnectionStringEnd,
            Notation.Tight => TightEnd,
            _ => SpacedEnd,
        });
        return Found(at, end < 0 ? text.Length : at + end, isHeader: notation is Notation.Header);
    }

    private static bool SkipEscaped(ReadOnlySpan<char> text, ref int at, string code)
    {
        int after = at;
        while (At(text, after) == '\\' && after - at < EscapesMax) after++;
        if (after == at || !text[after..].StartsWith(code, StringComparison.OrdinalIgnoreCase)) return false;
        at = after + code.Length;
        return true;
    }

    private static SecretPair Element(ReadOnlySpan<char> text, int at, string closing)
    {
        int end = text[at..].IndexOf(closing);
        return Found(at, end < 0 ? text.Length : at + end);
    }

    private static SecretPair Found(int start, int end, int after = -1, bool isHeader = false) =>
        end > start ? new SecretPair(true, start..end, after < 0 ? end : after, isHeader) : default;

    /// <summary>Skips a quote with the backslashes that escape it, as in JSON inside a JSON string; also one written as \u0022.</summary>
    private static bool SkipQuote(ReadOnlySpan<char> text, ref int at)
    {
        if (SkipEscaped(text, ref at, EscapedQuote)) return true;
        int quote = at;
        while (At(text, quote) == '\\' && quote - at < EscapesMax) quote++;
        if (At(text, quote) is not ('"' or '\'' or '`')) return false;
        at = quote + 1;
        return true;
    }

    /// <summary>Where the quote that was opened at <paramref name="open"/>..<paramref name="at"/> closes.</summary>
    private static int ClosingQuote(ReadOnlySpan<char> text, int open, int at, out int after)
    {
        bool written = text[at - 1] == '2';
        int escapes = at - open - (written ? EscapedQuote.Length : 1);
        int backslashes = 0;
        for (int i = at; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                backslashes++;
                continue;
            }
            // With n backslashes before the opening quote, n close it too; 2n+1 (2n before u0022) are an escaped quote inside.
            bool isQuote = written ? text[i] == 'u' && text[i..].StartsWith(EscapedQuote, StringComparison.Ordinal) : text[i] == text[at - 1];
            bool isOpen = written ? backslashes / escapes % 2 == 0 : backslashes / (escapes + 1) % 2 != 0;
            if (isQuote && !isOpen)
            {
                after = i + (written ? EscapedQuote.Length : 1);
                return i - Math.Min(backslashes, escapes);
            }
            backslashes = 0;
        }
        after = text.Length;
        return text.Length;
    }

    /// <summary>The end of a list or object, brackets in strings left aside; the end of the text when it does not close.</summary>
    private static int Bracketed(ReadOnlySpan<char> text, int at)
    {
        int depth = 0;
        for (int i = at; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '{' or '[') depth++;
            else if (c is '}' or ']' && --depth == 0) return i + 1;
            else if (c == '"')
            {
                ClosingQuote(text, i, i + 1, out int after);
                i = after - 1;
            }
        }
        return text.Length;
    }

    /// <summary>The end of a YAML block scalar: the lines after <c>|</c> that are blank or deeper than the line of its name.</summary>
    private static int Block(ReadOnlySpan<char> text, int at)
    {
        int line = at + 1;
        while (line - at < 8 && At(text, line) is '+' or '-' or ' ' or '\r' or (>= '0' and <= '9')) line++;
        if (At(text, line) != '\n') return 0;
        int lineStart = text[..at].LastIndexOf('\n') + 1;
        int indent = Indent(text[lineStart..at]);
        int end = line;
        while (end < text.Length)
        {
            ReadOnlySpan<char> rest = text[(end + 1)..];
            int length = rest.IndexOf('\n');
            ReadOnlySpan<char> next = length < 0 ? rest : rest[..length];
            if (!next.IsWhiteSpace() && Indent(next) <= indent) break;
            end += next.Length + 1;
        }
        return Math.Min(end, text.Length);
    }

    private static int Indent(ReadOnlySpan<char> line) => line.Length - line.TrimStart(" -").Length;

    private static int SkipBlanks(ReadOnlySpan<char> text, int at, bool lines)
    {
        while (At(text, at) is ' ' or '\t' || (lines && At(text, at) is '\r' or '\n')) at++;
        return at;
    }

    private static char At(ReadOnlySpan<char> text, int at) => at < text.Length ? text[at] : '\0';
}
