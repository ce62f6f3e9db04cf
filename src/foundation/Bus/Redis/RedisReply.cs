using System.Buffers.Text;

namespace Sirsi.Bus.Redis;

/// <summary>An answer of one value, as the second version of Redis' protocol writes it.</summary>
/// <param name="text">The value, or what is wrong.</param>
/// <param name="isError">Whether the command was refused.</param>
internal readonly ref struct RedisReply(ReadOnlySpan<byte> text, bool isError)
{
    public ReadOnlySpan<byte> Text { get; } = text;

    public bool IsError { get; } = isError;

    /// <summary>Takes an answer from the front; false when it is not whole yet.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static bool TryTake(ref ReadOnlySpan<byte> bytes, out RedisReply reply)
    {
        reply = default;
        int end = bytes.IndexOf("\r\n"u8);
        if (end < 0) return false;
        if (end == 0) throw Wrong();
        ReadOnlySpan<byte> line = bytes[1..end], rest = bytes[(end + 2)..];
        switch (bytes[0])
        {
            case (byte)'+' or (byte)':' or (byte)'-':
                reply = new RedisReply(line, bytes[0] == '-');
                break;
            case (byte)'$' when Utf8Parser.TryParse(line, out int length, out int used) && used == line.Length && length >= 0:
                if (rest.Length < length + 2L) return false;
                reply = new RedisReply(rest[..length], isError: false);
                rest = rest[(length + 2)..];
                break;
            default:
                throw Wrong();
        }

        bytes = rest;
        return true;
    }

    private static InvalidDataException Wrong() => new("What the server sends is no answer.");
}
