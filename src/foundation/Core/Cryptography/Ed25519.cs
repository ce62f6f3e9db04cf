using System.Security.Cryptography;
using Sirsi.Core.Cryptography.Edwards25519;

namespace Sirsi.Core.Cryptography;

/// <summary>
/// The rules both implementations of Ed25519 share, so that their verdicts are the same: a public key is canonical, on the
/// curve and not of small order; S is below L (RFC 8032, 5.1.7); the equation is checked without the cofactor, by comparing
/// the encoding of S·B − k·A with R, which so has to be canonical too.
/// </summary>
internal static class Ed25519
{
    public const int SeedSize = 32;
    public const int PublicKeySize = 32;
    public const int SignatureSize = 64;

    /// <summary>The y of the points whose order divides 8: with such a key one signature fits many messages.</summary>
    private static readonly byte[][] SmallOrder =
    [
        Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000000000"),
        Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    ];

    /// <summary>Whether these bytes are a public key one may trust signatures of.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeySize) return false;
        Span<byte> y = stackalloc byte[PublicKeySize], canonical = stackalloc byte[PublicKeySize];
        publicKey.CopyTo(y);
        y[31] &= 0x7F;
        FieldElement.FromBytes(y).ToBytes(canonical);
        if (!y.SequenceEqual(canonical)) return false;
        foreach (byte[] weak in SmallOrder)
            if (y.SequenceEqual(weak)) return false;
        return EdwardsPoint.TryDecode(publicKey, out _);
    }

    /// <summary>Whether these bytes have the form of a signature.</summary>
    public static bool IsSignature(ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && Scalar.FromBytes(signature[32..]).IsReduced();
}

/// <summary>An Ed25519 public key.</summary>
internal sealed class Ed25519VerificationKey : VerificationKey
{
    private readonly byte[] _publicKey;
    private readonly LibCrypto.Key? _native;

    /// <summary>Takes 32 bytes that <see cref="Ed25519.IsPublicKey"/> has agreed to.</summary>
    public Ed25519VerificationKey(ReadOnlySpan<byte> publicKey, bool native = true)
        : base(KeyAlgorithm.Ed25519)
    {
        _publicKey = publicKey.ToArray();
        if (native && LibCrypto.IsAvailable) _native = LibCrypto.PublicKey(_publicKey);
    }

    public ReadOnlySpan<byte> Bytes => _publicKey;

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Ed25519.IsSignature(signature)
        && (_native is null ? ManagedEd25519.Verify(_publicKey, message, signature) : LibCrypto.Verify(_native, message, signature));

    public override byte[] ToSpki() => KeyFormats.Ed25519Spki(_publicKey);

    public override string ToJwk() => KeyFormats.Ed25519Jwk(_publicKey);
}

/// <summary>An Ed25519 private key: its seed, kept where the garbage collector leaves no copies, wiped on disposal.</summary>
internal sealed class Ed25519SigningKey : SigningKey
{
    private readonly byte[] _seed = GC.AllocateArray<byte>(Ed25519.SeedSize, pinned: true);
    private readonly Ed25519VerificationKey _public;
    private readonly LibCrypto.Key? _native;

    /// <summary>Takes a seed of 32 bytes; libcrypto does the work when it may and can.</summary>
    public Ed25519SigningKey(ReadOnlySpan<byte> seed, bool native = true)
        : base(KeyAlgorithm.Ed25519)
    {
        seed.CopyTo(_seed);
        Span<byte> publicKey = stackalloc byte[Ed25519.PublicKeySize];
        ManagedEd25519.PublicKeyOf(_seed, publicKey);
        _public = new Ed25519VerificationKey(publicKey, native);
        if (native && LibCrypto.IsAvailable) _native = LibCrypto.PrivateKey(_seed);
    }

    public override VerificationKey VerificationKey => _public;

    private protected override byte[] SignLive(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        if (_native is null) ManagedEd25519.Sign(_seed, _public.Bytes, message, signature);
        else LibCrypto.Sign(_native, message, signature);
        return signature;
    }

    private protected override byte[] ExportPkcs8() => KeyFormats.Ed25519Pkcs8(_seed);

    private protected override string ExportJwk() => KeyFormats.Ed25519Jwk(_public.Bytes, _seed);

    private protected override void Wipe()
    {
        CryptographicOperations.ZeroMemory(_seed);
        _native?.Dispose();
    }
}
