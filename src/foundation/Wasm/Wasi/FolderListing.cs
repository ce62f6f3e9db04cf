using System.Buffers.Binary;

namespace Sirsi.Wasm.Wasi;

/// <summary>
/// What a folder held at one moment, in the order of the names' bytes: cookies are positions in it, so that a guest that creates and
/// removes while it lists sees each entry once.
/// </summary>
internal sealed unsafe class FolderListing
{
    private const int HeaderBytes = 24;
    private const int ChunkBytes = 32_768;

    private readonly List<Entry> _entries = [];

    private FolderListing()
    {
    }

    /// <summary>Lists a folder of at most <paramref name="most"/> entries.</summary>
    internal static Errno Read(int folder, long most, out FolderListing? listing)
    {
        listing = null;
        Errno error = Posix.Status(folder, out FileStatus self);
        if (error != Errno.Success) return error;
        if (Posix.Seek(folder, 0, 0) < 0) return Posix.LastError();
        var made = new FolderListing();
        var chunk = new byte[ChunkBytes];
        while (true)
        {
            nint length;
            fixed (byte* into = chunk) length = Posix.List(folder, into, ChunkBytes);
            if (length < 0) return Posix.LastError();
            if (length == 0) break;
            made.Add(chunk.AsSpan(0, (int)length), self.Inode);
            if (made._entries.Count > most) return Errno.Overflow;
        }

        made._entries.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        listing = made;
        return Errno.Success;
    }

    internal int Count => _entries.Count;

    /// <summary>Writes entries from a cookie on; the last is cut where the buffer ends. The number of bytes written.</summary>
    internal int Write(ulong cookie, Span<byte> into)
    {
        int written = 0;
        Span<byte> header = stackalloc byte[HeaderBytes];
        for (ulong i = cookie; i < (ulong)_entries.Count && written < into.Length; i++)
        {
            Entry entry = _entries[(int)i];
            header.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(header, i + 1);
            BinaryPrimitives.WriteUInt64LittleEndian(header[8..], entry.Inode);
            BinaryPrimitives.WriteInt32LittleEndian(header[16..], entry.Name.Length);
            header[20] = (byte)entry.Type;
            written += Copy(header, into[written..]);
            written += Copy(entry.Name, into[written..]);
        }

        return written;
    }

    private static int Copy(ReadOnlySpan<byte> from, Span<byte> into)
    {
        int count = Math.Min(from.Length, into.Length);
        from[..count].CopyTo(into);
        return count;
    }

    /// <summary>Reads records of the kernel: inode, offset, length of the record, type, name. Of the parent nothing is told.</summary>
    private void Add(ReadOnlySpan<byte> records, ulong self)
    {
        while (records.Length > 19)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            ReadOnlySpan<byte> name = records[19..length];
            name = name[..name.IndexOf((byte)0)];
            bool isParent = name.SequenceEqual(".."u8);
            _entries.Add(new(name.ToArray(), isParent ? self : BinaryPrimitives.ReadUInt64LittleEndian(records), TypeOf(records[18])));
            records = records[length..];
        }
    }

    private static FileType TypeOf(byte type) => type switch
    {
        2 => FileType.CharacterDevice,
        4 => FileType.Directory,
        6 => FileType.BlockDevice,
        8 => FileType.RegularFile,
        10 => FileType.SymbolicLink,
        12 => FileType.SocketStream,
        _ => FileType.Unknown,
    };

    private sealed record Entry(byte[] Name, ulong Inode, FileType Type);
}
