using System.Security.Cryptography;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography;

/// <summary>
/// A private key that makes signatures. Dispose it to wipe the key from memory; text returned by <see cref="ToPem"/> and <see cref="ToJwk"/>
/// is the caller's to guard. Nothing else of it shows the key, <see cref="ToString"/> included. May be used from any thread.
/// </summary>
public abstract class SigningKey : IDisposable
{
    private volatile bool _disposed;

    private protected SigningKey(KeyAlgorithm algorithm) => Algorithm = algorithm;

    /// <summary>What kind of signatures it makes.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>The public half. It stays usable after this key is disposed.</summary>
    public abstract VerificationKey VerificationKey { get; }

    /// <summary>Makes a new key.</summary>
    /// <param name="algorithm">What kind.</param>
    /// <param name="fillRandom">
    /// Fills its argument with random bytes: <see cref="RandomNumberGenerator.Fill"/> for real keys; a seeded source gives the same
    /// key each time and belongs in tests and simulations only.
    /// </param>
    public static SigningKey Generate(KeyAlgorithm algorithm, Action<Span<byte>> fillRandom)
    {
        ArgumentNullException.ThrowIfNull(fillRandom);
        if (algorithm is KeyAlgorithm.EcdsaP256) return EcdsaP256SigningKey.Generate(fillRandom);
        if (algorithm is not KeyAlgorithm.Ed25519) throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such algorithm.");
        Span<byte> seed = stackalloc byte[Ed25519.SeedSize];
        fillRandom(seed);
        var key = new Ed25519SigningKey(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>
    /// The signature, 64 bytes, of a message. Ed25519 signatures are deterministic; ECDSA ones take their nonce from the platform's
    /// random generator, so each differs.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        ThrowIfDisposed();
        return SignLive(message);
    }

    /// <summary>As <see cref="Sign"/>, in DER.</summary>
    /// <exception cref="NotSupportedException">The key is no ECDSA key: there is no such form.</exception>
    public virtual byte[] SignDer(ReadOnlySpan<byte> message) => throw new NotSupportedException("Only ECDSA signatures have a DER form.");

    /// <summary>The private key as PKCS#8 in PEM: <c>PRIVATE KEY</c>, unencrypted.</summary>
    public string ToPem()
    {
        ThrowIfDisposed();
        byte[] pkcs8 = ExportPkcs8();
        try
        {
            return PemEncoding.WriteString("PRIVATE KEY", pkcs8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>The private key as JSON Web Key.</summary>
    public string ToJwk()
    {
        ThrowIfDisposed();
        return ExportJwk();
    }

    /// <summary>Reads PEM text with one <c>PRIVATE KEY</c> (PKCS#8) or <c>EC PRIVATE KEY</c> (SEC 1), unencrypted.</summary>
    /// <exception cref="CoreException">1060 to 1062: it holds no such key, one of another kind, or an invalid one.</exception>
    public static SigningKey FromPem(string pem)
    {
        byte[] der = KeyFormats.ReadPem(pem, "PRIVATE KEY", out bool isSec1);
        try
        {
            return KeyFormats.ReadPrivate(der, isSec1);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Reads a private JSON Web Key; its public half has to belong to it, and its uses to allow signing.</summary>
    /// <exception cref="CoreException">1060 to 1062: it is no such key, one of another kind, or an invalid one.</exception>
    public static SigningKey FromJwk(string jwk) => JsonWebKey.Read(jwk).ToSigningKey();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Wipe();
        GC.SuppressFinalize(this);
    }

    /// <summary>The public half's algorithm and thumbprint: nothing of the private key.</summary>
    public sealed override string ToString() => $"private key of {VerificationKey}";

    private protected abstract byte[] SignLive(ReadOnlySpan<byte> message);

    private protected abstract byte[] ExportPkcs8();

    private protected abstract string ExportJwk();

    private protected abstract void Wipe();

    private protected void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
