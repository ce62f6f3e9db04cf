using System.CommandLine;
using Sirsi.Core.Errors;
using Sirsi.Wasm;
using Sirsi.Wasm.Text;

namespace Sirsi.Cli.Commands.Wasm;

/// <summary>A file that holds a module, in the binary or the text format.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Content">What is in it.</param>
internal sealed record ModuleFile(string Path, byte[] Content)
{
    /// <summary>Whether it is in the text format: it has not the header of a binary module, and is not called one.</summary>
    public bool IsText => !Content.AsSpan().StartsWith("\0asm"u8) && !Path.EndsWith(".wasm", StringComparison.OrdinalIgnoreCase);

    /// <summary>The argument that names it.</summary>
    public static Argument<string> Argument() => new("FILE") { Description = "A module: binary (.wasm) or text (.wat)." };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">It cannot be read.</exception>
    public static ModuleFile Read(string path)
    {
        try
        {
            return new(path, File.ReadAllBytes(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{path}: {failure.Message}");
        }
    }

    /// <summary>Writes a file whole or not at all.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        string temporary = path + ".tmp";
        try
        {
            using (FileStream stream = File.Create(temporary)) content(stream);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{path}: {failure.Message}");
        }
    }

    /// <summary>The module in the binary format.</summary>
    /// <exception cref="CliException">It is text with problems; the message lists all of them.</exception>
    public ReadOnlyMemory<byte> Binary(WatOptions? options = null)
    {
        if (!IsText) return Content;
        WatResult result = WatParser.Parse(Content, options);
        return result.Module ?? throw new CliException(
            CliErrors.TextMalformed, string.Join('\n', result.Problems.Select(problem => $"{Path}:{problem}")));
    }

    /// <summary>Decodes and validates the module.</summary>
    /// <exception cref="CliException">It is not a module, or not one the engine takes.</exception>
    public WasmModule Load(WasmEngine engine)
    {
        try
        {
            return engine.Load(Binary());
        }
        catch (WasmException refused)
        {
            throw Refused(refused);
        }
    }

    /// <summary>A refusal by the engine, with the file's name.</summary>
    public CliException Refused(WasmException refused) => new(CliErrors.ModuleRefused, $"{Path}: {Word(refused.Kind)}: {refused.Message}");

    /// <summary>Why a module was refused, in a word.</summary>
    public static string Word(WasmErrorKind kind) => kind switch
    {
        WasmErrorKind.Malformed => "malformed",
        WasmErrorKind.Invalid => "invalid",
        WasmErrorKind.Unsupported => "not supported",
        WasmErrorKind.LimitExceeded => "above a limit",
        WasmErrorKind.Unlinkable => "cannot be linked",
        _ => "no resources",
    };
}
