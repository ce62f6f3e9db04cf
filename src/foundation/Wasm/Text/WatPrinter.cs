using System.Globalization;

namespace Sirsi.Wasm.Text;

/// <summary>
/// The disassembler: writes a module in the text format, one instruction a line in flat form, indented by blocks. Things are named as the name
/// section has them, else by exports and imports, else by number. <see cref="WatParser"/> makes an equivalent module of what it writes; custom
/// sections other than names are left out. Thread-safe, as modules are.
/// </summary>
public static class WatPrinter
{
    /// <summary>The module as text.</summary>
    /// <exception cref="WasmException">The text would be longer than 256 Mi characters.</exception>
    public static string Print(WasmModule module)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Print(module, text, 256L << 20);
        return text.ToString();
    }

    /// <summary>Writes the module as it goes along; the text is never held as a whole. Lines end with <c>\n</c>.</summary>
    /// <param name="module">The module.</param>
    /// <param name="output">Where to; it is neither flushed nor closed.</param>
    /// <param name="charactersMax">
    /// The most characters written, since a small module can declare very much. At least 0; default 4,294,967,296.
    /// </param>
    /// <exception cref="WasmException">The text is longer than <paramref name="charactersMax"/>; what fits has been written.</exception>
    public static void Print(WasmModule module, TextWriter output, long charactersMax = 1L << 32)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(charactersMax);
        using var bounded = new WatOutput(output, charactersMax);
        new WatModulePrinter(module, bounded).Print();
    }
}
