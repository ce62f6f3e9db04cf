using System.Diagnostics;
using System.Security.Cryptography;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>
/// A secret in the clear, for as short as possible: disposing of it wipes it. Its memory is never moved, so no copy stays behind; its text is <c>***</c>. For one thread.
/// </summary>
[DebuggerDisplay("***")]
public sealed class SecretValue : IDisposable
{
    private readonly byte[] _bytes;
    private bool _isDisposed;

    /// <summary>A copy of <paramref name="bytes"/>; the caller wipes its own.</summary>
    /// <param name="reference">Which secret, with its version.</param>
    /// <param name="hosts">To which hosts it may go.</param>
    /// <param name="bytes">The secret.</param>
    public SecretValue(SecretReference reference, SecretHosts hosts, ReadOnlySpan<byte> bytes)
        : this(reference, hosts, bytes.Length) => bytes.CopyTo(_bytes);

    internal SecretValue(SecretReference reference, SecretHosts hosts, int length)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        Reference = reference;
        Hosts = hosts;
        _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
    }

    /// <summary>Which secret it is, with the version that was found.</summary>
    public SecretReference Reference { get; }

    /// <summary>To which hosts it may go.</summary>
    public SecretHosts Hosts { get; }

    /// <summary>The secret.</summary>
    /// <exception cref="ObjectDisposedException">It has been wiped.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _bytes;
        }
    }

    /// <summary>What the store fills in.</summary>
    internal Span<byte> Room => _bytes;

    /// <summary>Wipes it.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Three stars.</summary>
    public override string ToString() => "***";
}
