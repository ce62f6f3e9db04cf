using System.Text;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>Trusts whoever's public key an operator has put into a folder, as <c>NAME.pem</c>. Keys are read anew each time, so that taking one away is enough to distrust. Thread-safe.</summary>
public sealed class PublisherKeys : IModuleTrust
{
    private const int KeyBytesMax = 16 << 10;

    private readonly ModuleFolder _folder;

    /// <summary>Trusts the keys of a folder, which need not be there.</summary>
    public PublisherKeys(HostFileSystem files, string folder)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = new ModuleFolder(files, folder);
    }

    /// <inheritdoc/>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.ModuleFolderInaccessible"/>: the disk.</exception>
    public async ValueTask<string?> ProblemAsync(ModuleManifest manifest, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        string file = manifest.Publisher + ".pem";
        byte[]? pem = await _folder.ReadAsync(file, KeyBytesMax, cancellation);
        if (pem is null) return $"Its publisher '{manifest.Publisher}' is not trusted: there is no {Path.Combine(_folder.Path, file)}.";
        try
        {
            return ModuleSignature.IsOf(manifest, VerificationKey.FromPem(Encoding.UTF8.GetString(pem))) ? null
                : $"Its signature is not that of '{manifest.Publisher}': the manifest was changed after it was signed, or somebody else signed it.";
        }
        catch (CoreException failure)
        {
            return $"The key of its publisher, {Path.Combine(_folder.Path, file)}, cannot be used: {failure.Message}";
        }
    }
}
