using System.Runtime.InteropServices;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>A version of a secret that is kept.</summary>
/// <param name="Number">From 1; a number is never given to two values of a name.</param>
/// <param name="CreatedAt">When it was stored.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SecretVersion(int Number, DateTimeOffset CreatedAt);

/// <summary>
/// Where secrets are kept: <see cref="LocalSecretStore"/>, or a server for them. Safe for any number of threads. What the store's disk or server
/// refuses throws <see cref="HypervisorException"/>, whose message never holds anything of a secret; a scope without tenant or project throws <see cref="ArgumentException"/>.
/// </summary>
public interface ISecretStore
{
    /// <summary>The secret, which the caller disposes of; null when there is none of that name, or not in that version.</summary>
    ValueTask<SecretValue?> GetAsync(ProjectScope scope, SecretReference reference, CancellationToken cancellation);

    /// <summary>Stores a new version, durably when it completes. Gives the reference to this very version.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="name">Its name, as in <see cref="SecretReference"/>.</param>
    /// <param name="value">1 to 65,536 bytes, which the caller wipes.</param>
    /// <param name="hosts">To which hosts the secret may go from now on, in all its versions; null for those it is bound to already, which of a new one is any.</param>
    /// <param name="cancellation">Cancels it as long as nothing was stored.</param>
    ValueTask<SecretReference> PutAsync(ProjectScope scope, string name, ReadOnlyMemory<byte> value, SecretHosts? hosts, CancellationToken cancellation);

    /// <summary>Says to which hosts a secret may go from now on, in all its versions; durable when it completes. False when there is no such secret.</summary>
    ValueTask<bool> BindAsync(ProjectScope scope, string name, SecretHosts hosts, CancellationToken cancellation);

    /// <summary>To which hosts a secret may go; null when there is no such secret.</summary>
    ValueTask<SecretHosts?> HostsAsync(ProjectScope scope, string name, CancellationToken cancellation);

    /// <summary>The names of the scope's secrets in ordinal order.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(ProjectScope scope, CancellationToken cancellation);

    /// <summary>The versions kept of a secret, the oldest first; none when there is no such secret.</summary>
    ValueTask<IReadOnlyList<SecretVersion>> VersionsAsync(ProjectScope scope, string name, CancellationToken cancellation);

    /// <summary>Deletes a secret with all its versions; false when there was none. A later secret of the name goes on counting versions, and is bound to no hosts.</summary>
    ValueTask<bool> DeleteAsync(ProjectScope scope, string name, CancellationToken cancellation);
}
