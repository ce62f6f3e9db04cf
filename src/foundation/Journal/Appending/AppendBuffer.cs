using System.Buffers.Binary;
using Sirsi.Journal.Format;

namespace Sirsi.Journal.Appending;

/// <summary>Framed groups on their way to the disk, and the appends they belong to, in order.</summary>
internal sealed class AppendBuffer(int size)
{
    private readonly byte[] _bytes = new byte[size];
    private int _used;
    private PendingAppend? _last;

    public PendingAppend? First { get; private set; }

    public Memory<byte> Bytes => _bytes;

    /// <summary>Takes a copy of an append's records if there is room. The frame's header is left for the one who knows its place on the disk.</summary>
    public bool TryAdd(PendingAppend append)
    {
        int length = append.FrameLength;
        if (length > _bytes.Length - _used) return false;
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
