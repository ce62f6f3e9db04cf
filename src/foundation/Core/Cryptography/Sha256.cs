using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sirsi.Core.Cryptography;

/// <summary>
/// A SHA-256 digest (FIPS 180-4) or HMAC-SHA-256 tag (RFC 2104) as a value of 32 bytes. Equality takes the same time for equal and unequal
/// values, so it is safe for tags and tokens.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Sha256 : IEquatable<Sha256>
{
    /// <summary>Bytes in a digest.</summary>
    public const int Size = 32;

    /// <summary>Fewest bytes of a tag that <see cref="Matches"/> accepts: half, as RFC 2104 advises.</summary>
    public const int TruncatedSizeMin = 16;

    private const string Prefix = "sha256:";

    private readonly UInt128 _first, _last;

    /// <summary>Takes the 32 bytes of a digest made elsewhere.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public Sha256(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != Size) throw new ArgumentException($"A digest has {Size} bytes, not {digest.Length}.", nameof(digest));
        _first = MemoryMarshal.Read<UInt128>(digest);
        _last = MemoryMarshal.Read<UInt128>(digest[16..]);
    }

    /// <summary>The digest of the data.</summary>
    public static Sha256 Of(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[Size];
        SHA256.HashData(data, digest);
        return new Sha256(digest);
    }

    /// <summary>The digest of all that is left in a stream, read in pieces.</summary>
    public static async ValueTask<Sha256> OfAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] digest = await SHA256.HashDataAsync(stream, cancellation);
        return new Sha256(digest);
    }

    /// <summary>The HMAC-SHA-256 tag of the data under a key of any length.</summary>
    public static Sha256 Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        Span<byte> tag = stackalloc byte[Size];
        HMACSHA256.HashData(key, data, tag);
        return new Sha256(tag);
    }

    /// <summary>
    /// Whether this tag, or its beginning, is the given tag of <see cref="TruncatedSizeMin"/> to 32 bytes; false for any other length.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> tag) =>
        tag.Length is >= TruncatedSizeMin and <= Size && CryptographicOperations.FixedTimeEquals(Bytes(in this)[..tag.Length], tag);

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => Bytes(in this).CopyTo(destination);

    /// <summary>The 32 bytes in a new array.</summary>
    public byte[] ToArray() => Bytes(in this).ToArray();

    /// <summary><c>sha256:</c> and 64 lower-case hexadecimal digits, as container registries write digests.</summary>
    public override string ToString() => Prefix + Convert.ToHexStringLower(Bytes(in this));

    /// <summary>Reads what <see cref="ToString"/> writes, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Sha256 digest)
    {
        digest = default;
        if (text.Length != Prefix.Length + (2 * Size) || !text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        ReadOnlySpan<char> hex = text[Prefix.Length..];
        Span<byte> bytes = stackalloc byte[Size];
        if (hex.ContainsAnyInRange('A', 'F')) return false;
        if (Convert.FromHexString(hex, bytes, out _, out _) is not System.Buffers.OperationStatus.Done) return false;
        digest = new Sha256(bytes);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Sha256 other) => CryptographicOperations.FixedTimeEquals(Bytes(in this), Bytes(in other));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Sha256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, _last);

    /// <summary>Whether both are the same 32 bytes.</summary>
    public static bool operator ==(Sha256 a, Sha256 b) => a.Equals(b);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(Sha256 a, Sha256 b) => !a.Equals(b);

    private static ReadOnlySpan<byte> Bytes(in Sha256 digest) => MemoryMarshal.AsBytes(new ReadOnlySpan<Sha256>(in digest));
}
