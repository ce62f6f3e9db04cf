using System.Globalization;
using System.Text;

namespace Sirsi.Clouds.Expressions;

internal enum TokenType
{
    End,
    Name,
    Number,
    Text,
    Sign,
}

/// <summary>One word of an expression. <paramref name="Text"/> is the name, the sign or the text's content.</summary>
internal readonly record struct Token(TokenType Type, int Offset, string Text, double Number = 0);

/// <summary>Cuts a text into tokens in one pass; what is no token is reported and left out.</summary>
internal sealed class Lexer(string text, ExpressionProblems problems)
{
    private static readonly string[] Signs =
        ["==", "!=", "<=", ">=", "??", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", ":"];

    private int _at;

    public List<Token> ReadAll()
    {
        var tokens = new List<Token>();
        while (SkipSpace())
            if (ReadOne() is { } token)
                tokens.Add(token);
        tokens.Add(new Token(TokenType.End, text.Length, ""));
        return tokens;
    }

    private bool SkipSpace()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\n' or '\r') _at++;
        return _at < text.Length;
    }

    private Token? ReadOne()
    {
        char first = text[_at];
        if (IsNameStart(first)) return ReadName();
        if (char.IsAsciiDigit(first)) return ReadNumber();
        if (first == '\'') return ReadText();
        foreach (string sign in Signs)
        {
            if (string.CompareOrdinal(text, _at, sign, 0, sign.Length) != 0) continue;
            _at += sign.Length;
            return new Token(TokenType.Sign, _at - sign.Length, sign);
        }

        problems.Add(CloudsErrors.ExpressionSyntax, _at, $"'{Shown(first)}' has no meaning here");
        _at++;
        return null;
    }

    private Token ReadName()
    {
        int start = _at;
        while (_at < text.Length && (IsNameStart(text[_at]) || char.IsAsciiDigit(text[_at]))) _at++;
        return new Token(TokenType.Name, start, text[start.._at]);
    }

    private Token ReadNumber()
    {
        int start = _at;
        SkipDigits();
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            _at++;
            SkipDigits();
        }

        if (double.TryParse(text.AsSpan(start, _at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number))
            return new Token(TokenType.Number, start, text[start.._at], number);
        problems.Add(CloudsErrors.ExpressionSyntax, start, "the number is too large");
        return new Token(TokenType.Number, start, "0");
    }

    private void SkipDigits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
    }

    /// <summary>A text in single quotes; a quote inside is written twice.</summary>
    private Token ReadText()
    {
        int start = _at++;
        var content = new StringBuilder();
        while (_at < text.Length)
        {
            char next = text[_at++];
            if (next != '\'')
            {
                content.Append(next);
            }
            else if (_at < text.Length && text[_at] == '\'')
            {
                content.Append(next);
                _at++;
            }
            else
            {
                return new Token(TokenType.Text, start, content.ToString());
            }
        }

        problems.Add(CloudsErrors.ExpressionSyntax, start, "the text that starts here has no closing quote");
        return new Token(TokenType.Text, start, content.ToString());
    }

    private static bool IsNameStart(char letter) => char.IsAsciiLetter(letter) || letter == '_';

    private static string Shown(char letter) =>
        char.IsControl(letter) || char.IsSurrogate(letter) ? $"U+{(int)letter:X4}" : letter.ToString();
}
