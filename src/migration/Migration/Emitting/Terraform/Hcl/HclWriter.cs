using System.Globalization;
using System.Text;

namespace Sirsi.Migration.Emitting.Terraform.Hcl;

/// <summary>
/// Writes bodies in the canonical layout of <c>terraform fmt</c>: two spaces a level, <c>=</c> aligned over runs of attributes that fit on
/// one line, a blank line round blocks. Deterministic; time and memory are linear in the output.
/// </summary>
internal sealed class HclWriter
{
    private const int ListWidthMax = 100;

    private readonly StringBuilder _text;

    private HclWriter(StringBuilder text) => _text = text;

    /// <summary>Appends a body at the outermost level to <paramref name="text"/>.</summary>
    public static void Write(HclBody body, StringBuilder text) => new HclWriter(text).Body(body, 0);

    /// <summary>The text of a body at the outermost level.</summary>
    public static string Write(HclBody body)
    {
        var text = new StringBuilder();
        Write(body, text);
        return text.ToString();
    }

    private void Body(HclBody body, int level)
    {
        IReadOnlyList<HclItem> items = body.Items;
        for (int index = 0; index < items.Count; index++)
        {
            if (index > 0 && NeedsBlank(items[index - 1], items[index])) _text.Append('\n');
            switch (items[index])
            {
                case HclComment comment:
                    Comment(comment.Text, level);
                    break;
                case HclBlock block:
                    Block(block, level);
                    break;
                case HclAttribute:
                    int end = index;
                    while (end < items.Count && items[end] is HclAttribute) end++;
                    Attributes(items, index, end, level);
                    index = end - 1;
                    break;
            }
        }
    }

    // A comment stays with what follows it.
    private static bool NeedsBlank(HclItem before, HclItem item) => before switch
    {
        HclComment => false,
        HclBlock => true,
        _ => item is not HclAttribute,
    };

    private void Comment(string text, int level)
    {
        foreach (Range range in text.AsSpan().SplitAny('\r', '\n'))
        {
            ReadOnlySpan<char> line = text.AsSpan(range).TrimEnd();
            Indent(level).Append('#');
            if (line.Length > 0) _text.Append(' ');
            foreach (Rune rune in line.EnumerateRunes()) _text.Append(Rune.IsControl(rune) ? " " : rune.ToString());
            while (_text[^1] == ' ') _text.Length--;
            _text.Append('\n');
        }
    }

    private void Block(HclBlock block, int level)
    {
        Indent(level).Append(block.Type);
        foreach (string label in block.Labels) Quoted(_text.Append(' '), label);
        if (block.Body.Items.Count == 0)
        {
            _text.Append(" {}\n");
            return;
        }

        _text.Append(" {\n");
        Body(block.Body, level + 1);
        Indent(level).Append("}\n");
    }

    private void Attributes(IReadOnlyList<HclItem> items, int start, int end, int level)
    {
        var entries = new (string Key, HclValue Value)[end - start];
        for (int index = start; index < end; index++)
        {
            var attribute = (HclAttribute)items[index];
            entries[index - start] = (attribute.Name, attribute.Value);
        }

        Entries(entries, level);
    }

    private void Entries((string Key, HclValue Value)[] entries, int level)
    {
        var singles = new string?[entries.Length];
        for (int index = 0; index < entries.Length; index++) singles[index] = SingleLine(entries[index].Value);
        for (int index = 0; index < entries.Length; index++)
        {
            if (singles[index] is null)
            {
                Indent(level).Append(entries[index].Key).Append(" = ");
                Value(entries[index].Value, level);
                _text.Append('\n');
                continue;
            }

            int end = index;
            int width = 0;
            for (; end < entries.Length && singles[end] is not null; end++) width = Math.Max(width, Columns(entries[end].Key));
            for (; index < end; index++)
            {
                Indent(level).Append(entries[index].Key).Append(' ', width - Columns(entries[index].Key)).Append(" = ");
                _text.Append(singles[index]).Append('\n');
            }

            index = end - 1;
        }
    }

    // Values that must break over lines give null; all others give their text.
    private static string? SingleLine(HclValue value) => value switch
    {
        HclMap { Entries.Count: > 0 } => null,
        HclList list when list.Items.Any(static item => SingleLine(item) is null) => null,
        HclList list => string.Join(", ", list.Items.Select(SingleLine)) is var inner && inner.Length <= ListWidthMax ? $"[{inner}]" : null,
        HclCall call when call.Arguments.Any(static argument => SingleLine(argument) is null) => null,
        HclCall call => $"{call.Function}({string.Join(", ", call.Arguments.Select(SingleLine))})",
        _ => Scalar(value),
    };

    private static string Scalar(HclValue value)
    {
        switch (value)
        {
            case HclExpression expression:
                return expression.Source;
            case HclMap:
                return "{}";
            // A template of one reference is that reference: terraform fmt would unwrap the quotes.
            case HclTemplate { Parts: [HclExpression sole] }:
                return sole.Source;
            case HclTemplate template:
                var text = new StringBuilder("\"");
                foreach (HclValue part in template.Parts)
                    if (part is HclText literal) Escape(text, literal.Text);
                    else text.Append("${").Append(SingleLine(part)).Append('}');
                return text.Append('"').ToString();
            default:
                throw new ArgumentException($"A {value.GetType().Name} has no place here.", nameof(value));
        }
    }

    private void Value(HclValue value, int level)
    {
        if (SingleLine(value) is { } single)
        {
            _text.Append(single);
            return;
        }

        switch (value)
        {
            case HclMap map:
                _text.Append("{\n");
                Entries([.. map.Entries.Select(static entry => (Key(entry.Key), entry.Value))], level + 1);
                Indent(level).Append('}');
                break;
            case HclList list:
                _text.Append("[\n");
                foreach (HclValue item in list.Items)
                {
                    Indent(level + 1);
                    Value(item, level + 1);
                    _text.Append(",\n");
                }

                Indent(level).Append(']');
                break;
            case HclCall call:
                _text.Append(call.Function).Append('(');
                for (int index = 0; index < call.Arguments.Count; index++)
                {
                    if (index > 0) _text.Append(", ");
                    Value(call.Arguments[index], level);
                }

                _text.Append(')');
                break;
        }
    }

    private static string Key(string key)
    {
        bool bare = key.Length > 0 && (char.IsAsciiLetter(key[0]) || key[0] == '_')
            && key.All(static character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
        if (bare) return key;
        var text = new StringBuilder();
        Quoted(text, key, isKey: true);
        return text.ToString();
    }

    private static void Quoted(StringBuilder text, string content, bool isKey = false)
    {
        text.Append('"');
        Escape(text, content, isKey);
        text.Append('"');
    }

    private static void Escape(StringBuilder text, string content, bool isKey = false)
    {
        for (int index = 0; index < content.Length; index++)
        {
            char character = content[index];
            bool opens = index + 1 < content.Length && content[index + 1] == '{';
            switch (character)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                case '$' when opens: text.Append("$$"); break;
                case '%' when opens: text.Append("%%"); break;
                case var odd when char.IsControl(odd) || IsInvisible(odd) || (isKey && IsMark(odd)):
                    text.Append("\\u").Append(((int)odd).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                case var high when char.IsHighSurrogate(high) && index + 1 < content.Length && char.IsLowSurrogate(content[index + 1]):
                    text.Append(high).Append(content[++index]);
                    break;
                case var lone when char.IsSurrogate(lone): text.Append('?'); break;
                default: text.Append(character); break;
            }
        }
    }

    private static bool IsInvisible(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    // Whether a mark takes a column of its own depends on the token before it; an escaped one always does.
    private static bool IsMark(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark;

    private static int Columns(string key) => Ascii.IsValid(key) ? key.Length : new StringInfo(key).LengthInTextElements;

    private StringBuilder Indent(int level) => _text.Append(' ', 2 * level);
}
