using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Sirsi.Bus.Redis;

/// <summary>The commands that append, as they go to the server: what never changes of them is encoded once for each partition. Safe for any number of threads.</summary>
internal sealed class RedisCommands(RedisKeys keys, int partitions, TimeSpan window)
{
    private const int IdLength = 32;
    private const int NumberLengthMax = 11;

    /// <summary>Appends an event whose id is not remembered; of another one gives the earlier place behind an equals sign.</summary>
    private const string AppendOnceScript =
        """
        local place = redis.call('GET', KEYS[2])
        if place then return '=' .. place end
        place = redis.call('XADD', KEYS[1], '*', 'e', ARGV[2])
        redis.call('SET', KEYS[2], place, 'PX', ARGV[1])
        return place
        """;

    private readonly byte[][] _append = [.. Enumerable.Range(0, partitions).Select(partition =>
        (byte[])[.. "*5\r\n"u8, .. Parts("XADD", keys.Stream(partition).ToString(), "*", RedisLog.EventField), (byte)'$'])];

    private readonly byte[][] _stream = [.. Enumerable.Range(0, partitions).Select(partition => Parts("2", keys.Stream(partition).ToString()))];

    private readonly byte[][] _id = [.. Enumerable.Range(0, partitions).Select(partition =>
        Encoding.ASCII.GetBytes($"${keys.Ids(partition).Length + IdLength}\r\n{keys.Ids(partition)}"))];

    private readonly byte[] _window =
        [.. "\r\n"u8, .. Parts(((long)window.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)), (byte)'$'];

    /// <summary>Whether ids are remembered.</summary>
    public bool RecognizesRepetitions { get; } = window >= TimeSpan.FromMilliseconds(1);

    /// <summary>Its answer is what <see cref="WriteAppendOnce"/> calls the script by.</summary>
    public static byte[] LoadScript => Encode("SCRIPT", "LOAD", AppendOnceScript);

    public static byte[] Encode(params ReadOnlySpan<string> parts) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{parts.Length}\r\n")), .. Parts(parts)];

    /// <summary>How the script is named in commands, by what the server calls it.</summary>
    public static byte[] ScriptOf(string name) => [.. "*7\r\n"u8, .. Parts("EVALSHA", name)];

    public void WriteAppend(IBufferWriter<byte> to, int partition, ReadOnlySpan<byte> bytes)
    {
        to.Write(_append[partition]);
        WriteRest(to, bytes);
    }

    public void WriteAppendOnce(IBufferWriter<byte> to, byte[] script, int partition, Guid id, ReadOnlySpan<byte> bytes)
    {
        to.Write(script);
        to.Write(_stream[partition]);
        to.Write(_id[partition]);
        _ = Utf8Formatter.TryFormat(id, to.GetSpan(IdLength), out int length, new StandardFormat('N'));
        to.Advance(length);
        to.Write(_window);
        WriteRest(to, bytes);
    }

    /// <summary>A part behind its dollar sign.</summary>
    private static void WriteRest(IBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        Span<byte> space = to.GetSpan(NumberLengthMax + bytes.Length + 4);
        _ = Utf8Formatter.TryFormat(bytes.Length, space, out int at);
        "\r\n"u8.CopyTo(space[at..]);
        bytes.CopyTo(space[(at + 2)..]);
        "\r\n"u8.CopyTo(space[(at + 2 + bytes.Length)..]);
        to.Advance(at + 4 + bytes.Length);
    }

    private static byte[] Parts(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (string part in parts) text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
