using System.Buffers.Binary;
using System.Text;
using Sirsi.Core.Identity;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// Takes apart what a <see cref="FactWriter"/> put together. The journal's checksums vouch for the bytes, so what does not fit was written by another version:
/// <see cref="InvalidDataException"/>.
/// </summary>
internal ref struct FactReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    public readonly bool IsAtEnd => _left.IsEmpty;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Left => _left;

    public FactKind Kind() => (FactKind)Take(1)[0];

    public long Number()
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1)[0];
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return (long)number;
        }

        throw Broken();
    }

    public ulong Word() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public Guid Guid() => new(Take(16), bigEndian: true);

    public Id<TKind> Id<TKind>()
        where TKind : IIdKind
    {
        Guid value = Guid();
        return value == System.Guid.Empty ? default : new Id<TKind>(value);
    }

    public DateTimeOffset Instant() => new((long)Word(), TimeSpan.Zero);

    public TimeSpan Span() => new(Number());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A text of which there are few different ones: one string for all that are alike.</summary>
    public string Text(TextCache known) => known.Get(Bytes());

    public ReadOnlySpan<byte> Bytes()
    {
        long length = Number();
        return length <= _left.Length && length >= 0 ? Take((int)length) : throw Broken();
    }

    /// <summary>Passes over these bytes when they come next.</summary>
    public bool TrySkip(ReadOnlySpan<byte> bytes)
    {
        if (!_left.StartsWith(bytes)) return false;
        _left = _left[bytes.Length..];
        return true;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _left.Length) throw Broken();
        ReadOnlySpan<byte> taken = _left[..length];
        _left = _left[length..];
        return taken;
    }

    internal static InvalidDataException Broken() => new("A record of the agents' journal does not have the form this version knows.");
}
