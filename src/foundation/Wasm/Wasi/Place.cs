using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Wasi;

/// <summary>Where a path ends: a name (zero-terminated, one component) in an open folder that lies within the granted one.</summary>
internal sealed class Place(SafeFileHandle? owned, int folder, byte[] name, bool mustBeFolder) : IDisposable
{
    internal int Folder { get; } = folder;

    internal byte[] Name { get; } = name;

    /// <summary>The path ended with a slash.</summary>
    internal bool MustBeFolder { get; } = mustBeFolder;

    public void Dispose() => owned?.Dispose();
}
