using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Schemas;

/// <summary>Reads the descriptor sets that protoc writes.</summary>
internal static class DescriptorSet
{
    /// <summary>The message <paramref name="messageName"/> (full name) of a serialized FileDescriptorSet.</summary>
    /// <exception cref="BusException">The set cannot be read, or has no such message.</exception>
    public static MessageDescriptor ReadMessage(ReadOnlySpan<byte> set, string messageName)
    {
        IReadOnlyList<FileDescriptor> files = ReadFiles(set);
        return files.SelectMany(static file => file.MessageTypes).SelectMany(WithNested)
            .FirstOrDefault(message => message.FullName == messageName)
            ?? throw new BusException(BusErrors.SchemaUnreadable, $"The descriptor set of {files.Count} files has no message {messageName}.");
    }

    private static IReadOnlyList<FileDescriptor> ReadFiles(ReadOnlySpan<byte> set)
    {
        try
        {
            FileDescriptorSet parsed = FileDescriptorSet.Parser.ParseFrom(set);
            return FileDescriptor.BuildFromByteStrings(parsed.File.Select(static file => file.ToByteString()));
        }
        catch (Exception failure) when (IsFaultOfTheSet(failure))
        {
            throw new BusException(BusErrors.SchemaUnreadable,
                $"The descriptor set cannot be read: {failure.Message} Files must stand after those they import, and imports be included.", failure);
        }
    }

    /// <summary>The reader of descriptors trusts protoc, and meets what protoc would never write with whatever exception comes.</summary>
    private static bool IsFaultOfTheSet(Exception failure) => failure is InvalidProtocolBufferException or DescriptorValidationException
        or ArgumentException or InvalidOperationException or NullReferenceException or IndexOutOfRangeException or InvalidCastException
        or KeyNotFoundException or NotSupportedException or FormatException or OverflowException;

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) =>
        message.NestedTypes.SelectMany(WithNested).Prepend(message);
}
