using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sirsi.Core.Cryptography.Edwards25519;

/// <summary>
/// A point of −x² + y² = 1 + d·x²·y² in extended coordinates (x = X/Z, y = Y/Z, x·y = T/Z). The formulas are complete: they hold
/// for every pair of points, so there is nothing to branch on (Hisil, Wong, Carter, Dawson 2008).
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct EdwardsPoint(FieldElement x, FieldElement y, FieldElement z, FieldElement t)
{
    private static readonly FieldElement D =
        new(0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff);

    private static readonly FieldElement TwoD =
        new(0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff);

    private static readonly FieldElement RootOfMinusOne =
        new(0x61b274a0ea0b0, 0xd5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d);

    private static readonly FieldElement BaseX =
        new(0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5);

    private static readonly FieldElement BaseY =
        new(0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666);

    private readonly FieldElement _x = x, _y = y, _z = z, _t = t;

    public static EdwardsPoint Neutral => new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);

    /// <summary>The generator of RFC 8032, 5.1.</summary>
    public static EdwardsPoint Base => new(BaseX, BaseY, FieldElement.One, BaseX * BaseY);

    public static EdwardsPoint operator -(in EdwardsPoint p) => new(-p._x, p._y, p._z, -p._t);

    public EdwardsPoint Doubled()
    {
        FieldElement a = _x.Squared(), b = _y.Squared(), zz = _z.Squared();
        FieldElement h = a + b, e = h - (_x + _y).Squared(), g = a - b, f = zz + zz + g;
        return new(e * f, g * h, f * g, e * h);
    }

    /// <summary>Adds a point that was prepared by <see cref="Prepared"/>.</summary>
    public EdwardsPoint Plus(in Addend q)
    {
        FieldElement a = (_y - _x) * q.YMinusX, b = (_y + _x) * q.YPlusX, c = _t * q.TTwoD, zz = _z * q.Z;
        return Sum(a, b, c, zz + zz);
    }

    /// <summary>Adds a prepared point whose Z is 1.</summary>
    public EdwardsPoint Plus(in AffineAddend q)
    {
        FieldElement a = (_y - _x) * q.YMinusX, b = (_y + _x) * q.YPlusX, c = _t * q.TTwoD;
        return Sum(a, b, c, _z + _z);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static EdwardsPoint Sum(in FieldElement a, in FieldElement b, in FieldElement c, in FieldElement d)
    {
        FieldElement e = b - a, f = d - c, g = d + c, h = b + a;
        return new(e * f, g * h, f * g, e * h);
    }

    public Addend Prepared() => new(_y + _x, _y - _x, _z, _t * TwoD);

    /// <summary>Prepares with Z = 1, given 1/Z. Products bring the limbs back into range for the sums.</summary>
    public AffineAddend PreparedAffine(in FieldElement zInverse)
    {
        FieldElement affineX = _x * zInverse, affineY = _y * zInverse;
        return new(affineY + affineX, affineY - affineX, affineX * affineY * TwoD);
    }

    public FieldElement Z => _z;

    /// <summary>The 32 bytes of RFC 8032, 5.1.2.</summary>
    public void Encode(Span<byte> bytes)
    {
        FieldElement zInverse = _z.Inverted();
        (_y * zInverse).ToBytes(bytes);
        bytes[31] |= (byte)((_x * zInverse).Sign() << 7);
    }

    /// <summary>Reads 32 bytes (RFC 8032, 5.1.3); false when no point has that y. Time varies: not for secrets.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out EdwardsPoint point)
    {
        FieldElement y = FieldElement.FromBytes(bytes);
        FieldElement yy = y.Squared(), u = yy - FieldElement.One, v = (yy * D) + FieldElement.One;
        FieldElement v3 = v.Squared() * v;
        FieldElement x = u * v3 * (u * v3.Squared() * v).ToRootPower();
        FieldElement square = x.Squared() * v;
        if (!square.Is(u))
        {
            point = Neutral;
            if (!(square + u).Is(FieldElement.Zero)) return false;
            x *= RootOfMinusOne;
        }
        if (x.Sign() != bytes[31] >> 7) x = -x;
        point = new(x, y, FieldElement.One, x * y);
        return true;
    }
}

/// <summary>A point prepared for being added: y + x, y − x, z, 2d·t.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Addend(FieldElement YPlusX, FieldElement YMinusX, FieldElement Z, FieldElement TTwoD)
{
    public Addend Negated() => new(YMinusX, YPlusX, Z, -TTwoD);
}

/// <summary>A point prepared for being added, with z = 1.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AffineAddend(FieldElement YPlusX, FieldElement YMinusX, FieldElement TTwoD)
{
    public static AffineAddend Neutral => new(FieldElement.One, FieldElement.One, FieldElement.Zero);

    public AffineAddend Negated() => new(YMinusX, YPlusX, -TTwoD);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AffineAddend Or(in AffineAddend other, ulong choice) =>
        new(YPlusX.Or(other.YPlusX, choice), YMinusX.Or(other.YMinusX, choice), TTwoD.Or(other.TTwoD, choice));
}
