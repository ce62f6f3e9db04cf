using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas.Evolution;

/// <summary>Two versions of one field, that is, of one number.</summary>
internal static class FieldComparison
{
    /// <summary>Types that are written alike; a value of one read as another of its group is at worst cut to size.</summary>
    private enum WireGroup
    {
        Varint,
        ZigZag,
        Fixed32,
        Fixed64,
        Float,
        Double,

        // From here on values have a length or an end of their own, and are never packed.
        Bytes,
        Message,
        Group,
    }

    public static void Compare(FieldDescriptor older, FieldDescriptor newer, SchemaComparison comparison)
    {
        string? misread = Misread(older, newer);
        if (misread is not null)
        {
            comparison.Breaking(older.FullName, older.Name == newer.Name
                ? misread
                : $"number {older.FieldNumber} is used again, by '{newer.Name}': {misread}");
            return;
        }

        Name(older, newer, comparison);
        Cardinality(older, newer, comparison);
        Type(older, newer, comparison);
        string oldDefault = older.ToProto().DefaultValue, newDefault = newer.ToProto().DefaultValue;
        if (oldDefault != newDefault)
            comparison.Conditional(older.FullName, $"its default is '{newDefault}' instead of '{oldDefault}', and each reader uses its own");
    }

    /// <summary>Why one version cannot read what the other writes; null when it can.</summary>
    private static string? Misread(FieldDescriptor older, FieldDescriptor newer)
    {
        WireGroup oldGroup = GroupOf(older.FieldType), newGroup = GroupOf(newer.FieldType);
        bool messageInBytes = (older.FieldType, newer.FieldType) is (FieldType.Message, FieldType.Bytes) or (FieldType.Bytes, FieldType.Message);
        if (oldGroup != newGroup && !messageInBytes) return $"has type {TypeName(newer)} instead of {TypeName(older)}, which is written differently";
        if (older.IsRepeated != newer.IsRepeated && newGroup < WireGroup.Bytes)
            return $"is {Label(newer)} instead of {Label(older)}: packed numbers are not read as one";
        bool bothMessages = oldGroup is WireGroup.Message or WireGroup.Group && !messageInBytes;
        if (bothMessages && !older.IsMap && !newer.IsMap && older.MessageType.FullName != newer.MessageType.FullName)
            return $"holds a {newer.MessageType.FullName} instead of a {older.MessageType.FullName}";
        return null;
    }

    private static void Name(FieldDescriptor older, FieldDescriptor newer, SchemaComparison comparison)
    {
        if (older.Name != newer.Name)
            comparison.Conditional(older.FullName, $"is called '{newer.Name}' now: the bytes are the same, JSON and text are not");
        else if (older.JsonName != newer.JsonName)
            comparison.Conditional(older.FullName, $"is called '{newer.JsonName}' in JSON instead of '{older.JsonName}'");
    }

    private static void Cardinality(FieldDescriptor older, FieldDescriptor newer, SchemaComparison comparison)
    {
        if (older.IsRequired != newer.IsRequired)
        {
            comparison.Breaking(older.FullName, newer.IsRequired
                ? "is required now: new readers refuse old messages without it"
                : "is no longer required: old readers refuse messages without it");
        }

        if (older.IsRepeated != newer.IsRepeated)
        {
            comparison.Conditional(older.FullName,
                $"is {Label(newer)} instead of {Label(older)}: who expects one takes the last of several, or merges messages");
        }
        else if (older.IsMap != newer.IsMap)
        {
            comparison.Conditional(older.FullName, "is a map on one side and repeated entries on the other: a map keeps one entry for a key, in any order");
        }
        else if (older.IsRepeated && older.IsPacked != newer.IsPacked && GroupOf(newer.FieldType) < WireGroup.Bytes)
        {
            comparison.Compatible(older.FullName, newer.IsPacked ? "is packed now: readers take both" : "is no longer packed: readers take both");
        }
        else if (older.HasPresence != newer.HasPresence)
        {
            comparison.Compatible(older.FullName, newer.HasPresence ? "tells absent from default now" : "no longer tells absent from default");
        }
    }

    private static void Type(FieldDescriptor older, FieldDescriptor newer, SchemaComparison comparison)
    {
        if (older.FieldType != newer.FieldType)
        {
            bool holdsMessage = older.FieldType == FieldType.Message || newer.FieldType == FieldType.Message;
            string condition = holdsMessage ? "the bytes are such a message"
                : GroupOf(newer.FieldType) == WireGroup.Bytes ? "the bytes are UTF-8"
                : "the values fit both";
            comparison.Conditional(older.FullName, $"has type {TypeName(newer)} instead of {TypeName(older)}, safe only while {condition}");
        }
        else if (older.FieldType is FieldType.Message or FieldType.Group)
        {
            comparison.Enqueue(older.MessageType, newer.MessageType);
        }
        else if (older.FieldType == FieldType.Enum)
        {
            comparison.Enqueue(older.EnumType, newer.EnumType);
        }
    }

    private static WireGroup GroupOf(FieldType type) => type switch
    {
        FieldType.Int32 or FieldType.UInt32 or FieldType.Int64 or FieldType.UInt64 or FieldType.Bool or FieldType.Enum => WireGroup.Varint,
        FieldType.SInt32 or FieldType.SInt64 => WireGroup.ZigZag,
        FieldType.Fixed32 or FieldType.SFixed32 => WireGroup.Fixed32,
        FieldType.Fixed64 or FieldType.SFixed64 => WireGroup.Fixed64,
        FieldType.Float => WireGroup.Float,
        FieldType.Double => WireGroup.Double,
        FieldType.String or FieldType.Bytes => WireGroup.Bytes,
        FieldType.Message => WireGroup.Message,
        FieldType.Group => WireGroup.Group,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of protobuf."),
    };

    private static string TypeName(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => field.MessageType.FullName,
        FieldType.Enum => field.EnumType.FullName,
        FieldType type => type.ToString().ToLowerInvariant(),
    };

    private static string Label(FieldDescriptor field) => field.IsRepeated ? "repeated" : "singular";
}
