using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sirsi.Core.Cryptography.Edwards25519;

/// <summary>
/// A number modulo p = 2^255 − 19 in five limbs of 51 bits. Limbs may run over by a few bits between operations: a product or
/// square has limbs below 2^52, and products take limbs below 2^54. No operation branches on or indexes by a value, so time
/// does not depend on secrets.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct FieldElement(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
{
    private const ulong Mask = (1UL << 51) - 1;

    private readonly ulong _l0 = l0, _l1 = l1, _l2 = l2, _l3 = l3, _l4 = l4;

    public static FieldElement Zero => default;

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>Reads 32 little-endian bytes; the top bit is left aside, and a number not below p is taken modulo p.</summary>
    public static FieldElement FromBytes(ReadOnlySpan<byte> bytes)
    {
        ulong w0 = BinaryPrimitives.ReadUInt64LittleEndian(bytes), w1 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        ulong w2 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), w3 = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]);
        return new FieldElement(
            w0 & Mask,
            ((w0 >> 51) | (w1 << 13)) & Mask,
            ((w1 >> 38) | (w2 << 26)) & Mask,
            ((w2 >> 25) | (w3 << 39)) & Mask,
            (w3 >> 12) & Mask);
    }

    /// <summary>Writes the one canonical form, below p, as 32 little-endian bytes.</summary>
    public void ToBytes(Span<byte> bytes)
    {
        FieldElement r = Carried();
        // q is 1 when the number is p or more: adding 19 then runs over 2^255.
        ulong q = (r._l0 + 19) >> 51;
        q = (r._l1 + q) >> 51;
        q = (r._l2 + q) >> 51;
        q = (r._l3 + q) >> 51;
        q = (r._l4 + q) >> 51;
        ulong a0 = r._l0 + (19 * q);
        ulong a1 = r._l1 + (a0 >> 51), a2 = r._l2 + (a1 >> 51), a3 = r._l3 + (a2 >> 51), a4 = r._l4 + (a3 >> 51);
        (a0, a1, a2, a3, a4) = (a0 & Mask, a1 & Mask, a2 & Mask, a3 & Mask, a4 & Mask);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, a0 | (a1 << 51));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], (a1 >> 13) | (a2 << 38));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], (a2 >> 26) | (a3 << 25));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], (a3 >> 39) | (a4 << 12));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement operator +(in FieldElement a, in FieldElement b) =>
        new(a._l0 + b._l0, a._l1 + b._l1, a._l2 + b._l2, a._l3 + b._l3, a._l4 + b._l4);

    /// <summary>Adds 4p first, so the limbs of <paramref name="b"/> may reach 2^53 − 76.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement operator -(in FieldElement a, in FieldElement b)
    {
        const ulong low = 4 * ((1UL << 51) - 19), high = 4 * ((1UL << 51) - 1);
        return new(a._l0 + low - b._l0, a._l1 + high - b._l1, a._l2 + high - b._l2, a._l3 + high - b._l3, a._l4 + high - b._l4);
    }

    public static FieldElement operator -(in FieldElement a) => Zero - a;

    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        ulong b1 = 19 * b._l1, b2 = 19 * b._l2, b3 = 19 * b._l3, b4 = 19 * b._l4;
        Wide r0 = default, r1 = default, r2 = default, r3 = default, r4 = default;
        r0.Add(a._l0, b._l0); r0.Add(a._l1, b4); r0.Add(a._l2, b3); r0.Add(a._l3, b2); r0.Add(a._l4, b1);
        r1.Add(a._l0, b._l1); r1.Add(a._l1, b._l0); r1.Add(a._l2, b4); r1.Add(a._l3, b3); r1.Add(a._l4, b2);
        r2.Add(a._l0, b._l2); r2.Add(a._l1, b._l1); r2.Add(a._l2, b._l0); r2.Add(a._l3, b4); r2.Add(a._l4, b3);
        r3.Add(a._l0, b._l3); r3.Add(a._l1, b._l2); r3.Add(a._l2, b._l1); r3.Add(a._l3, b._l0); r3.Add(a._l4, b4);
        r4.Add(a._l0, b._l4); r4.Add(a._l1, b._l3); r4.Add(a._l2, b._l2); r4.Add(a._l3, b._l1); r4.Add(a._l4, b._l0);
        return Reduce(r0, r1, r2, r3, r4);
    }

    public FieldElement Squared()
    {
        ulong d0 = 2 * _l0, d1 = 2 * _l1, d3 = 38 * _l3, e3 = 19 * _l3, e4 = 19 * _l4;
        Wide r0 = default, r1 = default, r2 = default, r3 = default, r4 = default;
        r0.Add(_l0, _l0); r0.Add(d1, e4); r0.Add(_l2, d3);
        r1.Add(d0, _l1); r1.Add(2 * _l2, e4); r1.Add(_l3, e3);
        r2.Add(d0, _l2); r2.Add(_l1, _l1); r2.Add(2 * _l3, e4);
        r3.Add(d0, _l3); r3.Add(d1, _l2); r3.Add(_l4, e4);
        r4.Add(d0, _l4); r4.Add(d1, _l3); r4.Add(_l2, _l2);
        return Reduce(r0, r1, r2, r3, r4);
    }

    /// <summary>This number to the power of 2^<paramref name="count"/>.</summary>
    private FieldElement Squared(int count)
    {
        FieldElement r = this;
        for (int i = 0; i < count; i++) r = r.Squared();
        return r;
    }

    /// <summary>1 over this number (to the power of p − 2); 0 for 0.</summary>
    public FieldElement Inverted()
    {
        (FieldElement ones, FieldElement eleven) = Powers();
        return ones.Squared(5) * eleven;
    }

    /// <summary>To the power of (p − 5)/8, from which a square root follows.</summary>
    public FieldElement ToRootPower() => Powers().Ones.Squared(2) * this;

    /// <summary>To the powers of 2^250 − 1 and of 11.</summary>
    private (FieldElement Ones, FieldElement Eleven) Powers()
    {
        FieldElement two = Squared(), nine = two.Squared(2) * this, eleven = nine * two;
        FieldElement ones5 = eleven.Squared() * nine, ones10 = ones5.Squared(5) * ones5, ones20 = ones10.Squared(10) * ones10;
        FieldElement ones40 = ones20.Squared(20) * ones20, ones50 = ones40.Squared(10) * ones10, ones100 = ones50.Squared(50) * ones50;
        FieldElement ones200 = ones100.Squared(100) * ones100;
        return (ones200.Squared(50) * ones50, eleven);
    }

    /// <summary><paramref name="other"/> when <paramref name="choice"/> is 1, this when it is 0, in the same time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldElement Or(in FieldElement other, ulong choice)
    {
        ulong mask = 0 - choice;
        return new(
            _l0 ^ (mask & (_l0 ^ other._l0)), _l1 ^ (mask & (_l1 ^ other._l1)), _l2 ^ (mask & (_l2 ^ other._l2)),
            _l3 ^ (mask & (_l3 ^ other._l3)), _l4 ^ (mask & (_l4 ^ other._l4)));
    }

    /// <summary>The lowest bit of the canonical form: the "sign" of RFC 8032, 5.1.2.</summary>
    public int Sign()
    {
        Span<byte> bytes = stackalloc byte[32];
        ToBytes(bytes);
        return bytes[0] & 1;
    }

    /// <summary>Whether both are the same number modulo p.</summary>
    public bool Is(in FieldElement other)
    {
        Span<byte> a = stackalloc byte[32], b = stackalloc byte[32];
        ToBytes(a);
        other.ToBytes(b);
        return System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(a, b);
    }

    private FieldElement Carried()
    {
        ulong a0 = _l0, a1 = _l1, a2 = _l2, a3 = _l3, a4 = _l4;
        for (int round = 0; round < 2; round++)
        {
            a1 += a0 >> 51; a0 &= Mask;
            a2 += a1 >> 51; a1 &= Mask;
            a3 += a2 >> 51; a2 &= Mask;
            a4 += a3 >> 51; a3 &= Mask;
            a0 += 19 * (a4 >> 51); a4 &= Mask;
        }
        a1 += a0 >> 51; a0 &= Mask;
        return new(a0, a1, a2, a3, a4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Reduce(Wide r0, Wide r1, Wide r2, Wide r3, Wide r4)
    {
        r1.Add(r0.Carry());
        r2.Add(r1.Carry());
        r3.Add(r2.Carry());
        r4.Add(r3.Carry());
        // 19 times the last carry can pass 64 bits by a little.
        Wide low = default;
        low.Add(r4.Carry(), 19);
        low.Add(r0.Low & Mask);
        return new(low.Low & Mask, (r1.Low & Mask) + low.Carry(), r2.Low & Mask, r3.Low & Mask, r4.Low & Mask);
    }

    /// <summary>A sum of products, 128 bits wide.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Wide
    {
        public ulong Low;
        private ulong _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ulong a, ulong b)
        {
            ulong high = Math.BigMul(a, b, out ulong low);
            Low += low;
            _high += high + (Low < low ? 1UL : 0UL);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ulong a)
        {
            Low += a;
            _high += Low < a ? 1UL : 0UL;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly ulong Carry() => (Low >> 51) | (_high << 13);
    }
}
