using Sirsi.Core.Errors;

namespace Sirsi.Hypervisor;

public static partial class HypervisorErrors
{
    /// <summary>A text that should name a secret does not.</summary>
    public static ErrorCode SecretNameInvalid { get; } = new(3060, "Name of a secret is not valid",
        "Use letters, digits, '-' and '_' in parts joined by '.' or '/', at most 128 characters; a reference is 'secret:NAME' or 'secret:NAME#VERSION'.");

    /// <summary>The file of secrets is not as it was written.</summary>
    public static ErrorCode SecretFileDamaged { get; } = new(3061, "File of secrets is damaged or was changed",
        "Put the last good copy in its place, and find out who changed it; nothing of it was used.");

    /// <summary>The file is no file of secrets, or of a later version, or made for another kind of key.</summary>
    public static ErrorCode SecretFileForeign { get; } = new(3062, "File of secrets is of another kind",
        "Give the folder, and the kind of key (key file or passphrase), with which the secrets were stored.");

    /// <summary>The passphrase is wrong, or the key file is another one.</summary>
    public static ErrorCode SecretKeyWrong { get; } = new(3063, "Key does not open the file of secrets",
        "Give the key with which the secrets were last stored; after an interrupted change of keys that is the old or the new one.");

    /// <summary>The key file cannot be read, or holds no key, or is there already when it is to be made.</summary>
    public static ErrorCode SecretKeyFileInvalid { get; } = new(3064, "Key file of the secrets cannot be used",
        "Give a file that this user may read and that holds 64 hexadecimal digits.");

    /// <summary>Others than its owner have rights to the key file.</summary>
    public static ErrorCode SecretKeyFileExposed { get; } = new(3065, "Key file of the secrets is open to others",
        "Take the rights away with 'chmod 600', and change the key if somebody may have read it.");

    /// <summary>Another store, here or in another process, has the folder.</summary>
    public static ErrorCode SecretStoreInUse { get; } = new(3066, "Folder of secrets is in use",
        "End the process that the message names; one at a time keeps the secrets of a folder.");

    /// <summary>The disk does not let the store read or write.</summary>
    public static ErrorCode SecretStoreUnreachable { get; } = new(3067, "File of secrets cannot be read or written",
        "Check the folder's rights and that its disk has room; what was stored before is as it was.");

    /// <summary>A limit of the store is reached.</summary>
    public static ErrorCode SecretStoreFull { get; } = new(3068, "Secret or store of secrets is too large",
        "Store at most 64 KiB a secret, and delete secrets that are no longer used.");

    /// <summary>More changes wait than may.</summary>
    public static ErrorCode SecretStoreBusy { get; } = new(3069, "Too many changes of secrets are waiting",
        "Try again later; each change writes the whole file.");

    /// <summary>A secret would have gone to a host that it is not bound to.</summary>
    public static ErrorCode SecretBoundElsewhere { get; } = new(3070, "Secret does not go to this host",
        "See with 'sirsi secret list' to which hosts it is bound; where it may go to this one too, bind it anew with 'sirsi secret bind'.");

    /// <summary>A text that should name a host does not.</summary>
    public static ErrorCode SecretHostInvalid { get; } = new(3071, "Host of a secret is not valid",
        "Write a name in ASCII without scheme and path, as api.example.com, api.example.com:8443 or *.example.com; at most 32 of them.");
}
