using System.Security.Cryptography;
using Sirsi.Core.Cryptography.Passwords;

namespace Sirsi.Hypervisor.Secrets;

/// <summary>The keys of one file of secrets, derived from the master key and the file's salt, one for each use. Disposing of them wipes them.</summary>
internal sealed class SecretKeys : IDisposable
{
    public const int Size = 32;

    private readonly byte[] _bytes = GC.AllocateArray<byte>(3 * Size, pinned: true);

    /// <param name="master">The master key.</param>
    /// <param name="salt">The file's salt.</param>
    /// <param name="cost">What deriving from a passphrase costs.</param>
    public SecretKeys(MasterKey master, ReadOnlySpan<byte> salt, Argon2Options cost)
    {
        byte[]? derived = null;
        try
        {
            if (master.IsPassphrase) derived = Argon2.Derive(master.Bytes, salt, cost);
            ReadOnlySpan<byte> from = derived ?? master.Bytes;
            HKDF.DeriveKey(HashAlgorithmName.SHA256, from, _bytes.AsSpan(0, Size), salt, "sirsi secrets 1: wrap data keys"u8);
            HKDF.DeriveKey(HashAlgorithmName.SHA256, from, _bytes.AsSpan(Size, Size), salt, "sirsi secrets 1: authenticate the file"u8);
            HKDF.DeriveKey(HashAlgorithmName.SHA256, from, _bytes.AsSpan(2 * Size, Size), salt, "sirsi secrets 1: recognise the key"u8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    /// <summary>Wraps data keys.</summary>
    public ReadOnlySpan<byte> Wrap => _bytes.AsSpan(0, Size);

    /// <summary>Authenticates the whole file.</summary>
    public ReadOnlySpan<byte> File => _bytes.AsSpan(Size, Size);

    /// <summary>Tells a wrong key from a damaged file.</summary>
    public ReadOnlySpan<byte> Check => _bytes.AsSpan(2 * Size, Size);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
