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
    /// <param name="bytes">The secret.</param>
    public SecretValue(SecretReference reference, ReadOnlySpan<byte> bytes)
        : this(reference, bytes.Length) => bytes.CopyTo(_bytes);

    internal SecretValue(SecretReference reference, int length)
    {
        Reference = reference;
        _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
    }

    /// <summary>Which secret it is, with the version that was found.</summary>
    public SecretReference Reference { get; }

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
