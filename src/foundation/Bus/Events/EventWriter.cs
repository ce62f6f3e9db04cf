using System.Buffers.Binary;
using System.Text;

namespace Sirsi.Bus.Events;

/// <summary>Writes an event as <c>sirsi.v1.Event</c>, in protobuf's wire format, without building an object. Allocates nothing.</summary>
internal ref struct EventWriter
{
    private const int TagLengthMax = 2;
    private const int LengthLengthMax = 5;

    private readonly Span<byte> _bytes;
    private int _at;

    private EventWriter(Span<byte> bytes) => _bytes = bytes;

    /// <summary>How many bytes <see cref="Write"/> needs at most.</summary>
    public static int LengthMaxOf(EventMessage message)
    {
        // 18 fields with tag and length, four ids, time and numbers; a character takes at most three bytes.
        const int frame = 18 * (TagLengthMax + LengthLengthMax), fixedParts = (5 * 16) + 8 + 10;
        int characters = message.Scope.Tenant.Length + message.Scope.Project.Length + message.Subject.Length + message.Key.Length
            + message.Schema.Length + message.Correlation.Length + message.TraceParent.Length + message.TraceState.Length;
        for (int i = 0; i < message.Headers.Count; i++)
        {
            (string name, string value) = message.Headers[i];
            characters += name.Length + value.Length + (3 * (TagLengthMax + LengthLengthMax));
        }

        return frame + fixedParts + (3 * characters) + message.Payload.Length;
    }

    /// <summary>Writes <paramref name="message"/> with the given id and time; gives the number of bytes.</summary>
    public static int Write(EventMessage message, Guid id, long timeMicroseconds, Span<byte> bytes)
    {
        var writer = new EventWriter(bytes);
        writer.Uuid(EventField.Id, id);
        writer.Text(EventField.Tenant, message.Scope.Tenant);
        writer.Text(EventField.Project, message.Scope.Project);
        writer.Text(EventField.Subject, message.Subject);
        writer.Text(EventField.Key, message.Key);
        if (message.Priority != EventPriority.Low) writer.Number(EventField.Priority, (uint)message.Priority);
        writer.Fixed(EventField.TimeMicroseconds, timeMicroseconds);
        writer.Text(EventField.Schema, message.Schema);
        if (message.SchemaVersion != 0) writer.Number(EventField.SchemaVersion, (uint)message.SchemaVersion);
        writer.Bytes(EventField.Payload, message.Payload.Span);
        writer.Uuid(EventField.Session, message.Session.Value);
        writer.Uuid(EventField.SourceAgent, message.SourceAgent.Value);
        writer.Uuid(EventField.TargetAgent, message.TargetAgent.Value);
        writer.Text(EventField.Correlation, message.Correlation);
        writer.Uuid(EventField.Causation, message.Causation.Value);
        writer.Text(EventField.TraceParent, message.TraceParent);
        writer.Text(EventField.TraceState, message.TraceState);
        for (int i = 0; i < message.Headers.Count; i++) writer.Header(message.Headers[i].Key, message.Headers[i].Value);
        return writer._at;
    }

    private void Text(EventField field, string text)
    {
        if (text.Length == 0) return;
        Tag(field, WireType.Length);
        if (text.Length <= 42) // At most 126 bytes: the length takes one, and stands before it is known.
        {
            int length = Encoding.UTF8.GetBytes(text, _bytes[(_at + 1)..]);
            _bytes[_at] = (byte)length;
            _at += 1 + length;
            return;
        }

        Varint((uint)Encoding.UTF8.GetByteCount(text));
        _at += Encoding.UTF8.GetBytes(text, _bytes[_at..]);
    }

    private void Bytes(EventField field, scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        Tag(field, WireType.Length);
        Varint((uint)bytes.Length);
        bytes.CopyTo(_bytes[_at..]);
        _at += bytes.Length;
    }

    private void Uuid(EventField field, Guid value)
    {
        if (value == Guid.Empty) return;
        Tag(field, WireType.Length);
        _bytes[_at++] = 16;
        value.TryWriteBytes(_bytes[_at..], bigEndian: true, out _);
        _at += 16;
    }

    private void Number(EventField field, uint value)
    {
        Tag(field, WireType.Varint);
        Varint(value);
    }

    private void Fixed(EventField field, long value)
    {
        Tag(field, WireType.Fixed64);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes[_at..], value);
        _at += 8;
    }

    private void Header(string name, string value)
    {
        int nameLength = Encoding.UTF8.GetByteCount(name), valueLength = Encoding.UTF8.GetByteCount(value);
        Tag(EventField.Header, WireType.Length);
        Varint((uint)(2 + VarintLength((uint)nameLength) + nameLength + VarintLength((uint)valueLength) + valueLength));
        _bytes[_at++] = (1 << 3) | (int)WireType.Length;
        Varint((uint)nameLength);
        _at += Encoding.UTF8.GetBytes(name, _bytes[_at..]);
        _bytes[_at++] = (2 << 3) | (int)WireType.Length;
        Varint((uint)valueLength);
        _at += Encoding.UTF8.GetBytes(value, _bytes[_at..]);
    }

    private void Tag(EventField field, WireType type) => Varint(((uint)field << 3) | (uint)type);

    private void Varint(uint value)
    {
        for (; value > 0x7F; value >>= 7) _bytes[_at++] = (byte)(value | 0x80);
        _bytes[_at++] = (byte)value;
    }

    private static int VarintLength(uint value) => value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}

/// <summary>The wire types an event uses (protobuf encoding).</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}
