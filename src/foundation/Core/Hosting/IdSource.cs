using System.Buffers.Binary;

namespace Sirsi.Core.Hosting;

/// <summary>
/// Makes identifiers: UUID version 7 (RFC 9562, section 5.7). Each is greater than the one before it from the same source,
/// compared as text or as big-endian bytes, also when the clock stands still or goes back (section 6.2, method 2). They are
/// unique, not secret: who sees one can guess its neighbours. Safe for any number of threads.
/// </summary>
public sealed class IdSource
{
    private const ulong RandomALast = 0xFFF;
    private const ulong RandomBLast = (1UL << 62) - 1;

    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly Lock _lock = new();
    private long _milliseconds = -1;
    private ulong _randomA;
    private ulong _randomB;

    /// <summary>Identifiers whose first 48 bits are the milliseconds of <paramref name="time"/> since 1970.</summary>
    public IdSource(TimeProvider time, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(random);
        _time = time;
        _random = random;
    }

    /// <summary>The next identifier.</summary>
    public Guid Next()
    {
        Span<byte> id = stackalloc byte[16];
        lock (_lock)
        {
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > _milliseconds) StartMillisecond(now);
            else Step();
            BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)_milliseconds << 16) | 0x7000 | _randomA);
            BinaryPrimitives.WriteUInt64BigEndian(id[8..], (1UL << 63) | _randomB);
        }

        return new Guid(id, bigEndian: true);
    }

    private void StartMillisecond(long milliseconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.FillSecret(bytes);
        _milliseconds = milliseconds;
        // The top bit starts clear: room to count up before the next millisecond has to be borrowed.
        _randomA = BinaryPrimitives.ReadUInt64LittleEndian(bytes) & (RandomALast >> 1);
        _randomB = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) & RandomBLast;
    }

    private void Step()
    {
        Span<byte> bytes = stackalloc byte[4];
        _random.FillSecret(bytes);
        _randomB += 1UL + BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (_randomB <= RandomBLast) return;
        _randomB &= RandomBLast;
        if (++_randomA > RandomALast) StartMillisecond(_milliseconds + 1);
    }
}
