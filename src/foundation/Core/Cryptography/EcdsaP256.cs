using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Sirsi.Core.Cryptography;

/// <summary>An ECDSA public key on P-256, with SHA-256; the platform does the work.</summary>
internal sealed class EcdsaP256VerificationKey : VerificationKey
{
    private const int NumberSize = 32;

    /// <summary>Two numbers of 33 bytes with their headers, and the header of both.</summary>
    private const int DerSizeMax = 72;

    private readonly ECDsa _key;

    /// <summary>Takes over a key on P-256.</summary>
    public EcdsaP256VerificationKey(ECDsa key)
        : base(KeyAlgorithm.EcdsaP256) => _key = key;

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        // The platform promises nothing about one key used by several threads.
        lock (_key)
            return _key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    // The platform's own reading of DER takes negative numbers for positive ones, so it is not used.
    public override bool VerifyDer(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> numbers = stackalloc byte[2 * NumberSize];
        return TryReadDer(signature, numbers) && Verify(message, numbers);
    }

    public override byte[] ToSpki()
    {
        lock (_key) return _key.ExportSubjectPublicKeyInfo();
    }

    public override string ToJwk()
    {
        lock (_key) return KeyFormats.EcdsaJwk(_key.ExportParameters(includePrivateParameters: false));
    }

    private static bool TryReadDer(ReadOnlySpan<byte> der, Span<byte> numbers)
    {
        if (der.Length > DerSizeMax) return false;
        try
        {
            var reader = new AsnReader(der.ToArray(), AsnEncodingRules.DER);
            AsnReader body = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            bool read = TryReadNumber(body, numbers[..NumberSize]) && TryReadNumber(body, numbers[NumberSize..]);
            body.ThrowIfNotEmpty();
            return read;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool TryReadNumber(AsnReader body, Span<byte> number)
    {
        ReadOnlySpan<byte> bytes = body.ReadIntegerBytes().Span;
        if (bytes[0] >= 0x80) return false;
        bytes = bytes.TrimStart((byte)0);
        if (bytes.Length > number.Length) return false;
        number.Clear();
        bytes.CopyTo(number[(number.Length - bytes.Length)..]);
        return true;
    }
}

/// <summary>An ECDSA private key on P-256. The key stays in the platform's memory, which the platform wipes.</summary>
internal sealed class EcdsaP256SigningKey : SigningKey
{
    /// <summary>The order of the curve (SEC 2, 2.4.2).</summary>
    private static readonly byte[] Order = Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private readonly ECDsa _key;

    /// <summary>Takes over a key pair on P-256.</summary>
    public EcdsaP256SigningKey(ECDsa key)
        : base(KeyAlgorithm.EcdsaP256)
    {
        _key = key;
        VerificationKey = new EcdsaP256VerificationKey(ECDsa.Create(key.ExportParameters(includePrivateParameters: false)));
    }

    public override VerificationKey VerificationKey { get; }

    /// <summary>Draws a private number from 1 to the order less 1, again while one falls outside (FIPS 186-5, A.2.2).</summary>
    public static EcdsaP256SigningKey Generate(Action<Span<byte>> fillRandom)
    {
        byte[] d = GC.AllocateArray<byte>(32, pinned: true);
        do fillRandom(d);
        while (!IsPrivateNumber(d));
        try
        {
            return new EcdsaP256SigningKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d }));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
    }

    public static bool IsPrivateNumber(ReadOnlySpan<byte> d) =>
        d.Length == Order.Length && d.ContainsAnyExcept((byte)0) && d.SequenceCompareTo(Order) < 0;

    public override byte[] SignDer(ReadOnlySpan<byte> message) => Sign(message, DSASignatureFormat.Rfc3279DerSequence);

    private protected override byte[] SignLive(ReadOnlySpan<byte> message) => Sign(message, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    private protected override byte[] ExportPkcs8()
    {
        lock (_key) return _key.ExportPkcs8PrivateKey();
    }

    private protected override string ExportJwk()
    {
        ECParameters parameters;
        lock (_key) parameters = _key.ExportParameters(includePrivateParameters: true);
        try
        {
            return KeyFormats.EcdsaJwk(parameters);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private protected override void Wipe() => _key.Dispose();

    private byte[] Sign(ReadOnlySpan<byte> message, DSASignatureFormat format)
    {
        ThrowIfDisposed();
        lock (_key) return _key.SignData(message.ToArray(), HashAlgorithmName.SHA256, format);
    }
}
