using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

/// <content>The registry of modules: 3021 to 3035.</content>
public static partial class HypervisorErrors
{
    /// <summary>A manifest that is none.</summary>
    public static ErrorCode ModuleManifestInvalid { get; } = new(3021, "Module's manifest is invalid",
        "Mend module.yaml at every line and column the message names; docs/schemas/module.md lists the members.");

    /// <summary>The entry file is not the one the manifest names.</summary>
    public static ErrorCode ModuleDigestWrong { get; } = new(3022, "Module is not the one its manifest names",
        "Get the module again from its publisher; after building it anew, sign it anew with 'sirsi module sign'.");

    /// <summary>A signature that is missing, wrong, or of nobody who is trusted.</summary>
    public static ErrorCode ModuleSignatureInvalid { get; } = new(3023, "Module's signature is not trusted",
        "Put the publisher's public key into publishers/NAME.pem of the modules' folder if you trust it, or get a signed module.");

    /// <summary>What lies in the registry's folder is no longer what was put there.</summary>
    public static ErrorCode ModuleDamaged { get; } = new(3024, "Stored module is damaged",
        "Remove that version and add it again from its publisher's folder.");

    /// <summary>The registry has no such module.</summary>
    public static ErrorCode ModuleUnknown { get; } = new(3025, "No such module",
        "See 'sirsi module list' for the modules and versions there are.");

    /// <summary>The version exists with another content.</summary>
    public static ErrorCode ModuleVersionTaken { get; } = new(3026, "Version exists with another content",
        "Give the changed module a new version: one version is one content for ever.");

    /// <summary>The module's state does not allow it.</summary>
    public static ErrorCode ModuleStateWrong { get; } = new(3027, "Module's state does not allow this",
        "Grant before activating, and activate another version before removing the active one.");

    /// <summary>Another process writes to the registry.</summary>
    public static ErrorCode ModuleRegistryInUse { get; } = new(3028, "Modules' folder is in use",
        "Wait until the process that the message names has ended, or use it instead.");

    /// <summary>A folder cannot be read or written.</summary>
    public static ErrorCode ModuleFolderInaccessible { get; } = new(3029, "Folder of modules cannot be used",
        "See what the message says of the folder or disk, and mend it.");

    /// <summary>Values for a module's configuration that do not fit.</summary>
    public static ErrorCode ModuleConfigurationInvalid { get; } = new(3030, "Module's configuration does not fit",
        "Give every required value with the type that 'sirsi module inspect' shows; 'sirsi module configure' keeps them.");
}
