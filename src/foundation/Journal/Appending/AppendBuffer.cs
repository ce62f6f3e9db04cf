using System.Buffers.Binary;
using System.Numerics;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Appending;

/// <summary>Framed groups on their way to the disk, and the appends they belong to, in order. It becomes as large as it has to, and stays so: most journals never have much waiting at once.</summary>
internal sealed class AppendBuffer(int sizeMax)
{
    private const int SizeAtFirst = 64 << 10;

    private byte[] _bytes = new byte[Math.Min(sizeMax, SizeAtFirst)];
    private int _used;
    private PendingAppend? _last;

    public PendingAppend? First { get; private set; }

    public Memory<byte> Bytes => _bytes;

    /// <summary>Takes a copy of an append's records if there is room. The frame's header is left for the one who knows its place on the disk.</summary>
    public bool TryAdd(PendingAppend append)
    {
        int length = append.FrameLength;
        if (length > sizeMax - _used) return false;
        if (length > _bytes.Length - _used) Array.Resize(ref _bytes, (int)Math.Min(sizeMax, BitOperations.RoundUpToPowerOf2((uint)(_used + length))));
        append.Offset = _used;
        Span<byte> body = _bytes.AsSpan(_used + GroupHeader.Size, length - GroupHeader.Size);
        if (append.Group is { } group)
        {
            group.Body.CopyTo(body);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(body, append.Record.Length);
            append.Record.Span.CopyTo(body[GroupHeader.LengthSize..]);
        }

        body[append.BodyLength..].Clear();
        append.LetGo();
        _used += length;
        if (_last is null) First = append;
        else _last.Next = append;
        _last = append;
        return true;
    }

    public void Clear()
    {
        First = _last = null;
        _used = 0;
    }
}
