using System.Buffers.Binary;

namespace Sirsi.Core.Identity;

/// <summary>
/// Makes UUIDs of version 7 (RFC 9562, 5.7) from a clock and a source of random bytes. Each id is greater than every one
/// this source made before, also within a millisecond and when the clock is set back. Thread-safe; does not allocate.
/// </summary>
/// <remarks>
/// Method 2 of RFC 9562, 6.2: within a millisecond the 74 random bits go on counting from where they were, by a random step of 1 to
/// 2^32, so the next id cannot be guessed. They begin below half their range; should they run over, time moves on by a millisecond.
/// </remarks>
public sealed class IdSource
{
    private const int BytesPerId = 10;

    private readonly TimeProvider _time;
    private readonly Action<Span<byte>> _fillRandom;
    private readonly Lock _lock = new();
    private readonly byte[] _random = new byte[16 * BytesPerId];
    private int _randomUsed;
    private long _milliseconds = -1;
    private UInt128 _tail;

    /// <summary>Starts a source.</summary>
    /// <param name="time">The clock the ids begin with.</param>
    /// <param name="fillRandom">
    /// Fills its argument with random bytes, called by one thread at a time: a cryptographic generator in production, a seeded one
    /// for runs that have to be repeated.
    /// </param>
    public IdSource(TimeProvider time, Action<Span<byte>> fillRandom)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(fillRandom);
        _time = time;
        _fillRandom = fillRandom;
        _randomUsed = _random.Length;
    }

    /// <summary>The next id of a kind.</summary>
    public Id<TKind> Next<TKind>()
        where TKind : IIdKind => new(Next());

    /// <summary>The next UUID.</summary>
    public Guid Next()
    {
        const int tailBits = 74, lowBits = 62;
        long milliseconds;
        UInt128 tail;
        lock (_lock)
        {
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            ReadOnlySpan<byte> random = NextRandom();
            if (now > _milliseconds)
            {
                _milliseconds = now;
                _tail = FreshTail(random);
            }
            else
            {
                _tail += 1 + (UInt128)BinaryPrimitives.ReadUInt32BigEndian(random);
                if (_tail >> tailBits != 0)
                {
                    _milliseconds++;
                    _tail = FreshTail(random);
                }
            }
            (milliseconds, tail) = (_milliseconds, _tail);
        }
        ulong high = ((ulong)milliseconds << 16) | 0x7000 | (ulong)(tail >> lowBits);
        ulong low = 0x8000_0000_0000_0000 | ((ulong)tail & ((1UL << lowBits) - 1));
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>73 random bits: the top one of 74 stays free to count into.</summary>
    private static UInt128 FreshTail(ReadOnlySpan<byte> random)
    {
        ulong high = BinaryPrimitives.ReadUInt16BigEndian(random) & 0x1FFUL;
        return ((UInt128)high << 64) | BinaryPrimitives.ReadUInt64BigEndian(random[2..]);
    }

    private ReadOnlySpan<byte> NextRandom()
    {
        if (_randomUsed == _random.Length)
        {
            _fillRandom(_random);
            _randomUsed = 0;
        }
        _randomUsed += BytesPerId;
        return _random.AsSpan(_randomUsed - BytesPerId, BytesPerId);
    }
}
