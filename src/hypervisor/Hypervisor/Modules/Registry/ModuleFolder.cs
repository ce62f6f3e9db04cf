using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>Whole files of one folder: read within a bound, and written beside their place and renamed.</summary>
internal sealed class ModuleFolder(HostFileSystem files, string path)
{
    private const string Beside = ".new";

    private readonly Lazy<HostFolder> _folder = new(() => files.OpenFolder(path));

    public string Path => path;

    /// <summary>The finished files in it; none when there is no folder.</summary>
    public IEnumerable<string> List() => files.HasFolder(path) ? _folder.Value.List().Where(static name => !name.EndsWith(Beside, StringComparison.Ordinal)) : [];

    /// <summary>The file's bytes; null when there is none.</summary>
    /// <exception cref="HypervisorException">It cannot be read, or is longer than <paramref name="bytesMax"/>.</exception>
    public async ValueTask<byte[]?> ReadAsync(string name, int bytesMax, CancellationToken cancellation)
    {
        if (!files.HasFolder(path)) return null;
        try
        {
            using HostFile file = _folder.Value.Open(name, HostFileAccess.Read);
            if (file.Length > bytesMax) throw Failed($"{name} is longer than {bytesMax:#,##0} bytes.");
            byte[] bytes = new byte[file.Length];
            int filled = 0;
            for (int read; filled < bytes.Length && (read = await file.ReadAsync(filled, bytes.AsMemory(filled), cancellation)) > 0;) filled += read;
            return filled == bytes.Length ? bytes : bytes[..filled];
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failed($"{name} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>Writes a file whole or not at all; it survives a loss of power.</summary>
    public async ValueTask WriteAsync(string name, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            HostFolder folder = _folder.Value;
            folder.Delete(name + Beside);
            using (HostFile file = folder.Open(name + Beside, HostFileAccess.Append))
            {
                await file.AppendAsync(bytes, cancellation);
                await file.FlushAsync(cancellation);
            }

            folder.Rename(name + Beside, name);
            await folder.FlushAsync(cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failed($"{name} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>Removes a file; one that is not there is no failure.</summary>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellation)
    {
        try
        {
            _folder.Value.Delete(name);
            await _folder.Value.FlushAsync(cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failed($"{name} cannot be removed: {failure.Message}", failure);
        }
    }

    /// <summary>Takes the folder for this registry alone.</summary>
    public IDisposable Lock()
    {
        try
        {
            return _folder.Value.TryLock() ?? throw new HypervisorException(
                HypervisorErrors.ModuleRegistryInUse, $"{path} is written by {_folder.Value.LockHolder() ?? "another process"}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failed(failure.Message, failure);
        }
    }

    private HypervisorException Failed(string reason, Exception? cause = null) => new(HypervisorErrors.ModuleFolderInaccessible, $"{path}: {reason}", cause);
}
