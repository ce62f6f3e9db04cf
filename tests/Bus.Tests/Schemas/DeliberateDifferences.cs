using Google.Protobuf;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Schemas;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>
/// Where the walker refuses what Google.Protobuf for .NET lets pass; the record 0042 says why. Each is shown to be one by the bytes at the
/// fault's offset, read here a second time.
/// </summary>
internal static class DeliberateDifferences
{
    public static bool Include(MessageDescriptor schema, PayloadFault fault, ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> rest = payload[fault.Offset..];
        return fault.Kind switch
        {
            // The parser takes the value for an unknown field and the field for absent.
            PayloadFaultKind.WrongWireType => HasUnknownFields(schema, payload) || MayBeDropped(schema, fault),
            // The parser drops the bits beyond 64 (value), 32 (tag, length).
            PayloadFaultKind.VarintOverflow => rest.Length >= 10 && rest[9] > 1,
            PayloadFaultKind.InvalidTag => Bytes(rest) > 5 || (Bytes(rest) == 5 && (rest[4] & 0x7F) > 0xF),
            // And takes packed numbers of 2 GiB or more, a negative length to it, for none.
            PayloadFaultKind.InvalidLength => Bytes(rest) > 5 || (Bytes(rest) == 5 && (rest[4] & 0x7F) > 0x7),
            // The parser takes such a tag for a whole field when it stands in an entry of a map.
            PayloadFaultKind.InvalidWireType => (rest[0] & 7) > 5 && fault.Path.Contains('.', StringComparison.Ordinal),
            // The parser merges several occurrences of a message first; here each must be whole.
            PayloadFaultKind.RequiredMissing => fault.Path.Contains('.', StringComparison.Ordinal),
            _ => false,
        };
    }

    private static bool HasUnknownFields(MessageDescriptor schema, ReadOnlySpan<byte> payload)
    {
        ByteString bytes = ByteString.CopyFrom(payload);
        return schema.Parser.ParseFrom(bytes).CalculateSize() > schema.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes).CalculateSize();
    }

    /// <summary>Unknown fields of map entries are not kept, nor are members of a oneof that another follows.</summary>
    private static bool MayBeDropped(MessageDescriptor schema, PayloadFault fault)
    {
        MessageDescriptor message = schema;
        foreach (string part in fault.Path.Split('.'))
        {
            FieldDescriptor field = message.FindFieldByName(part);
            if (field.IsMap || field.RealContainingOneof is not null) return true;
            if (field.FieldType is FieldType.Message or FieldType.Group) message = field.MessageType;
        }

        return false;
    }

    private static int Bytes(ReadOnlySpan<byte> varint)
    {
        int index = 0;
        while (index < varint.Length && varint[index] >= 0x80) index++;
        return index + 1;
    }
}
