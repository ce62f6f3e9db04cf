using System.Text;
using Sirsi.Core.Cryptography.Passwords;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Secrets;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Secrets;

/// <summary>What the tests of secrets have in common: a scope, a key, and short words for common steps.</summary>
internal static class Vault
{
    public const string Folder = "/data/secrets";

    public static CancellationToken None => CancellationToken.None;

    public static SecretStoreOptions Options { get; } = new() { PassphraseCost = new Argon2Options { MemoryKiB = 8, Iterations = 1, Lanes = 1 } };

    public static MasterKey Key(string word = "first") => MasterKey.FromPassphrase($"correct horse battery {word}");

    public static ProjectScope Scope(HostEnvironment environment) => new(environment.Ids.Next<Core.Identity.TenantKind>(), environment.Ids.Next<Core.Identity.ProjectKind>());

    public static ValueTask<LocalSecretStore> OpenAsync(HostEnvironment environment, MasterKey? key = null, SecretStoreOptions? options = null, string folder = Folder) =>
        LocalSecretStore.OpenAsync(environment, folder, key ?? Key(), options ?? Options, None);

    public static ValueTask<SecretReference> PutAsync(this ISecretStore store, ProjectScope scope, string name, string value, SecretHosts? hosts = null) =>
        store.PutAsync(scope, name, Encoding.UTF8.GetBytes(value), hosts, None);

    public static async Task<string?> GetAsync(this ISecretStore store, ProjectScope scope, string reference)
    {
        using SecretValue? value = await store.GetAsync(scope, SecretReference.Parse(reference), None);
        return value is null ? null : Encoding.UTF8.GetString(value.Bytes);
    }
}
