using System.Text;
using System.Text.Unicode;

namespace Sirsi.Bus.Schemas.Walking;

/// <summary>
/// Goes over the bytes of a serialized message (protobuf.dev, "Encoding") and holds them against its shape. Builds nothing and allocates
/// nothing unless it finds a fault. The cursor never passes <c>end</c> of the message it is in.
/// </summary>
internal ref partial struct PayloadWalker
{
    private const int GroupNone = 0;

    private readonly ReadOnlySpan<byte> _payload;
    private readonly int _depthMax;
    private int _at;
    private WalkFault? _fault;

    private PayloadWalker(ReadOnlySpan<byte> payload, int depthMax)
    {
        _payload = payload;
        _depthMax = depthMax;
    }

    /// <summary>The first fault of a payload, or null when it is well-formed.</summary>
    public static WalkFault? Walk(MessageShape shape, ReadOnlySpan<byte> payload, int depthMax)
    {
        var walker = new PayloadWalker(payload, depthMax);
        walker.Message(shape, payload.Length, depth: 0, GroupNone);
        return walker._fault;
    }

    /// <summary>Fields up to <paramref name="end"/>, or up to the tag that ends the group <paramref name="group"/>.</summary>
    private bool Message(MessageShape shape, int end, int depth, uint group)
    {
        ulong seen = 0;
        bool isOpen = group != GroupNone;
        while (_at < end)
        {
            int start = _at;
            if (!Tag(end, out uint number, out WireType wire)) return false;
            if (wire == WireType.EndGroup)
            {
                if (!isOpen || number != group) return StrayEnd(number, start);
                isOpen = false;
                break;
            }

            if (shape.Find(number) is not { } field)
            {
                if (!Unknown(number, wire, end, depth, start)) return false;
                continue;
            }

            seen |= field.RequiredBit;
            if (!Field(field, wire, end, depth, start)) return Enclose(field.Name);
        }

        if (isOpen) return Fail(PayloadFaultKind.UnbalancedGroup, _at, "the group is not ended");
        if ((seen & shape.Required) == shape.Required) return true;
        Fail(PayloadFaultKind.RequiredMissing, _at, "a required field is absent from the message that ends");
        return Enclose(shape.FirstMissing(seen).Name);
    }

    private bool Field(FieldShape field, WireType wire, int end, int depth, int start)
    {
        if (wire != field.WireType)
            return wire == WireType.LengthDelimited && field.IsPackable ? Packed(field, end) : WrongWireType(field, wire, start);
        switch (field.Kind)
        {
            case ValueKind.Varint:
                return Varint(end);
            case ValueKind.Fixed64:
                return Fixed(sizeof(ulong), end);
            case ValueKind.Fixed32:
                return Fixed(sizeof(uint), end);
            case ValueKind.Group:
                return depth < _depthMax ? Message(field.Child!, end, depth + 1, field.Number) : TooDeep(start);
        }

        if (!Length(end, out int valueEnd)) return false;
        switch (field.Kind)
        {
            case ValueKind.Text:
                return Text(valueEnd);
            case ValueKind.Message:
                return depth < _depthMax ? Message(field.Child!, valueEnd, depth + 1, GroupNone) : TooDeep(start);
            default:
                _at = valueEnd;
                return true;
        }
    }

    private bool Packed(FieldShape field, int end)
    {
        if (!Length(end, out int valueEnd)) return false;
        int size = field.Kind switch { ValueKind.Fixed64 => sizeof(ulong), ValueKind.Fixed32 => sizeof(uint), _ => 0 };
        if (size == 0)
        {
            while (_at < valueEnd)
                if (!Varint(valueEnd)) return false;
            return true;
        }

        int rest = (valueEnd - _at) % size;
        if (rest != 0) return Fail(PayloadFaultKind.Truncated, valueEnd - rest, $"the last packed {field.TypeName} has {rest} of {size} bytes");
        _at = valueEnd;
        return true;
    }

    /// <summary>A field the schema does not know, of a newer version perhaps: only its wire format can be checked.</summary>
    private bool Unknown(uint number, WireType wire, int end, int depth, int start) =>
        UnknownValue(number, wire, end, depth, start) || Enclose($"#{number}");

    private bool UnknownValue(uint number, WireType wire, int end, int depth, int start)
    {
        switch (wire)
        {
            case WireType.Varint:
                return Varint(end);
            case WireType.Fixed64:
                return Fixed(sizeof(ulong), end);
            case WireType.Fixed32:
                return Fixed(sizeof(uint), end);
            case WireType.LengthDelimited:
                if (!Length(end, out int valueEnd)) return false;
                _at = valueEnd;
                return true;
            case WireType.StartGroup:
                return depth < _depthMax ? UnknownGroup(number, end, depth + 1) : TooDeep(start);
            default:
                return Fail(PayloadFaultKind.InvalidWireType, start, $"wire type {(int)wire} means nothing, but stands in the tag");
        }
    }

    private bool UnknownGroup(uint group, int end, int depth)
    {
        while (_at < end)
        {
            int start = _at;
            if (!Tag(end, out uint number, out WireType wire)) return false;
            if (wire == WireType.EndGroup) return number == group || StrayEnd(number, start);
            if (!Unknown(number, wire, end, depth, start)) return false;
        }

        return Fail(PayloadFaultKind.UnbalancedGroup, _at, "the group is not ended");
    }

    private bool Text(int end)
    {
        ReadOnlySpan<byte> text = _payload[_at..end];
        if (!Utf8.IsValid(text)) return InvalidText(text);
        _at = end;
        return true;
    }

    private bool InvalidText(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out int length) == System.Buffers.OperationStatus.Done) at += length;
        return Fail(PayloadFaultKind.InvalidUtf8, _at + at, "the string is not UTF-8");
    }

    private bool WrongWireType(FieldShape field, WireType wire, int start) => (int)wire > (int)WireType.Fixed32
        ? Fail(PayloadFaultKind.InvalidWireType, start, $"wire type {(int)wire} means nothing, but stands in the tag")
        : Fail(PayloadFaultKind.WrongWireType, start,
            $"field {field.Number} is a {field.TypeName} (wire type {(int)field.WireType}), wire type {(int)wire} found");

    private bool StrayEnd(uint number, int start) =>
        Fail(PayloadFaultKind.UnbalancedGroup, start, $"the end of group {number} stands where no such group is open");

    private bool TooDeep(int start) =>
        Fail(PayloadFaultKind.TooDeep, start, $"messages lie more than {_depthMax} deep in each other");

    private bool Fail(PayloadFaultKind kind, int offset, string reason)
    {
        _fault = new WalkFault(kind, offset, reason);
        return false;
    }

    private readonly bool Enclose(string field)
    {
        _fault!.Enclose(field);
        return false;
    }
}
