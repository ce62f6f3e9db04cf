using System.Security.Cryptography;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography;

/// <summary>
/// A public key that checks signatures. Every instance is a valid key: on its curve and, for Ed25519, canonical and not of
/// small order. Immutable; may be used from any thread. Keys are equal when their <see cref="Thumbprint"/> is.
/// </summary>
public abstract class VerificationKey : IEquatable<VerificationKey>
{
    private readonly Lazy<string> _thumbprint;

    private protected VerificationKey(KeyAlgorithm algorithm)
    {
        Algorithm = algorithm;
        _thumbprint = new Lazy<string>(() => KeyFormats.Thumbprint(ToJwk()));
    }

    /// <summary>What kind of signatures it checks.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>The JWK thumbprint (RFC 7638, SHA-256) in base64url: 43 characters that name the key.</summary>
    public string Thumbprint => _thumbprint.Value;

    /// <summary>
    /// Whether <paramref name="signature"/>, 64 bytes (for ECDSA r and s, as in IEEE P1363 and JOSE), is this key's for
    /// <paramref name="message"/>. Anything malformed is simply not valid.
    /// </summary>
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>As <see cref="Verify"/>, for an ECDSA signature in DER (RFC 3279), as X.509 and most tools write it.</summary>
    /// <exception cref="NotSupportedException">The key is no ECDSA key: there is no such form.</exception>
    public virtual bool VerifyDer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        throw new NotSupportedException("Only ECDSA signatures have a DER form.");

    /// <summary>The key as SubjectPublicKeyInfo in DER (RFC 5280; RFC 8410 for Ed25519).</summary>
    public abstract byte[] ToSpki();

    /// <summary>The key as JSON Web Key (RFC 7517; RFC 8037 for Ed25519) with its required members only, in the order of RFC 7638.</summary>
    public abstract string ToJwk();

    /// <summary><see cref="ToSpki"/> as PEM: <c>PUBLIC KEY</c>.</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", ToSpki());

    /// <summary>Reads PEM text with one <c>PUBLIC KEY</c>.</summary>
    /// <exception cref="CoreException">1060 to 1062: it holds no such key, one of another kind, or an invalid one.</exception>
    public static VerificationKey FromPem(string pem)
    {
        byte[] spki = KeyFormats.ReadPem(pem, "PUBLIC KEY", out _);
        return KeyFormats.ReadSpki(spki);
    }

    /// <summary>Reads SubjectPublicKeyInfo in DER.</summary>
    /// <exception cref="CoreException">1060 to 1062: it holds no such key, one of another kind, or an invalid one.</exception>
    public static VerificationKey FromSpki(ReadOnlySpan<byte> spki) => KeyFormats.ReadSpki(spki);

    /// <summary>Reads a JSON Web Key; its <c>use</c>, <c>key_ops</c> and <c>alg</c>, if given, have to allow checking signatures.</summary>
    /// <exception cref="CoreException">
    /// 1060 to 1062: it is no such key, one of another kind, or an invalid one. One that holds a private key is refused, for it is
    /// in the wrong place.
    /// </exception>
    public static VerificationKey FromJwk(string jwk) => JsonWebKey.Read(jwk).ToVerificationKey();

    /// <inheritdoc/>
    public bool Equals(VerificationKey? other) => other is not null && string.Equals(Thumbprint, other.Thumbprint, StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as VerificationKey);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Thumbprint);

    /// <summary>Algorithm and thumbprint.</summary>
    public sealed override string ToString() => $"{Algorithm} {Thumbprint}";
}
