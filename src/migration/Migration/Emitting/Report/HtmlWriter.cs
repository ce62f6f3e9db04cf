using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sirsi.Migration.Emitting.Report;

/// <summary>
/// Writes HTML where what stands in the code is markup and what is filled in is text: every hole of an interpolated string is escaped,
/// so no name of a resource can become markup or leave its attribute.
/// </summary>
internal sealed class HtmlWriter(TextWriter output)
{
    /// <summary>How many characters were written.</summary>
    public long Length { get; private set; }

    /// <summary>Writes markup with text in its holes.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static",
        Justification = "The parts go to this writer while the string is put together.")]
    public void Write([InterpolatedStringHandlerArgument("")] Markup markup) => _ = markup;

    /// <summary>Writes one of the program's own files as it is.</summary>
    public void Asset(string content)
    {
        output.Write(content);
        Length += content.Length;
    }

    private void Literal(string markup)
    {
        output.Write(markup);
        Length += markup.Length;
    }

    private void Text(string? text)
    {
        if (text is null) return;
        foreach (Rune rune in text.EnumerateRunes())
        {
            string? escaped = rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                '\t' or '\n' or '\r' => " ",
                _ when Rune.IsControl(rune) => "\uFFFD",
                _ => null,
            };
            if (escaped is not null) output.Write(escaped);
            else if (rune.IsBmp) output.Write((char)rune.Value);
            else output.Write(rune.ToString());
            Length += escaped?.Length ?? rune.Utf16SequenceLength;
        }
    }

    /// <summary>Receives the parts of an interpolated string in their order.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly HtmlWriter _writer;

        public Markup(int literalLength, int formattedCount, HtmlWriter writer)
        {
            _ = literalLength + formattedCount;
            _writer = writer;
        }

        public void AppendLiteral(string markup) => _writer.Literal(markup);

        public void AppendFormatted(string? text) => _writer.Text(text);

        public void AppendFormatted(long number) => _writer.Text(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

        public void AppendFormatted(double number) =>
            _writer.Text(number.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture));
    }
}
