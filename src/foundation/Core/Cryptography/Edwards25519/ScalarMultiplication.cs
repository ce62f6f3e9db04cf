namespace Sirsi.Core.Cryptography.Edwards25519;

/// <summary>Multiples of points: of the base point for secret scalars, and of two points at once for verification.</summary>
internal static class ScalarMultiplication
{
    private const int BaseWindow = 8;
    private const int PointWindow = 5;

    /// <summary>Row i holds 1 to 8 times 256^i times the base point.</summary>
    private static readonly AffineAddend[] Rows = BuildRows();

    /// <summary>1, 3, 5 … 127 times the base point.</summary>
    private static readonly AffineAddend[] OddMultiplesOfBase = BuildOddMultiples();

    /// <summary>
    /// scalar·B, for a secret scalar of 32 bytes below 2^255: sixteen-adic digits from −8 to 8, each looked up by reading its
    /// whole row, so neither branches nor addresses depend on the scalar.
    /// </summary>
    public static EdwardsPoint OfBase(ReadOnlySpan<byte> scalar)
    {
        Span<sbyte> digits = stackalloc sbyte[64];
        SignedDigits(scalar, digits);
        EdwardsPoint sum = EdwardsPoint.Neutral;
        for (int i = 1; i < 64; i += 2) sum = sum.Plus(Look(i / 2, digits[i]));
        sum = sum.Doubled().Doubled().Doubled().Doubled();
        for (int i = 0; i < 64; i += 2) sum = sum.Plus(Look(i / 2, digits[i]));
        digits.Clear();
        return sum;
    }

    /// <summary>a·P + b·B. Time varies with the scalars: for public values only (Straus, with sliding windows).</summary>
    public static EdwardsPoint OfTwo(ReadOnlySpan<byte> a, in EdwardsPoint p, ReadOnlySpan<byte> b)
    {
        Span<sbyte> digitsA = stackalloc sbyte[256], digitsB = stackalloc sbyte[256];
        NonAdjacentForm(a, PointWindow, digitsA);
        NonAdjacentForm(b, BaseWindow, digitsB);
        Span<Addend> odd = stackalloc Addend[1 << (PointWindow - 2)];
        odd[0] = p.Prepared();
        Addend twice = p.Doubled().Prepared();
        EdwardsPoint multiple = p;
        for (int i = 1; i < odd.Length; i++)
        {
            multiple = multiple.Plus(twice);
            odd[i] = multiple.Prepared();
        }

        int top = 255;
        while (top > 0 && digitsA[top] == 0 && digitsB[top] == 0) top--;
        EdwardsPoint sum = EdwardsPoint.Neutral;
        for (int i = top; i >= 0; i--)
        {
            sum = sum.Doubled();
            if (digitsA[i] > 0) sum = sum.Plus(odd[digitsA[i] / 2]);
            else if (digitsA[i] < 0) sum = sum.Plus(odd[-digitsA[i] / 2].Negated());
            if (digitsB[i] > 0) sum = sum.Plus(OddMultiplesOfBase[digitsB[i] / 2]);
            else if (digitsB[i] < 0) sum = sum.Plus(OddMultiplesOfBase[-digitsB[i] / 2].Negated());
        }
        return sum;
    }

    private static AffineAddend Look(int row, sbyte digit)
    {
        ulong negative = (ulong)(digit >> 7) & 1;
        uint size = (uint)((digit ^ (digit >> 7)) - (digit >> 7));
        AffineAddend found = AffineAddend.Neutral;
        for (uint i = 1; i <= 8; i++)
        {
            ulong same = ((size ^ i) - 1UL) >> 63;
            found = found.Or(Rows[(row * 8) + (int)i - 1], same);
        }
        return found.Or(found.Negated(), negative);
    }

    private static void SignedDigits(ReadOnlySpan<byte> scalar, Span<sbyte> digits)
    {
        for (int i = 0; i < 32; i++)
        {
            digits[2 * i] = (sbyte)(scalar[i] & 15);
            digits[(2 * i) + 1] = (sbyte)(scalar[i] >> 4);
        }
        int carry = 0;
        for (int i = 0; i < 63; i++)
        {
            int digit = digits[i] + carry;
            carry = (digit + 8) >> 4;
            digits[i] = (sbyte)(digit - (carry << 4));
        }
        digits[63] += (sbyte)carry;
    }

    /// <summary>Digits that are 0 or odd and below 2^(window−1) in size, each followed by at least window−1 zeros.</summary>
    private static void NonAdjacentForm(ReadOnlySpan<byte> scalar, int window, Span<sbyte> digits)
    {
        digits.Clear();
        int carry = 0;
        int i = 0;
        while (i < 256)
        {
            int bit = (scalar[i >> 3] >> (i & 7)) & 1;
            if (bit == carry)
            {
                i++;
                continue;
            }
            int digit = carry;
            for (int k = 0; k < window && i + k < 256; k++) digit += ((scalar[(i + k) >> 3] >> ((i + k) & 7)) & 1) << k;
            carry = digit >> (window - 1);
            digits[i] = (sbyte)(digit - (carry << window));
            i += window;
        }
    }

    private static AffineAddend[] BuildRows()
    {
        var points = new EdwardsPoint[32 * 8];
        EdwardsPoint first = EdwardsPoint.Base;
        for (int row = 0; row < 32; row++)
        {
            Addend step = first.Prepared();
            points[row * 8] = first;
            for (int i = 1; i < 8; i++) points[(row * 8) + i] = points[(row * 8) + i - 1].Plus(step);
            for (int i = 0; i < 8; i++) first = first.Doubled();
        }
        return ToAffine(points);
    }

    private static AffineAddend[] BuildOddMultiples()
    {
        var points = new EdwardsPoint[1 << (BaseWindow - 2)];
        Addend twice = EdwardsPoint.Base.Doubled().Prepared();
        points[0] = EdwardsPoint.Base;
        for (int i = 1; i < points.Length; i++) points[i] = points[i - 1].Plus(twice);
        return ToAffine(points);
    }

    /// <summary>One inversion for all: prefix products forward, inverses backward (Montgomery's trick).</summary>
    private static AffineAddend[] ToAffine(EdwardsPoint[] points)
    {
        var before = new FieldElement[points.Length];
        FieldElement product = FieldElement.One;
        for (int i = 0; i < points.Length; i++)
        {
            before[i] = product;
            product *= points[i].Z;
        }
        FieldElement inverse = product.Inverted();
        var addends = new AffineAddend[points.Length];
        for (int i = points.Length - 1; i >= 0; i--)
        {
            addends[i] = points[i].PreparedAffine(inverse * before[i]);
            inverse *= points[i].Z;
        }
        return addends;
    }
}
