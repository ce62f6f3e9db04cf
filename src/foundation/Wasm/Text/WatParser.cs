using System.Text;

namespace Sirsi.Wasm.Text;

/// <summary>
/// The assembler: turns a module in the text format into the binary format. Reads WebAssembly 2.0 and the later features of
/// <see cref="WasmFeatures"/>; numbers, strings, comments, abbreviations and folded instructions as section 6 of the specification has them,
/// and <c>(module binary …)</c> and <c>(module quote …)</c> of test scripts. Whether the module is valid is found when it is loaded.
/// Work and memory are proportional to the length of the text. Thread-safe.
/// </summary>
public static class WatParser
{
    /// <summary>Reads a module.</summary>
    /// <returns>The module, or every problem found: after one in a field, reading goes on with the next field.</returns>
    /// <exception cref="ArgumentException">The options break rules.</exception>
    public static WatResult Parse(string text, WatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new();
        string wrong = string.Join(' ', options.Problems());
        if (wrong.Length > 0) throw new ArgumentException(wrong, nameof(options));
        if (text.Length > options.CharactersMax)
            return new(null, [new(1, 1, $"the text has {text.Length} characters, more than the limit of {options.CharactersMax}")]);
        var problems = new WatProblems(text, options.ProblemsMax);
        byte[]? module = new WatModuleParser(new WatReader(text, problems), options).Module();
        return problems.Any || module is null ? new(null, problems.Located()) : new(module, []);
    }

    /// <summary>Reads a module from UTF-8, with or without a byte order mark.</summary>
    /// <returns>The module, or every problem found.</returns>
    /// <exception cref="ArgumentException">The options break rules.</exception>
    public static WatResult Parse(ReadOnlySpan<byte> utf8, WatOptions? options = null)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble)) utf8 = utf8[3..];
        if (utf8.Length / 4 > (options ?? new()).CharactersMax)
            return new(null, [new(1, 1, $"the text has {utf8.Length} bytes, more than the limit allows")]);
        try
        {
            return Parse(ByteWriter.Utf8.GetString(utf8), options);
        }
        catch (DecoderFallbackException)
        {
            return new(null, [Malformed(utf8)]);
        }
    }

    private static WatProblem Malformed(ReadOnlySpan<byte> utf8)
    {
        int line = 1, column = 1;
        while (Rune.DecodeFromUtf8(utf8, out Rune rune, out int length) == System.Buffers.OperationStatus.Done)
        {
            column = rune.Value == '\n' ? 1 : column + rune.Utf16SequenceLength;
            if (rune.Value == '\n') line++;
            utf8 = utf8[length..];
        }

        return new(line, column, "malformed UTF-8 encoding");
    }
}
