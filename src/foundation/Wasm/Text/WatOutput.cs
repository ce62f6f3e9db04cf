using System.Globalization;
using System.Text;

namespace Sirsi.Wasm.Text;

/// <summary>Passes text on and counts it, with what all printing needs: lines and their indentation.</summary>
internal sealed class WatOutput(TextWriter output, long most) : TextWriter(CultureInfo.InvariantCulture)
{
    /// <summary>Deeper lines are not indented further, so that nesting does not make text grow with its square.</summary>
    private const int IndentationMax = 60;

    private static readonly string Spaces = new(' ', IndentationMax);

    private long _left = most;

    public override Encoding Encoding => output.Encoding;

    /// <summary>How deep lines are indented.</summary>
    internal int Depth { get; set; }

    public override void Write(char value)
    {
        Count(1);
        output.Write(value);
    }

    public override void Write(string? value)
    {
        if (value is null) return;
        Count(value.Length);
        output.Write(value);
    }

    /// <summary>Begins a line.</summary>
    internal void Line()
    {
        Write('\n');
        int indentation = Math.Min(Depth * 2, IndentationMax);
        Count(indentation);
        output.Write(Spaces.AsSpan(0, indentation));
    }

    private void Count(int characters)
    {
        _left -= characters;
        if (_left < 0) throw new WasmException(WasmErrorKind.LimitExceeded, "the text of the module is longer than the limit");
    }
}
