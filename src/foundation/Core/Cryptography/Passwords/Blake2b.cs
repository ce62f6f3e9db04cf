using System.Buffers.Binary;
using System.Numerics;

namespace Sirsi.Core.Cryptography.Passwords;

/// <summary>BLAKE2b without a key (RFC 7693), which Argon2 is built on; the platform has none. Feed it, then finish once.</summary>
internal ref struct Blake2b
{
    private const int BlockSize = 128;
    private const int Rounds = 12;

    private static readonly ulong[] Initial =
    [
        0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
        0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    ];

    private static ReadOnlySpan<byte> Order =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    private readonly Span<ulong> _state;
    private readonly Span<byte> _block;
    private readonly int _size;
    private int _filled;
    private ulong _total;

    /// <summary>Starts a digest of 1 to 64 bytes in the given room: 8 words and 128 bytes.</summary>
    public Blake2b(int size, Span<ulong> state, Span<byte> block)
    {
        _size = size;
        _state = state;
        _block = block;
        Initial.CopyTo(state);
        state[0] ^= 0x01010000UL ^ (ulong)size;
    }

    public void Append(scoped ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            // The last block is compressed at the end, so a full one waits until more comes.
            if (_filled == BlockSize)
            {
                _total += BlockSize;
                Compress(last: false);
                _filled = 0;
            }
            int taken = Math.Min(data.Length, BlockSize - _filled);
            data[..taken].CopyTo(_block[_filled..]);
            _filled += taken;
            data = data[taken..];
        }
    }

    public void Append(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        Append(bytes);
    }

    public void Finish(Span<byte> digest)
    {
        _total += (ulong)_filled;
        _block[_filled..].Clear();
        Compress(last: true);
        Span<byte> all = stackalloc byte[64];
        for (int i = 0; i < 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(all[(8 * i)..], _state[i]);
        all[.._size].CopyTo(digest);
        all.Clear();
        _block.Clear();
        _state.Clear();
    }

    /// <summary>The digest of two parts.</summary>
    public static void Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> digest)
    {
        var hash = new Blake2b(digest.Length, stackalloc ulong[8], stackalloc byte[BlockSize]);
        hash.Append(first);
        hash.Append(second);
        hash.Finish(digest);
    }

    private readonly void Compress(bool last)
    {
        Span<ulong> m = stackalloc ulong[16], v = stackalloc ulong[16];
        for (int i = 0; i < 16; i++) m[i] = BinaryPrimitives.ReadUInt64LittleEndian(_block[(8 * i)..]);
        _state.CopyTo(v);
        Initial.CopyTo(v[8..]);
        v[12] ^= _total;
        if (last) v[14] = ~v[14];
        for (int round = 0; round < Rounds; round++)
        {
            ReadOnlySpan<byte> s = Order.Slice(round % 10 * 16, 16);
            for (int i = 0; i < 4; i++) Mix(v, i, i + 4, i + 8, i + 12, m[s[2 * i]], m[s[(2 * i) + 1]]);
            for (int i = 0; i < 4; i++)
                Mix(v, i, ((i + 1) & 3) + 4, ((i + 2) & 3) + 8, ((i + 3) & 3) + 12, m[s[8 + (2 * i)]], m[s[9 + (2 * i)]]);
        }
        for (int i = 0; i < 8; i++) _state[i] ^= v[i] ^ v[i + 8];
        m.Clear();
        v.Clear();
    }

    private static void Mix(Span<ulong> v, int a, int b, int c, int d, ulong x, ulong y)
    {
        v[a] += v[b] + x;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 32);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 24);
        v[a] += v[b] + y;
        v[d] = BitOperations.RotateRight(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = BitOperations.RotateRight(v[b] ^ v[c], 63);
    }
}
