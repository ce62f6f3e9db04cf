using System.Security.Cryptography;

namespace Sirsi.Core.Cryptography.Edwards25519;

/// <summary>Ed25519 of RFC 8032, 5.1, in managed code. Signing takes the same time for every key and message of one length.</summary>
internal static class ManagedEd25519
{
    public static void PublicKeyOf(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        Span<byte> expanded = stackalloc byte[64];
        Expand(seed, expanded);
        ScalarMultiplication.OfBase(expanded[..32]).Encode(publicKey);
        CryptographicOperations.ZeroMemory(expanded);
    }

    public static void Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> expanded = stackalloc byte[64], nonce = stackalloc byte[64], challenge = stackalloc byte[64];
        Expand(seed, expanded);
        Hash(expanded[32..], default, message, nonce);
        Scalar r = Scalar.Reduce(nonce);
        r.ToBytes(nonce);
        Span<byte> point = stackalloc byte[32];
        ScalarMultiplication.OfBase(nonce[..32]).Encode(point);
        Hash(point, publicKey, message, challenge);
        Scalar s = Scalar.MultiplyAdd(Scalar.FromBytes(expanded), Scalar.Reduce(challenge), r);
        point.CopyTo(signature);
        s.ToBytes(signature[32..]);
        CryptographicOperations.ZeroMemory(expanded);
        CryptographicOperations.ZeroMemory(nonce);
    }

    /// <summary>Whether the encoding of S·B − k·A is the R of the signature. S is known to be below L.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!EdwardsPoint.TryDecode(publicKey, out EdwardsPoint a)) return false;
        Span<byte> challenge = stackalloc byte[64];
        Hash(signature[..32], publicKey, message, challenge);
        Scalar.Reduce(challenge).ToBytes(challenge);
        Span<byte> r = stackalloc byte[32];
        ScalarMultiplication.OfTwo(challenge[..32], -a, signature[32..]).Encode(r);
        return r.SequenceEqual(signature[..32]);
    }

    private static void Expand(ReadOnlySpan<byte> seed, Span<byte> expanded)
    {
        SHA512.HashData(seed, expanded);
        expanded[0] &= 0xF8;
        expanded[31] &= 0x7F;
        expanded[31] |= 0x40;
    }

    private static void Hash(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> hash)
    {
        const int onStack = 1024;
        int length = a.Length + b.Length + c.Length;
        if (length > onStack)
        {
            using var incremental = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
            incremental.AppendData(a);
            incremental.AppendData(b);
            incremental.AppendData(c);
            incremental.GetHashAndReset(hash);
            return;
        }
        Span<byte> all = stackalloc byte[onStack];
        a.CopyTo(all);
        b.CopyTo(all[a.Length..]);
        c.CopyTo(all[(a.Length + b.Length)..]);
        SHA512.HashData(all[..length], hash);
        // The first part is half of the expanded private key when a nonce is made.
        CryptographicOperations.ZeroMemory(all[..a.Length]);
    }
}
