using System.Text;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>A module's folder, read: the manifest and the entry file, which is the one the manifest names.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="Text">Its text.</param>
/// <param name="Entry">The entry file.</param>
/// <param name="Digest">Its digest.</param>
internal sealed record ModulePackage(ModuleManifest Manifest, string Text, byte[] Entry, Sha256 Digest)
{
    public static async ValueTask<ModulePackage> ReadAsync(HostFileSystem files, string folder, ModuleRegistryOptions options, CancellationToken cancellation)
    {
        byte[] yaml = await new ModuleFolder(files, folder).ReadAsync(ModuleManifest.FileName, ModuleManifest.BytesMax, cancellation)
            ?? throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, $"There is no {ModuleManifest.FileName} in {folder}.");
        ManifestResult result = ModuleManifest.Read(yaml, Path.Combine(folder, ModuleManifest.FileName));
        if (result.Manifest is not { } manifest)
            throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, string.Join('\n', result.Problems.Select(static problem => $"{problem.Position}: {problem.Message}")));
        int slash = manifest.Entry.LastIndexOf('/');
        byte[] entry = await new ModuleFolder(files, slash < 0 ? folder : Path.Combine(folder, manifest.Entry[..slash])).ReadAsync(manifest.Entry[(slash + 1)..], options.EntryBytesMax, cancellation)
            ?? throw new HypervisorException(HypervisorErrors.ModuleManifestInvalid, $"There is no {manifest.Entry} in {folder}, which the manifest names as its entry.");
        var digest = Sha256.Of(entry);
        if (manifest.Digest is { } named && named != digest)
            throw new HypervisorException(HypervisorErrors.ModuleDigestWrong, $"{manifest.Entry} in {folder} is {digest}; its manifest names {named}.");
        return new ModulePackage(manifest, Encoding.UTF8.GetString(yaml), entry, digest);
    }
}
