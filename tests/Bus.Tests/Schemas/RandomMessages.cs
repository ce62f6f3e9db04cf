using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Fills messages of any type with random content by their descriptors.</summary>
internal static class RandomMessages
{
    private const int DepthMax = 4;

    public static IMessage Of(MessageDescriptor descriptor, Random random, int depth = 0)
    {
        var message = (IMessage)Activator.CreateInstance(descriptor.ClrType)!;
        double chance = random.NextDouble();
        foreach (FieldDescriptor field in descriptor.Fields.InFieldNumberOrder())
        {
            bool isDeep = depth >= DepthMax && field.FieldType is FieldType.Message or FieldType.Group && !field.IsMap;
            if (!field.IsRequired && (isDeep || random.NextDouble() > chance)) continue;
            if (field.IsMap) FillMap((IDictionary)field.Accessor.GetValue(message), field, random, depth);
            else if (field.IsRepeated) FillList((IList)field.Accessor.GetValue(message), field, random, depth);
            else field.Accessor.SetValue(message, Value(field, random, depth));
        }

        return message;
    }

    private static void FillList(IList list, FieldDescriptor field, Random random, int depth)
    {
        for (int count = random.Next(4); count > 0; count--) list.Add(Value(field, random, depth));
    }

    private static void FillMap(IDictionary map, FieldDescriptor field, Random random, int depth)
    {
        FieldDescriptor key = field.MessageType.FindFieldByNumber(1), value = field.MessageType.FindFieldByNumber(2);
        for (int count = random.Next(4); count > 0; count--) map[Value(key, random, depth)] = Value(value, random, depth);
    }

    private static object Value(FieldDescriptor field, Random random, int depth) => field.FieldType switch
    {
        FieldType.Double => BitConverter.Int64BitsToDouble(random.NextInt64()),
        FieldType.Float => (float)random.NextDouble(),
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => (int)Bits(random),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long)Bits(random),
        FieldType.UInt32 or FieldType.Fixed32 => (uint)Bits(random),
        FieldType.UInt64 or FieldType.Fixed64 => Bits(random),
        FieldType.Bool => random.Next(2) == 1,
        FieldType.String => Text(random),
        FieldType.Bytes => ByteString.CopyFrom(Bytes(random)),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, (int)Bits(random)),
        _ => Of(field.MessageType, random, depth + 1),
    };

    /// <summary>A number of any length: small ones are as frequent as large ones.</summary>
    private static ulong Bits(Random random)
    {
        ulong bits = (ulong)random.NextInt64() >> random.Next(63);
        return random.Next(4) == 0 ? unchecked(0UL - bits) : bits;
    }

    private static string Text(Random random)
    {
        string[] pieces = ["", "a", "estate", "é", "漢字", "🙂", "\0", new string('x', 130)];
        return string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(20)];
        random.NextBytes(bytes);
        return bytes;
    }
}
