using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// Positions as numbers, and as the ids of a stream's entries, <c>MILLISECONDS-SEQUENCE</c>: the milliseconds times 2^20, and the sequence. Redis counts the sequence from 0 in each
/// millisecond, and no server appends a million entries in one.
/// </summary>
internal static class RedisPosition
{
    private const int SequenceBits = 20;
    private const long SequenceMax = (1L << SequenceBits) - 1;

    public static long Of(RedisValue id) => Of(((ReadOnlyMemory<byte>)id).Span);

    public static long Of(ReadOnlySpan<byte> text)
    {
        int dash = text.IndexOf((byte)'-');
        if (dash > 0
            && long.TryParse(text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out long milliseconds)
            && long.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            && sequence <= SequenceMax && milliseconds <= long.MaxValue >> SequenceBits)
            return (milliseconds << SequenceBits) | sequence;
        throw new BusException(BusErrors.Refused, $"The server names an entry of a stream '{Encoding.UTF8.GetString(text)}', which is no place in a log of events.");
    }

    public static long Of(DateTimeOffset time) => Math.Max(0, time.ToUnixTimeMilliseconds()) << SequenceBits;

    public static RedisValue ToId(long position) =>
        string.Create(CultureInfo.InvariantCulture, $"{position >> SequenceBits}-{position & SequenceMax}");
}
