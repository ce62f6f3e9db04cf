using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Walking;

/// <summary>The three bits of a tag that say how long the value is.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}

/// <summary>What lies between the tag of a field and the next.</summary>
internal enum ValueKind
{
    Varint,
    Fixed64,
    Fixed32,
    Text,
    Bytes,
    Message,
    Group,
}

/// <summary>What the walker needs of a field's descriptor.</summary>
internal sealed class FieldShape
{
    public FieldShape(FieldDescriptor field, ulong requiredBit)
    {
        Name = field.Name;
        Number = (uint)field.FieldNumber;
        TypeName = field.FieldType.ToString().ToLowerInvariant();
        RequiredBit = requiredBit;
        Kind = field.FieldType switch
        {
            FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => ValueKind.Fixed64,
            FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => ValueKind.Fixed32,
            FieldType.String => ValueKind.Text,
            FieldType.Bytes => ValueKind.Bytes,
            FieldType.Message => ValueKind.Message,
            FieldType.Group => ValueKind.Group,
            _ => ValueKind.Varint,
        };
        WireType = Kind switch
        {
            ValueKind.Varint => WireType.Varint,
            ValueKind.Fixed64 => WireType.Fixed64,
            ValueKind.Fixed32 => WireType.Fixed32,
            ValueKind.Group => WireType.StartGroup,
            _ => WireType.LengthDelimited,
        };
        // Whoever reads a repeated number must read it packed and unpacked, whatever the schema says.
        IsPackable = field.IsRepeated && Kind is ValueKind.Varint or ValueKind.Fixed64 or ValueKind.Fixed32;
    }

    public string Name { get; }

    public uint Number { get; }

    public string TypeName { get; }

    public ValueKind Kind { get; }

    public WireType WireType { get; }

    public bool IsPackable { get; }

    /// <summary>The field's bit among the required ones of its message; 0 when it may be absent.</summary>
    public ulong RequiredBit { get; }

    /// <summary>The message or group it holds. Set once, while the shape of its schema is made.</summary>
    public MessageShape? Child { get; set; }
}
