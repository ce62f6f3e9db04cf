using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Writes payloads of messages that no type was generated for, field by field.</summary>
internal static class RandomPayloads
{
    private const int DepthMax = 3;

    public static byte[] Of(MessageDescriptor message, Random random, int depth = 0)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes);
        var oneofs = new HashSet<OneofDescriptor>();
        foreach (FieldDescriptor field in message.Fields.InFieldNumberOrder())
        {
            bool isDeep = depth >= DepthMax && field.FieldType is FieldType.Message;
            if (isDeep || random.Next(4) == 0) continue;
            if (field.RealContainingOneof is { } oneof && !oneofs.Add(oneof)) continue;
            bool isNumber = field.FieldType is not (FieldType.String or FieldType.Bytes or FieldType.Message);
            if (isNumber && field.IsRepeated && field.IsPacked) WritePacked(output, field, random);
            else for (int count = field.IsRepeated ? random.Next(4) : 1; count > 0; count--) WriteOne(output, field, random, depth);
        }

        output.Flush();
        return bytes.ToArray();
    }

    private static void WritePacked(CodedOutputStream output, FieldDescriptor field, Random random)
    {
        using var bytes = new MemoryStream();
        using var values = new CodedOutputStream(bytes);
        for (int count = random.Next(4); count > 0; count--) WriteValue(values, field, random, depth: 0);
        values.Flush();
        output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes.ToArray()));
    }

    private static void WriteOne(CodedOutputStream output, FieldDescriptor field, Random random, int depth)
    {
        output.WriteTag(field.FieldNumber, field.FieldType switch
        {
            FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
            FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
            FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
            _ => WireFormat.WireType.Varint,
        });
        WriteValue(output, field, random, depth);
    }

    private static void WriteValue(CodedOutputStream output, FieldDescriptor field, Random random, int depth)
    {
        switch (field.FieldType)
        {
            case FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64:
                output.WriteFixed64((ulong)random.NextInt64());
                break;
            case FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32:
                output.WriteFixed32((uint)random.Next());
                break;
            case FieldType.String:
                output.WriteString(random.Next(2) == 0 ? "estate" : "é");
                break;
            case FieldType.Bytes:
                output.WriteBytes(ByteString.CopyFrom(0xFF, (byte)random.Next(256)));
                break;
            case FieldType.Message:
                output.WriteBytes(ByteString.CopyFrom(Of(field.MessageType, random, depth + 1)));
                break;
            default:
                output.WriteUInt64((ulong)random.NextInt64() >> random.Next(63));
                break;
        }
    }
}
