using System.Buffers;
using Sirsi.Core.Hosting;

namespace Sirsi.Journal.Format;

/// <summary>What stands at a cursor's place.</summary>
internal enum GroupRead
{
    /// <summary>A sound group, now current.</summary>
    Group,

    /// <summary>Nothing: zeros, or not enough bytes for a header.</summary>
    End,

    /// <summary>Something that is no sound group.</summary>
    Invalid,
}

/// <summary>
/// Goes through the groups of one segment and checks each as a whole before it shows any of it. Reads in large pieces into a
/// pooled buffer; costs no garbage for a group. For one caller at a time.
/// </summary>
internal sealed class GroupCursor(HostFile file, uint salt, int position, int recordsBefore = 0) : IDisposable
{
    private const int PieceBytes = 256 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);

    /// <summary>Where in the file the buffer begins, and how much of it is filled.</summary>
    private int _bufferAt = position;
    private int _filled;

    /// <summary>Where the next group is expected: behind the current one.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Records of the segment up to here, those of the current group among them.</summary>
    public int Records { get; private set; } = recordsBefore;

    /// <summary>The current group.</summary>
    public GroupHeader Group { get; private set; }

    /// <summary>Where the current group begins.</summary>
    public int GroupAt { get; private set; }

    /// <summary>The current group's records, each behind its length; valid until the next read.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(GroupAt + GroupHeader.Size - _bufferAt, Group.BodyLength);

    /// <summary>
    /// Goes to the next group if it lies wholly before <paramref name="limit"/>. Otherwise stays and forgets what it has read ahead, so
    /// that the next try sees what has been written since.
    /// </summary>
    public ValueTask<GroupRead> ReadAsync(long limit, CancellationToken cancellation) =>
        TryRead(limit, out GroupRead outcome, out _) ? new(outcome) : ReadMoreAsync(limit, cancellation);

    public void Dispose()
    {
        if (_buffer.Length == 0) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async ValueTask<GroupRead> ReadMoreAsync(long limit, CancellationToken cancellation)
    {
        while (true)
        {
            if (TryRead(limit, out GroupRead outcome, out int needed)) return outcome;
            MakeRoom(needed);
            int wanted = (int)Math.Min(_buffer.Length - _filled, limit - _bufferAt - _filled);
            int read = await file.ReadAsync(_bufferAt + _filled, _buffer.AsMemory(_filled, wanted), cancellation);
            _filled += read;
            // The file ends before the limit.
            if (read == 0) limit = _bufferAt + _filled;
        }
    }

    /// <summary>False when the buffer has to hold <paramref name="needed"/> bytes from the position on, and the file may have them.</summary>
    private bool TryRead(long limit, out GroupRead outcome, out int needed)
    {
        outcome = GroupRead.End;
        needed = GroupHeader.Size;
        if (Position + GroupHeader.Size > limit) return Stay();
        ReadOnlySpan<byte> ahead = _buffer.AsSpan(Position - _bufferAt, _filled - (Position - _bufferAt));
        if (ahead.Length < GroupHeader.Size) return false;
        if (!GroupHeader.TryRead(ahead, salt, Position, out GroupHeader header))
        {
            if (ahead[..GroupHeader.Size].ContainsAnyExcept((byte)0)) outcome = GroupRead.Invalid;
            return Stay();
        }

        outcome = GroupRead.Invalid;
        needed = header.FrameLength;
        if (Position + (long)needed > limit || header.RecordsBefore != Records) return Stay();
        if (ahead.Length < needed) return false;
        if (Checksum.Of(ahead.Slice(GroupHeader.Size, header.BodyLength)) != header.BodyChecksum) return Stay();
        outcome = GroupRead.Group;
        Group = header;
        GroupAt = Position;
        Position += header.FrameLength;
        Records += header.RecordCount;
        return true;
    }

    private bool Stay()
    {
        _filled = Math.Min(_filled, Position - _bufferAt);
        return true;
    }

    /// <summary>Moves what lies ahead to the front; a larger buffer is taken for a group that does not fit.</summary>
    private void MakeRoom(int needed)
    {
        int done = Position - _bufferAt;
        ReadOnlySpan<byte> ahead = _buffer.AsSpan(done, _filled - done);
        if (needed > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(needed);
            ahead.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        else
        {
            ahead.CopyTo(_buffer);
        }

        _filled -= done;
        _bufferAt = Position;
    }
}
