using System.Collections.Immutable;

namespace Sirsi.Migration.Emitting;

/// <summary>
/// Writes a bundle whole or not at all: all files go to a folder beside the output, which then takes its place by renaming. Whatever
/// fails before that, and a cancellation, leaves an earlier output as it was.
/// </summary>
public static class BundleWriter
{
    /// <summary>The file by which a folder is known to hold a bundle, and may be replaced.</summary>
    public const string Marker = ".sirsi-bundle";

    private const int BufferBytes = 64 * 1024;

    /// <summary>
    /// Writes the bundle of <paramref name="result"/> to <paramref name="outFolder"/>, which must be absent, empty, or hold an earlier
    /// bundle. The folders above it are made when absent.
    /// </summary>
    /// <exception cref="MigrationException">The folder holds something else (SIRSI-4400), or the disk failed us (4401, 4402).</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the output was replaced.</exception>
    public static Task WriteAsync(string outFolder, MigrationResult result, CancellationToken cancellation) =>
        WriteAsync(outFolder, BundleContents.Of(result, cancellation), cancellation);

    /// <summary>Writes the given files as a bundle, under the same promises.</summary>
    public static Task WriteAsync(string outFolder, ImmutableArray<BundleFile> files, CancellationToken cancellation) =>
        WriteAsync(outFolder, files, Directory.Move, cancellation);

    internal static async Task WriteAsync(
        string outFolder, ImmutableArray<BundleFile> files, Action<string, string> move, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outFolder);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(outFolder));
        bool replaces;
        string fresh;
        try
        {
            if (new DirectoryInfo(target) is { Exists: true, LinkTarget: not null } link)
                target = link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            replaces = Replaces(target);
            string parent = Path.GetDirectoryName(target) ?? throw NotOurs(target);
            Directory.CreateDirectory(parent);
            fresh = Beside(target, "new");
            Directory.CreateDirectory(fresh);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unwritable(target, failure);
        }

        try
        {
            foreach (BundleFile file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                await WriteFileAsync(fresh, file, cancellation);
            }

            await WriteFileAsync(fresh,
                new(Marker, static (stream, token) => stream.WriteAsync("sirsi.bundle/1\n"u8.ToArray(), token).AsTask()), cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(fresh);
            throw Unwritable(target, failure);
        }
        catch
        {
            Remove(fresh);
            throw;
        }

        Replace(target, fresh, replaces, move);
    }

    private static bool Replaces(string target)
    {
        if (File.Exists(target)) throw NotOurs(target);
        if (!Directory.Exists(target)) return false;
        if (File.Exists(Path.Combine(target, Marker)) || !Directory.EnumerateFileSystemEntries(target).Any()) return true;
        throw NotOurs(target);
    }

    private static async Task WriteFileAsync(string folder, BundleFile file, CancellationToken cancellation)
    {
        if (Path.IsPathRooted(file.Path) || file.Path.Split('/').Any(static part => part is "" or "." or ".."))
            throw new ArgumentException($"'{file.Path}' does not lie in the bundle.", nameof(file));
        string path = Path.Combine(folder, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, useAsync: false);
        await using (stream)
        {
            await file.WriteAsync(stream, cancellation);
            stream.Flush(flushToDisk: true);
        }
    }

    private static void Replace(string target, string fresh, bool replaces, Action<string, string> move)
    {
        string earlier = Beside(target, "old");
        bool moved = false;
        try
        {
            if (replaces)
            {
                move(target, earlier);
                moved = true;
            }

            move(fresh, target);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (moved && !TryMove(earlier, target, move))
                throw new MigrationException(MigrationErrors.OutputNotReplaced,
                    $"The new output is in '{fresh}' and the earlier one in '{earlier}'; neither could be renamed to '{target}': {failure.Message}", failure);
            Remove(fresh);
            throw Unwritable(target, failure);
        }

        if (moved) Remove(earlier);
    }

    private static bool TryMove(string from, string to, Action<string, string> move)
    {
        try
        {
            move(from, to);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Two runs at once differ by their process; what a killed run of the same number left behind is swept away.
    private static string Beside(string target, string purpose)
    {
        string path = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Environment.ProcessId}.{purpose}");
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        return path;
    }

    // What is left behind after a failure is told by that failure; a second one would hide it.
    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return;
        }
    }

    private static MigrationException NotOurs(string target) => new(MigrationErrors.OutputNotOurs,
        $"'{target}' holds something that no earlier run wrote; nothing was changed.");

    private static MigrationException Unwritable(string target, Exception failure) => new(MigrationErrors.OutputUnwritable,
        $"'{target}' cannot be written: {failure.Message} What was there before is as it was.", failure);
}
