using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.Messages;

/// <summary>
/// The trace a message belongs to and the step of it that sent it (W3C Trace Context, level 1). A message sent in a turn is in the trace
/// of the message the turn is about. The default value is no trace: one begins where it is sent.
/// </summary>
/// <param name="TraceHigh">The upper half of the trace's id.</param>
/// <param name="TraceLow">The lower half.</param>
/// <param name="Span">The id of the step.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TraceContext(ulong TraceHigh, ulong TraceLow, ulong Span)
{
    private const int TextLength = 55;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => (TraceHigh | TraceLow) == 0;

    /// <summary>Reads a <c>traceparent</c>; false when it is none or its ids are zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TraceContext trace)
    {
        trace = default;
        if (text.Length != TextLength || text[2] != '-' || text[35] != '-' || text[52] != '-' || !text.StartsWith("00", StringComparison.Ordinal)) return false;
        bool isRead = TryRead(text[3..19], out ulong high) & TryRead(text[19..35], out ulong low) & TryRead(text[36..52], out ulong span)
            & TryRead(text[53..], out _);
        if (!isRead || (high | low) == 0 || span == 0) return false;
        trace = new TraceContext(high, low, span);
        return true;
    }

    /// <summary>As a <c>traceparent</c> that is sampled; empty when there is no trace.</summary>
    public override string ToString() => IsEmpty ? "" : string.Create(CultureInfo.InvariantCulture, $"00-{TraceHigh:x16}{TraceLow:x16}-{Span:x16}-01");

    /// <summary>The same trace, one step on.</summary>
    internal TraceContext Next(ulong span) => this with { Span = span };

    /// <summary>A trace that begins with a UUID nobody else has.</summary>
    internal static TraceContext Begin(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(bytes), low = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        return new TraceContext(high, low, low | 1);
    }

    private static bool TryRead(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        foreach (char digit in digits)
        {
            if (digit is not ((>= '0' and <= '9') or (>= 'a' and <= 'f'))) return false;
            value = (value << 4) | (uint)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }

        return true;
    }
}
