using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sirsi.Bus.Events;

/// <summary>Where the parts of an encoded event are, found in one walk over its bytes. Allocates nothing.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct EventScan
{
    public ReadOnlySpan<byte> Id;
    public ReadOnlySpan<byte> Tenant;
    public ReadOnlySpan<byte> Project;
    public ReadOnlySpan<byte> Subject;
    public ReadOnlySpan<byte> Key;
    public ReadOnlySpan<byte> Schema;
    public ReadOnlySpan<byte> Payload;
    public ReadOnlySpan<byte> Session;
    public ReadOnlySpan<byte> SourceAgent;
    public ReadOnlySpan<byte> TargetAgent;
    public ReadOnlySpan<byte> Correlation;
    public ReadOnlySpan<byte> Causation;
    public ReadOnlySpan<byte> TraceParent;
    public ReadOnlySpan<byte> TraceState;
    public EventPriority Priority;
    public int SchemaVersion;
    public long TimeMicroseconds;

    /// <summary>Everything from the first header on; other fields may stand between headers.</summary>
    public ReadOnlySpan<byte> Headers;

    /// <summary>Walks the bytes; false when they are no well-formed event. Unknown fields are passed over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EventScan scan)
    {
        scan = default;
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> from = rest;
            if (!TryReadField(ref rest, out uint field, out ulong number, out ReadOnlySpan<byte> content)) return false;
            if (!scan.Take((EventField)field, number, content, from)) return false;
        }

        return scan.Id.Length == 16 && !scan.Subject.IsEmpty;
    }

    /// <summary>The next header at or behind <paramref name="rest"/>; false at the end.</summary>
    public static bool TryNextHeader(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        while (!rest.IsEmpty)
        {
            if (!TryReadField(ref rest, out uint field, out _, out ReadOnlySpan<byte> header)) return false;
            if (field != (uint)EventField.Header) continue;
            while (!header.IsEmpty)
            {
                if (!TryReadField(ref header, out uint part, out _, out ReadOnlySpan<byte> content)) return false;
                if (part == 1) name = content;
                else if (part == 2) value = content;
            }

            return true;
        }

        return false;
    }

    private bool Take(EventField field, ulong number, ReadOnlySpan<byte> content, ReadOnlySpan<byte> from)
    {
        switch (field)
        {
            case EventField.Id: Id = content; return true;
            case EventField.Tenant: Tenant = content; return true;
            case EventField.Project: Project = content; return true;
            case EventField.Subject: Subject = content; return true;
            case EventField.Key: Key = content; return true;
            case EventField.Priority: Priority = (EventPriority)Math.Min(number, (ulong)EventPriority.Critical); return true;
            case EventField.TimeMicroseconds: TimeMicroseconds = (long)number; return true;
            case EventField.Schema: Schema = content; return true;
            case EventField.SchemaVersion: SchemaVersion = (int)Math.Min(number, int.MaxValue); return true;
            case EventField.Payload: Payload = content; return true;
            case EventField.Session: Session = content; return IsUuid(content);
            case EventField.SourceAgent: SourceAgent = content; return IsUuid(content);
            case EventField.TargetAgent: TargetAgent = content; return IsUuid(content);
            case EventField.Correlation: Correlation = content; return true;
            case EventField.Causation: Causation = content; return IsUuid(content);
            case EventField.TraceParent: TraceParent = content; return true;
            case EventField.TraceState: TraceState = content; return true;
            case EventField.Header:
                if (Headers.IsEmpty) Headers = from;
                return true;
            default: return true;
        }
    }

    private static bool IsUuid(ReadOnlySpan<byte> content) => content.Length == 16;

    private static bool TryReadField(scoped ref ReadOnlySpan<byte> rest, out uint field, out ulong number, out ReadOnlySpan<byte> content)
    {
        number = 0;
        content = default;
        field = 0;
        if (!TryReadVarint(ref rest, out ulong tag) || tag >> 3 is 0 or > 0x1FFF_FFFF) return false;
        field = (uint)(tag >> 3);
        switch ((WireType)(tag & 7))
        {
            case WireType.Varint:
                return TryReadVarint(ref rest, out number);
            case WireType.Fixed64 when rest.Length >= 8:
                number = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                rest = rest[8..];
                return true;
            case WireType.Fixed32 when rest.Length >= 4:
                number = BinaryPrimitives.ReadUInt32LittleEndian(rest);
                rest = rest[4..];
                return true;
            case WireType.Length:
                if (!TryReadVarint(ref rest, out ulong length) || length > (ulong)rest.Length) return false;
                content = rest[..(int)length];
                rest = rest[(int)length..];
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadVarint(scoped ref ReadOnlySpan<byte> rest, out ulong value)
    {
        if (!rest.IsEmpty && rest[0] < 0x80)
        {
            value = rest[0];
            rest = rest[1..];
            return true;
        }

        value = 0;
        for (int i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] >= 0x80) continue;
            rest = rest[(i + 1)..];
            return true;
        }

        return false;
    }
}
