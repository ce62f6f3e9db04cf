using Sirsi.Core.Cryptography.Passwords;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>Limits and costs of a <see cref="LocalSecretStore"/>.</summary>
public sealed record SecretStoreOptions
{
    /// <summary>How many versions of a secret are kept, 1 to 1,000; older ones are dropped. Default 10.</summary>
    public int VersionsMax { get; init; } = 10;

    /// <summary>How many names the store may have, those of deleted secrets too. Default 10,000.</summary>
    public int SecretsMax { get; init; } = 10_000;

    /// <summary>How many changes may wait for those before them. Default 1,000.</summary>
    public int ChangesWaitingMax { get; init; } = 1_000;

    /// <summary>What it costs to derive the key from a passphrase, when the store is made and when its key is changed. Default: 64 MiB, three passes.</summary>
    public Argon2Options PassphraseCost { get; init; } = new();

    /// <summary>The most that a file may ask for when it is opened with a passphrase.</summary>
    public Argon2Limits PassphraseLimits { get; init; } = new();

    internal IEnumerable<string> Problems()
    {
        if (VersionsMax is < 1 or > 1_000) yield return $"VersionsMax is {VersionsMax}; it must be 1 to 1,000.";
        if (SecretsMax < 1) yield return $"SecretsMax is {SecretsMax}; it must be 1 or more.";
        if (ChangesWaitingMax < 1) yield return $"ChangesWaitingMax is {ChangesWaitingMax}; it must be 1 or more.";
        if (PassphraseCost.Variant is not Argon2Variant.Argon2id || PassphraseCost.TagSize != SecretKeys.Size)
            yield return $"PassphraseCost must be Argon2id with {SecretKeys.Size} bytes.";
        if (PassphraseCost.MemoryKiB > PassphraseLimits.MemoryKiBMax || (long)PassphraseCost.MemoryKiB * PassphraseCost.Iterations > PassphraseLimits.WorkMax)
            yield return "PassphraseCost is beyond PassphraseLimits.";
    }
}
