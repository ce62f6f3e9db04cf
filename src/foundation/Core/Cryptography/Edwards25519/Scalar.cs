using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sirsi.Core.Cryptography.Edwards25519;

/// <summary>
/// A number below 2^256, mostly one modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point.
/// Multiplication is Montgomery's with R = 2^256; time does not depend on values.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct Scalar(ulong w0, ulong w1, ulong w2, ulong w3)
{
    private const ulong L0 = 0x5812631a5cf5d3ed, L1 = 0x14def9dea2f79cd6, L2 = 0, L3 = 0x1000000000000000;

    /// <summary>−1/L modulo 2^64.</summary>
    private const ulong MinusInverse = 0xd2b51da312547e1b;

    /// <summary>R² modulo L.</summary>
    private static readonly Scalar RSquared = new(0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x399411b7c309a3d);

    private readonly ulong _w0 = w0, _w1 = w1, _w2 = w2, _w3 = w3;

    public static Scalar FromBytes(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public void ToBytes(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _w0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], _w1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], _w2);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], _w3);
    }

    /// <summary>Whether the number is below L, as the S of a signature must be (RFC 8032, 5.1.7).</summary>
    public bool IsReduced()
    {
        _ = SubtractL(_w0, _w1, _w2, _w3, out ulong borrow);
        return borrow == 1;
    }

    /// <summary>64 little-endian bytes modulo L.</summary>
    public static Scalar Reduce(ReadOnlySpan<byte> bytes)
    {
        Scalar low = FromBytes(bytes), high = FromBytes(bytes[32..]);
        return Add(Multiply(high, RSquared), Multiply(Multiply(low, RSquared), new Scalar(1, 0, 0, 0)));
    }

    /// <summary>a·b + c modulo L; <paramref name="b"/> and <paramref name="c"/> are below L.</summary>
    public static Scalar MultiplyAdd(in Scalar a, in Scalar b, in Scalar c) => Add(Multiply(Multiply(a, b), RSquared), c);

    private static Scalar Add(in Scalar a, in Scalar b)
    {
        UInt128 s = (UInt128)a._w0 + b._w0;
        ulong r0 = (ulong)s;
        s = (s >> 64) + a._w1 + b._w1;
        ulong r1 = (ulong)s;
        s = (s >> 64) + a._w2 + b._w2;
        ulong r2 = (ulong)s;
        ulong r3 = (ulong)(s >> 64) + a._w3 + b._w3;
        return OnceReduced(r0, r1, r2, r3);
    }

    /// <summary>a·b/R modulo L, for a below R and b below L.</summary>
    private static Scalar Multiply(in Scalar a, in Scalar b)
    {
        ulong r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0;
        Span<ulong> words = [a._w0, a._w1, a._w2, a._w3];
        foreach (ulong word in words)
        {
            UInt128 t = ((UInt128)word * b._w0) + r0;
            r0 = (ulong)t;
            t = ((UInt128)word * b._w1) + r1 + (t >> 64);
            r1 = (ulong)t;
            t = ((UInt128)word * b._w2) + r2 + (t >> 64);
            r2 = (ulong)t;
            t = ((UInt128)word * b._w3) + r3 + (t >> 64);
            r3 = (ulong)t;
            r4 += (ulong)(t >> 64);

            ulong m = unchecked(r0 * MinusInverse);
            t = ((UInt128)m * L0) + r0;
            t = ((UInt128)m * L1) + r1 + (t >> 64);
            r0 = (ulong)t;
            t = ((UInt128)m * L2) + r2 + (t >> 64);
            r1 = (ulong)t;
            t = ((UInt128)m * L3) + r3 + (t >> 64);
            r2 = (ulong)t;
            t = (t >> 64) + r4;
            r3 = (ulong)t;
            r4 = (ulong)(t >> 64);
        }
        words.Clear();
        return OnceReduced(r0, r1, r2, r3);
    }

    /// <summary>A number below 2L, reduced to below L.</summary>
    private static Scalar OnceReduced(ulong r0, ulong r1, ulong r2, ulong r3)
    {
        Scalar less = SubtractL(r0, r1, r2, r3, out ulong borrow);
        ulong keep = 0 - borrow;
        return new(
            (keep & r0) | (~keep & less._w0), (keep & r1) | (~keep & less._w1),
            (keep & r2) | (~keep & less._w2), (keep & r3) | (~keep & less._w3));
    }

    private static Scalar SubtractL(ulong r0, ulong r1, ulong r2, ulong r3, out ulong borrow)
    {
        UInt128 s = (UInt128)r0 - L0;
        ulong d0 = (ulong)s;
        s = (UInt128)r1 - L1 - ((s >> 64) & 1);
        ulong d1 = (ulong)s;
        s = (UInt128)r2 - L2 - ((s >> 64) & 1);
        ulong d2 = (ulong)s;
        s = (UInt128)r3 - L3 - ((s >> 64) & 1);
        borrow = (ulong)(s >> 64) & 1;
        return new(d0, d1, d2, (ulong)s);
    }
}
