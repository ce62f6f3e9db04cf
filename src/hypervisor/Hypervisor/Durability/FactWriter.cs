using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;

namespace Sirsi.Hypervisor.Durability;

/// <summary>
/// Puts facts one behind the other, as the journal keeps them: a byte that says which, then its fields. Numbers are LEB128, identifiers 16 bytes, instants
/// 8 bytes of UTC ticks, texts and bytes behind their length. Used again after <see cref="Clear"/>; not thread-safe.
/// </summary>
/// <param name="lengthKept">Memory kept for the next time; more than that is let go.</param>
internal sealed class FactWriter(int lengthKept = 64 << 10)
{
    private const int LengthAtFirst = 256;

    private byte[] _bytes = [];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > lengthKept) _bytes = [];
    }

    public FactWriter Fact(FactKind kind)
    {
        Room(1)[0] = (byte)kind;
        _length++;
        return this;
    }

    public FactWriter Fact<TKind>(FactKind kind, Id<TKind> subject)
        where TKind : IIdKind => Fact(kind).Put(subject.Value);

    public FactWriter Put(long number)
    {
        ulong left = (ulong)number;
        Span<byte> room = Room(10);
        int used = 0;
        for (; left > 0x7F; left >>= 7) room[used++] = (byte)(left | 0x80);
        room[used++] = (byte)left;
        _length += used;
        return this;
    }

    public FactWriter Put(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
        return this;
    }

    public FactWriter Put(Guid id)
    {
        id.TryWriteBytes(Room(16), bigEndian: true, out _);
        _length += 16;
        return this;
    }

    public FactWriter Put(DateTimeOffset instant) => Put((ulong)instant.UtcTicks);

    public FactWriter Put(TimeSpan span) => Put(span.Ticks);

    public FactWriter Put(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Put((long)length);
        Encoding.UTF8.GetBytes(text, Room(length));
        _length += length;
        return this;
    }

    public FactWriter Put(ReadOnlySpan<byte> bytes)
    {
        Put((long)bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
        return this;
    }

    /// <summary>Facts that were put together before.</summary>
    public void Append(ReadOnlySpan<byte> facts)
    {
        facts.CopyTo(Room(facts.Length));
        _length += facts.Length;
    }

    /// <summary>That an agent's status has changed.</summary>
    public FactWriter Put(AgentId agent, StatusChange change) =>
        Fact(FactKind.StatusChanged, agent).Put((long)change.Status).Put(change.At).Put(change.Reason);

    private Span<byte> Room(int length)
    {
        int needed = checked(_length + length);
        if (needed > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Max(LengthAtFirst, BitOperations.RoundUpToPowerOf2((uint)needed)));
        return _bytes.AsSpan(_length);
    }
}
