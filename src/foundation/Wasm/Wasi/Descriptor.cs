using Microsoft.Win32.SafeHandles;

namespace Sirsi.Wasm.Wasi;

/// <summary>Something open: its kind and what it may be used for.</summary>
internal abstract class Descriptor(FileType type, Rights rights, Rights inheriting, SafeFileHandle? handle = null) : IDisposable
{
    internal FileType Type { get; } = type;

    internal Rights Rights { get; set; } = rights;

    /// <summary>What descriptors opened through it may have.</summary>
    internal Rights Inheriting { get; set; } = inheriting;

    internal DescriptorFlags Flags { get; set; }

    /// <summary>The host's number for it; -1 when it has none.</summary>
    internal int Number { get; } = handle is null ? -1 : FolderWalk.Descriptor(handle);

    internal bool May(Rights rights) => (Rights & rights) == rights;

    public void Dispose() => handle?.Dispose();
}

/// <summary>A regular file.</summary>
internal sealed class FileDescriptor(SafeFileHandle handle, Rights rights, Rights inheriting)
    : Descriptor(FileType.RegularFile, rights, inheriting, handle);

/// <summary>A folder.</summary>
internal sealed class FolderDescriptor(SafeFileHandle handle, byte[]? grantedAs, Rights rights, Rights inheriting)
    : Descriptor(FileType.Directory, rights, inheriting, handle)
{
    /// <summary>The name the guest knows it by when it was granted; null when the guest opened it.</summary>
    internal byte[]? GrantedAs { get; } = grantedAs;

    /// <summary>What it held when the guest last began to list it.</summary>
    internal FolderListing? Listing { get; set; }
}
