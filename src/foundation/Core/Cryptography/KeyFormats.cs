using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Sirsi.Core.Errors;

namespace Sirsi.Core.Cryptography;

/// <summary>How keys are written: PEM, PKCS#8 (RFC 5958), SubjectPublicKeyInfo (RFC 5280), for Ed25519 as RFC 8410 says; JWK out.</summary>
internal static class KeyFormats
{
    /// <summary>No key used here comes near this many characters or bytes; more is refused before it is decoded.</summary>
    public const int SizeMax = 16_384;

    private const string Ed25519Oid = "1.3.101.112";
    private const string EcPublicKeyOid = "1.2.840.10045.2.1";
    private const string P256Oid = "1.2.840.10045.3.1.7";

    public static byte[] ReadPem(string pem, string label, out bool isSec1)
    {
        ArgumentNullException.ThrowIfNull(pem);
        if (pem.Length > SizeMax) throw new CoreException(CoreErrors.KeyUnreadable, $"A key has at most {SizeMax} characters.");
        bool found = PemEncoding.TryFind(pem, out PemFields fields);
        string actual = found ? pem[fields.Label] : "";
        isSec1 = actual == "EC PRIVATE KEY" && label == "PRIVATE KEY";
        if (!found) throw new CoreException(CoreErrors.KeyUnreadable, "The text holds no PEM block.");
        if (actual != label && !isSec1) throw new CoreException(CoreErrors.KeyUnreadable, $"The PEM block is no {label}.");
        byte[] der = new byte[fields.DecodedDataLength];
        return Convert.TryFromBase64Chars(pem.AsSpan()[fields.Base64Data], der, out int written) && written == der.Length
            ? der
            : throw new CoreException(CoreErrors.KeyUnreadable, "The PEM block is damaged.");
    }

    public static VerificationKey ReadSpki(ReadOnlySpan<byte> spki)
    {
        byte[] der = spki.ToArray();
        if (der.Length > SizeMax) throw new CoreException(CoreErrors.KeyUnreadable, $"A key has at most {SizeMax} bytes.");
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader body = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            KeyAlgorithm algorithm = ReadAlgorithm(body);
            byte[] bits = body.ReadBitString(out int unused);
            body.ThrowIfNotEmpty();
            if (algorithm is KeyAlgorithm.EcdsaP256) return EcdsaPublic(key => key.ImportSubjectPublicKeyInfo(der, out _));
            return unused == 0 ? Ed25519Public(bits) : throw Invalid();
        }
        catch (AsnContentException damage)
        {
            throw new CoreException(CoreErrors.KeyUnreadable, "The key is no SubjectPublicKeyInfo.", damage);
        }
    }

    public static SigningKey ReadPrivate(ReadOnlyMemory<byte> der, bool isSec1)
    {
        if (isSec1) return EcdsaPrivate(key => key.ImportECPrivateKey(der.Span, out _));
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader body = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            if (!body.TryReadInt32(out int version) || version is not (0 or 1)) throw Invalid();
            if (ReadAlgorithm(body) is KeyAlgorithm.EcdsaP256) return EcdsaPrivate(key => key.ImportPkcs8PrivateKey(der.Span, out _));
            byte[] inner = body.ReadOctetString();
            ReadOnlyMemory<byte> seed = new AsnReader(inner, AsnEncodingRules.DER).TryReadPrimitiveOctetString(out var octets) ? octets : default;
            if (inner.Length != Ed25519.SeedSize + 2 || seed.Length != Ed25519.SeedSize) throw Invalid();
            var key = new Ed25519SigningKey(seed.Span);
            CryptographicOperations.ZeroMemory(inner);
            RequireSamePublicKey(body, key);
            return key;
        }
        catch (AsnContentException damage)
        {
            throw new CoreException(CoreErrors.KeyUnreadable, "The key is no PKCS#8 private key.", damage);
        }
    }

    public static VerificationKey Ed25519Public(ReadOnlySpan<byte> bytes) =>
        Ed25519.IsPublicKey(bytes) ? new Ed25519VerificationKey(bytes) : throw Invalid();

    public static EcdsaP256VerificationKey EcdsaPublic(Action<ECDsa> import) => new(Import(import));

    public static EcdsaP256SigningKey EcdsaPrivate(Action<ECDsa> import) => new(Import(import));

    public static byte[] Ed25519Spki(ReadOnlySpan<byte> publicKey) => [.. Convert.FromHexString("302a300506032b6570032100"), .. publicKey];

    public static byte[] Ed25519Pkcs8(ReadOnlySpan<byte> seed) => [.. Convert.FromHexString("302e020100300506032b657004220420"), .. seed];

    public static string Ed25519Jwk(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> seed = default)
    {
        string x = Base64Url.EncodeToString(publicKey);
        return seed.IsEmpty
            ? $$"""{"crv":"Ed25519","kty":"OKP","x":"{{x}}"}"""
            : $$"""{"crv":"Ed25519","d":"{{Base64Url.EncodeToString(seed)}}","kty":"OKP","x":"{{x}}"}""";
    }

    public static string EcdsaJwk(ECParameters key)
    {
        string x = Base64Url.EncodeToString(key.Q.X), y = Base64Url.EncodeToString(key.Q.Y);
        return key.D is null
            ? $$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""
            : $$"""{"crv":"P-256","d":"{{Base64Url.EncodeToString(key.D)}}","kty":"EC","x":"{{x}}","y":"{{y}}"}""";
    }

    /// <summary>The digest of the public members in order, which is how <paramref name="publicJwk"/> is written (RFC 7638).</summary>
    public static string Thumbprint(string publicJwk) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(publicJwk)));

    public static CoreException Invalid() => new(CoreErrors.KeyInvalid, "The key reads as one but is not valid.");

    public static CoreException Unsupported(string kind) => new(CoreErrors.KeyUnsupported, $"Keys of the kind {kind} are not supported.");

    private static KeyAlgorithm ReadAlgorithm(AsnReader body)
    {
        AsnReader algorithm = body.ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        if (oid == Ed25519Oid)
        {
            algorithm.ThrowIfNotEmpty();
            return KeyAlgorithm.Ed25519;
        }
        if (oid != EcPublicKeyOid) throw Unsupported(oid);
        if (!algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier)) throw Unsupported("EC with parameters of its own");
        string curve = algorithm.ReadObjectIdentifier();
        return curve == P256Oid ? KeyAlgorithm.EcdsaP256 : throw Unsupported($"EC on curve {curve}");
    }

    /// <summary>RFC 5958 lets the public key follow in [1]; one that does not belong to the private key is an attack or a mishap.</summary>
    private static void RequireSamePublicKey(AsnReader body, Ed25519SigningKey key)
    {
        while (body.HasData)
        {
            Asn1Tag tag = body.PeekTag();
            ReadOnlyMemory<byte> value = body.PeekContentBytes();
            body.ReadEncodedValue();
            if (!tag.HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 1))) continue;
            // A bit string begins with its count of unused bits.
            ReadOnlySpan<byte> expected = ((Ed25519VerificationKey)key.VerificationKey).Bytes;
            if (value.Length == 33 && value.Span[0] == 0 && value.Span[1..].SequenceEqual(expected)) continue;
            key.Dispose();
            throw Invalid();
        }
    }

    private static ECDsa Import(Action<ECDsa> import)
    {
        var key = ECDsa.Create();
        try
        {
            import(key);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value is P256Oid) return key;
        }
        catch (CryptographicException refused)
        {
            key.Dispose();
            throw new CoreException(CoreErrors.KeyInvalid, "The key reads as one but is not valid.", refused);
        }
        key.Dispose();
        throw Unsupported("EC on another curve than P-256");
    }
}
