using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Whether a parsed message has all that is required of it and of the messages in it.</summary>
internal static class Wholeness
{
    public static bool Of(IMessage message) => message.Descriptor.Fields.InFieldNumberOrder().All(field => IsWhole(field, message));

    private static bool IsWhole(FieldDescriptor field, IMessage message)
    {
        if (field.IsMap) return ((IDictionary)field.Accessor.GetValue(message)).Values.OfType<IMessage>().All(Of);
        if (field.IsRepeated) return ((IList)field.Accessor.GetValue(message)).OfType<IMessage>().All(Of);
        bool isPresent = !field.HasPresence || field.Accessor.HasValue(message);
        if (!isPresent) return !field.IsRequired;
        return field.Accessor.GetValue(message) is not IMessage inner || Of(inner);
    }
}
