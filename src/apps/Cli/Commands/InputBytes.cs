using System.Text;
using Sirsi.Cli.Output;
using Sirsi.Core.Errors;

namespace Sirsi.Cli.Commands;

/// <summary>Bytes that an option gives as a text, a file or standard input.</summary>
internal static class InputBytes
{
    private const int BytesMax = 1 << 30;

    /// <summary>The text in UTF-8; <c>@FILE</c> is what the file holds, <c>@-</c> what comes on standard input.</summary>
    /// <exception cref="CliException">The file cannot be read, or there is too much.</exception>
    public static byte[] Read(Terminal terminal, string text)
    {
        if (!text.StartsWith('@')) return Encoding.UTF8.GetBytes(text);
        try
        {
            using Stream stream = text == "@-" ? terminal.InputBytes : File.OpenRead(text[1..]);
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[64 << 10];
            for (int read; (read = stream.Read(buffer)) > 0; bytes.Write(buffer, 0, read))
                if (bytes.Length + read > BytesMax) throw new CliException(CliErrors.Usage, $"The input is longer than {BytesMax} bytes.");
            return bytes.ToArray();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CoreErrors.FileInaccessible, $"{text[1..]}: {failure.Message}");
        }
    }
}
