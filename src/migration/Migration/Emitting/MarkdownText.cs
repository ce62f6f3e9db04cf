using System.Text;

namespace Sirsi.Migration.Emitting;

/// <summary>Text of others inside Markdown.</summary>
internal static class MarkdownText
{
    /// <summary>The text on one line, shown as it is: characters that mean something in Markdown or HTML are escaped.</summary>
    public static string Cell(string text)
    {
        var cell = new StringBuilder(text.Length + 8);
        foreach (Rune rune in text.EnumerateRunes())
            switch (rune.Value)
            {
                case '&': cell.Append("&amp;"); break;
                case '<': cell.Append("&lt;"); break;
                case '>': cell.Append("&gt;"); break;
                case '|' or '\\' or '`' or '*' or '[' or ']' or '~' or '#':
                    cell.Append('\\').Append(rune);
                    break;
                // Inside a word an underscore means nothing.
                case '_' when cell.Length == 0 || !char.IsLetterOrDigit(cell[^1]):
                    cell.Append("\\_");
                    break;
                default:
                    if (Rune.IsControl(rune)) cell.Append(' ');
                    else cell.Append(rune);
                    break;
            }

        return cell.ToString().Trim();
    }
}
