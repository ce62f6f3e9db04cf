using System.Text;

namespace Sirsi.Migration.Assessing;

/// <summary>Reads a folder of checks, within bounds.</summary>
internal static class CheckFolder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The files of a folder that end in <c>.yaml</c> or <c>.yml</c>, by name.</summary>
    /// <exception cref="MigrationException">The folder or a file cannot be read, or is too large.</exception>
    public static IReadOnlyList<CheckFile> Read(string folder)
    {
        try
        {
            string[] paths =
            [
                .. Directory.EnumerateFiles(folder)
                    .Where(static path => Path.GetExtension(path) is ".yaml" or ".yml")
                    .Take(CheckCatalogue.FilesMax + 1)
                    .Order(StringComparer.Ordinal),
            ];
            if (paths.Length == 0) throw Unreadable(folder, "it holds no .yaml or .yml file");
            if (paths.Length > CheckCatalogue.FilesMax) throw Unreadable(folder, $"it holds more than {CheckCatalogue.FilesMax} files");
            return [.. paths.Select(static path => new CheckFile(path, ReadText(path)))];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(folder, failure.Message, failure);
        }
    }

    private static string ReadText(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var bytes = new byte[CheckCatalogue.FileBytesMax + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > CheckCatalogue.FileBytesMax) throw Unreadable(path, "it is larger than 1 MiB");
        try
        {
            return Strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException failure)
        {
            throw Unreadable(path, "it is not UTF-8 text", failure);
        }
    }

    private static MigrationException Unreadable(string path, string why, Exception? cause = null) =>
        new(MigrationErrors.ChecksUnreadable, $"{path}: {why}.", cause);
}
