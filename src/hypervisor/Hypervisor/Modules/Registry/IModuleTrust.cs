namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>
/// Says whose modules are taken. A registry asks it when a signed module is added and each time one is loaded, so what it says today holds. It does not see the entry file: the manifest names its digest, which the registry
/// compares. Safe for any number of threads.
/// </summary>
public interface IModuleTrust
{
    /// <summary>
    /// Why a manifest is not to be trusted, a sentence for the user; null when it is. The manifest is signed, which says nothing yet of by whom: see <see cref="ModuleSignature.IsOf"/>. What cannot be found out is a reason not
    /// to trust, or an exception, which refuses the module as well.
    /// </summary>
    ValueTask<string?> ProblemAsync(ModuleManifest manifest, CancellationToken cancellation);
}
