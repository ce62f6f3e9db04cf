using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Secrets;

namespace Sirsi.Cli.Commands.Secrets;

/// <summary>The secrets of the data folder, and the file with their key.</summary>
internal static class SecretHome
{
    private const string KeyVariable = "SIRSI_SECRETS_KEY";
    private const string KeyFile = "secrets.key";

    /// <summary>Opens the store; the first time it is made, and its key if there is none.</summary>
    public static async Task<LocalSecretStore> OpenAsync(HostEnvironment environment, string? home, CancellationToken cancellation)
    {
        DataFolder.Create(home);
        string folder = DataFolder.PathOf(home, DataFolder.Secrets), keyFile = KeyOf(home);
        // Where there are secrets there was a key: another one would not open them.
        bool isNew = !Directory.Exists(folder) && !File.Exists(keyFile);
        using MasterKey key = isNew ? await MasterKey.CreateFileAsync(keyFile, environment, cancellation) : MasterKey.ReadFile(keyFile);
        DataFolder.Create(home, DataFolder.Secrets);
        return await LocalSecretStore.OpenAsync(environment, folder, key, new SecretStoreOptions(), cancellation);
    }

    /// <summary>Opens the store; null when nobody has stored a secret yet.</summary>
    public static async Task<LocalSecretStore?> OpenIfThereAsync(HostEnvironment environment, string? home, CancellationToken cancellation) =>
        Directory.Exists(DataFolder.PathOf(home, DataFolder.Secrets)) ? await OpenAsync(environment, home, cancellation) : null;

    private static string KeyOf(string? home) => Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } given ? Path.GetFullPath(given) : DataFolder.PathOf(home, KeyFile);
}
