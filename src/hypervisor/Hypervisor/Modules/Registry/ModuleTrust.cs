using System.Text;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>Whose modules are taken: the public keys <c>publishers/NAME.pem</c>, read anew each time, so that taking a key away is enough to distrust.</summary>
internal sealed class ModuleTrust(ModuleFolder publishers, bool allowsUnsigned)
{
    private const int KeyBytesMax = 16 << 10;

    /// <summary>Why a manifest's signature is not to be trusted; null when it is.</summary>
    public async ValueTask<string?> ProblemAsync(ModuleManifest manifest, CancellationToken cancellation)
    {
        if (!manifest.IsSigned) return allowsUnsigned ? null : "Nobody has signed it.";
        string file = manifest.Publisher + ".pem";
        byte[]? pem = await publishers.ReadAsync(file, KeyBytesMax, cancellation);
        if (pem is null) return $"Its publisher '{manifest.Publisher}' is not trusted: there is no {Path.Combine(publishers.Path, file)}.";
        try
        {
            return ModuleSignature.IsOf(manifest, VerificationKey.FromPem(Encoding.UTF8.GetString(pem))) ? null
                : $"Its signature is not that of '{manifest.Publisher}': the manifest was changed after it was signed, or somebody else signed it.";
        }
        catch (CoreException failure)
        {
            return $"The key of its publisher, {Path.Combine(publishers.Path, file)}, cannot be used: {failure.Message}";
        }
    }
}
