using Sirsi.Clouds.Terraform;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Estates;

/// <summary>One file to read.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Name">What it is called in the estate and in messages: the part of its path that tells it from the others.</param>
/// <param name="MayBeSomethingElse">Whether it was found in a folder and its name does not say that it is a state.</param>
internal sealed record EstateInput(string Path, string Name, bool MayBeSomethingElse)
{
    private const int FolderDepthMax = 16;

    /// <summary>The file's length; 0 where that can not be told.</summary>
    public long Bytes => new FileInfo(Path) is { Exists: true } file ? file.Length : 0;

    /// <summary>The files that paths stand for, each once, sorted by name.</summary>
    public static IReadOnlyList<EstateInput> Find(IReadOnlyList<string> paths, TerraformReaderOptions options, List<Diagnostic> diagnostics)
    {
        var found = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (string given in paths)
        {
            string path = FullPath(given);
            if (Directory.Exists(path))
            {
                int before = found.Count;
                foreach (string file in FilesOf(path, given, options)) found.TryAdd(file, !IsStateName(file));
                if (found.Count == before)
                    throw new CloudsException(CloudsErrors.FolderWithoutInput, $"{given}: there is no state and no plan in this folder.");
            }
            else if (!File.Exists(path))
            {
                throw new CloudsException(CloudsErrors.InputMissing, $"{given}: there is no such file or folder.");
            }
            else if (!found.TryAdd(path, false))
            {
                found[path] = false;
                diagnostics.Add(new Diagnostic(CloudsErrors.InputRepeated, DiagnosticSeverity.Information,
                    "This input was given twice; it is read once.", new SourcePosition(given)));
            }
        }

        string shared = SharedFolder(found.Keys);
        return [.. found.Select(pair => new EstateInput(pair.Key, pair.Key[shared.Length..].Replace('\\', '/'), pair.Value))];
    }

    /// <summary>Opens the file for one pass; refuses it by its size before a byte is read.</summary>
    public Stream Open(long bytesMax)
    {
        try
        {
            var stream = new FileStream(Path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            });
            if (!stream.CanSeek || stream.Length <= bytesMax) return stream;
            long length = stream.Length;
            stream.Dispose();
            throw new CloudsException(CloudsErrors.InputTooLarge, $"{Name}: {length} bytes are more than the limit of {bytesMax}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(CloudsErrors.InputUnreadable, $"{Name}: the file can not be opened: {failure.Message}", failure);
        }
    }

    private static string FullPath(string given)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(given);
        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(given));
    }

    private static bool IsStateName(string path) => path.EndsWith(".tfstate", StringComparison.OrdinalIgnoreCase);

    private static List<string> FilesOf(string folder, string given, TerraformReaderOptions options)
    {
        var files = new List<string>();
        var toVisit = new Stack<(string Folder, int Depth)>();
        toVisit.Push((folder, 0));
        try
        {
            while (toVisit.TryPop(out (string Folder, int Depth) at))
            {
                foreach (FileSystemInfo entry in new DirectoryInfo(at.Folder).EnumerateFileSystemInfos())
                {
                    // .terraform holds pointers to states elsewhere; links may lead in circles.
                    if (entry.Name.StartsWith('.') || entry.LinkTarget is not null) continue;
                    if (entry is DirectoryInfo && at.Depth < FolderDepthMax) toVisit.Push((entry.FullName, at.Depth + 1));
                    if (entry is not FileInfo || (!IsStateName(entry.Name) && !entry.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)))
                        continue;
                    if (files.Count == options.FilesMax)
                        throw new CloudsException(CloudsErrors.TooManyFiles, $"{given}: there are more than {options.FilesMax} files in this folder.");
                    files.Add(entry.FullName);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(CloudsErrors.InputUnreadable, $"{given}: the folder can not be read: {failure.Message}", failure);
        }

        return files;
    }

    /// <summary>The longest folder all files lie in, with its separator.</summary>
    private static string SharedFolder(IEnumerable<string> files)
    {
        string? shared = null;
        foreach (string file in files)
        {
            string folder = file[..(file.LastIndexOf(System.IO.Path.DirectorySeparatorChar) + 1)];
            shared ??= folder;
            while (!folder.StartsWith(shared, StringComparison.Ordinal))
                shared = shared[..(shared.LastIndexOf(System.IO.Path.DirectorySeparatorChar, shared.Length - 2) + 1)];
        }

        return shared ?? "";
    }
}
