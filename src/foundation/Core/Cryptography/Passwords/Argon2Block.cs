using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sirsi.Core.Cryptography.Passwords;

/// <summary>The compression of Argon2 (RFC 9106, 3.5 and 3.6) over blocks of 128 words, four words at a time.</summary>
internal static unsafe class Argon2Block
{
    /// <summary>64-bit words in a block of 1 KiB.</summary>
    public const int Words = 128;

    private static readonly Vector256<byte> Rotate24 = Vector256.Create(
        (byte)3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);

    private static readonly Vector256<byte> Rotate16 = Vector256.Create(
        (byte)2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);

    /// <summary>
    /// next = G(previous, reference), or with <paramref name="addToNext"/> next xor that, as passes after the first do.
    /// <paramref name="work"/> is room for one block.
    /// </summary>
    [SkipLocalsInit]
    public static void Fill(ulong* previous, ulong* reference, ulong* next, ulong* work, bool addToNext)
    {
        for (int i = 0; i < Words; i += 4)
        {
            Vector256<ulong> r = Vector256.Load(previous + i) ^ Vector256.Load(reference + i);
            r.Store(work + i);
            (addToNext ? r ^ Vector256.Load(next + i) : r).Store(next + i);
        }
        for (int row = 0; row < 8; row += 2) Rows(work + (16 * row));
        for (int column = 0; column < 8; column += 2) Columns(work + (2 * column));
        for (int i = 0; i < Words; i += 4) (Vector256.Load(next + i) ^ Vector256.Load(work + i)).Store(next + i);
    }

    /// <summary>The permutation P on two rows of 16 words; two at once keep the processor busy.</summary>
    private static void Rows(ulong* w)
    {
        Vector256<ulong> a = Vector256.Load(w), b = Vector256.Load(w + 4), c = Vector256.Load(w + 8), d = Vector256.Load(w + 12);
        Vector256<ulong> e = Vector256.Load(w + 16), f = Vector256.Load(w + 20), g = Vector256.Load(w + 24), h = Vector256.Load(w + 28);
        Permute(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        a.Store(w);
        b.Store(w + 4);
        c.Store(w + 8);
        d.Store(w + 12);
        e.Store(w + 16);
        f.Store(w + 20);
        g.Store(w + 24);
        h.Store(w + 28);
    }

    /// <summary>The permutation P on two columns: the pairs of words 16 apart.</summary>
    private static void Columns(ulong* w)
    {
        Vector256<ulong> a = Pair(w, 0), b = Pair(w, 32), c = Pair(w, 64), d = Pair(w, 96);
        Vector256<ulong> e = Pair(w + 2, 0), f = Pair(w + 2, 32), g = Pair(w + 2, 64), h = Pair(w + 2, 96);
        Permute(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        Unpair(a, w, 0);
        Unpair(b, w, 32);
        Unpair(c, w, 64);
        Unpair(d, w, 96);
        Unpair(e, w + 2, 0);
        Unpair(f, w + 2, 32);
        Unpair(g, w + 2, 64);
        Unpair(h, w + 2, 96);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Pair(ulong* w, int at) => Vector256.Create(Vector128.Load(w + at), Vector128.Load(w + at + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpair(Vector256<ulong> v, ulong* w, int at)
    {
        v.GetLower().Store(w + at);
        v.GetUpper().Store(w + at + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Permute(
        ref Vector256<ulong> a, ref Vector256<ulong> b, ref Vector256<ulong> c, ref Vector256<ulong> d,
        ref Vector256<ulong> e, ref Vector256<ulong> f, ref Vector256<ulong> g, ref Vector256<ulong> h)
    {
        Mix(ref a, ref b, ref c, ref d);
        Mix(ref e, ref f, ref g, ref h);
        b = Turn(b, 1);
        c = Turn(c, 2);
        d = Turn(d, 3);
        f = Turn(f, 1);
        g = Turn(g, 2);
        h = Turn(h, 3);
        Mix(ref a, ref b, ref c, ref d);
        Mix(ref e, ref f, ref g, ref h);
        b = Turn(b, 3);
        c = Turn(c, 2);
        d = Turn(d, 1);
        f = Turn(f, 3);
        g = Turn(g, 2);
        h = Turn(h, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref Vector256<ulong> a, ref Vector256<ulong> b, ref Vector256<ulong> c, ref Vector256<ulong> d)
    {
        a = Sum(a, b);
        d = Right32(d ^ a);
        c = Sum(c, d);
        b = Right24(b ^ c);
        a = Sum(a, b);
        d = Right16(d ^ a);
        c = Sum(c, d);
        b ^= c;
        b = (b >>> 63) ^ (b + b);
    }

    /// <summary>a + b + 2 · low half of a · low half of b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Sum(Vector256<ulong> a, Vector256<ulong> b)
    {
        Vector256<ulong> product = Avx2.IsSupported
            ? Avx2.Multiply(a.AsUInt32(), b.AsUInt32())
            : (a & Vector256.Create(0xFFFFFFFFUL)) * (b & Vector256.Create(0xFFFFFFFFUL));
        return a + b + product + product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Right32(Vector256<ulong> v) =>
        Avx2.IsSupported ? Avx2.Shuffle(v.AsUInt32(), 0b10_11_00_01).AsUInt64() : (v >>> 32) | (v << 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Right24(Vector256<ulong> v) =>
        Avx2.IsSupported ? Avx2.Shuffle(v.AsByte(), Rotate24).AsUInt64() : (v >>> 24) | (v << 40);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Right16(Vector256<ulong> v) =>
        Avx2.IsSupported ? Avx2.Shuffle(v.AsByte(), Rotate16).AsUInt64() : (v >>> 16) | (v << 48);

    /// <summary>Turns the four words by <paramref name="places"/> to the left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Turn(Vector256<ulong> v, [ConstantExpected] int places) => places switch
    {
        1 => Vector256.Shuffle(v, Vector256.Create(1UL, 2, 3, 0)),
        2 => Vector256.Shuffle(v, Vector256.Create(2UL, 3, 0, 1)),
        _ => Vector256.Shuffle(v, Vector256.Create(3UL, 0, 1, 2)),
    };
}
