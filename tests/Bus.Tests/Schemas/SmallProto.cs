using Google.Protobuf;
using Google.Protobuf.Reflection;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>
/// Makes descriptors from a few words, one field or value a line, as a .proto file would have them:
/// <c>1 int32 count</c>, <c>2 repeated string names</c>, <c>3 .t.Inner inner</c>, <c>4 int32 a in choice</c>, <c>reserved 5-7 old</c>.
/// </summary>
internal static class SmallProto
{
    /// <summary>The first message of a file of package t.</summary>
    public static MessageDescriptor Message(params string[] definitions) => FileDescriptor.BuildFromByteStrings([File(definitions).ToByteString()])[0].MessageTypes[0];

    /// <summary>A serialized set with that file.</summary>
    public static byte[] Set(params string[] definitions) => new FileDescriptorSet { File = { File(definitions) } }.ToByteArray();

    /// <summary>Each definition is <c>message NAME: line; line</c> or <c>enum NAME: line; line</c>; the word <c>proto2</c> alone chooses that syntax.</summary>
    private static FileDescriptorProto File(string[] definitions)
    {
        var file = new FileDescriptorProto { Name = "t.proto", Package = "t", Syntax = definitions.Contains("proto2") ? "" : "proto3" };
        foreach (string definition in definitions.Where(static d => d != "proto2"))
        {
            string[] parts = definition.Split(':', 2, StringSplitOptions.TrimEntries);
            string name = parts[0].Split(' ')[1];
            string[] lines = parts[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (parts[0].StartsWith("enum", StringComparison.Ordinal)) file.EnumType.Add(Enumeration(name, lines));
            else file.MessageType.Add(Message(name, lines));
        }

        return file;
    }

    private static DescriptorProto Message(string name, string[] lines)
    {
        var message = new DescriptorProto { Name = name };
        foreach (string line in lines) AddTo(message, [.. line.Split(' ')]);
        // The oneofs that protoc makes for optional fields of proto3 stand after the written ones.
        foreach (FieldDescriptorProto field in message.Field.Where(static field => field.Proto3Optional))
        {
            field.OneofIndex = message.OneofDecl.Count;
            message.OneofDecl.Add(new OneofDescriptorProto { Name = "_" + field.Name });
        }

        return message;
    }

    private static void AddTo(DescriptorProto message, List<string> words)
    {
        if (words[0] == "reserved")
        {
            (int[] range, string[] names) = Reserved(words);
            if (range.Length > 0) message.ReservedRange.Add(new DescriptorProto.Types.ReservedRange { Start = range[0], End = range[^1] + 1 });
            message.ReservedName.Add(names);
            return;
        }

        if (words[0] == "map") message.Options = new MessageOptions { MapEntry = true };
        if (words[0] == "map") return;
        var field = new FieldDescriptorProto { Number = int.Parse(words[0]), Label = Label.Optional };
        words.RemoveAt(0);
        switch (words[0])
        {
            case "repeated" or "required":
                field.Label = words[0] == "repeated" ? Label.Repeated : Label.Required;
                words.RemoveAt(0);
                break;
            case "optional":
                field.Proto3Optional = true;
                words.RemoveAt(0);
                break;
        }

        SetType(field, words[0]);
        field.Name = words[1];
        for (int i = 2; i + 1 < words.Count; i += 2) SetOption(message, field, words[i], words[i + 1]);
        message.Field.Add(field);
    }

    private static void SetType(FieldDescriptorProto field, string type)
    {
        if (Enum.TryParse(type, ignoreCase: true, out Type scalar))
        {
            field.Type = scalar;
            return;
        }

        // Messages are written as .t.Name, enumerations as enum.t.Name, groups as group.t.Name, maps' entries nested: .t.M.AEntry.
        field.Type = type[0] == '.' ? Type.Message : type.StartsWith("enum", StringComparison.Ordinal) ? Type.Enum : Type.Group;
        field.TypeName = type[type.IndexOf('.', StringComparison.Ordinal)..];
    }

    private static void SetOption(DescriptorProto message, FieldDescriptorProto field, string option, string value)
    {
        switch (option)
        {
            case "in":
                if (message.OneofDecl.All(oneof => oneof.Name != value)) message.OneofDecl.Add(new OneofDescriptorProto { Name = value });
                field.OneofIndex = message.OneofDecl.IndexOf(message.OneofDecl.Single(oneof => oneof.Name == value));
                break;
            case "packed":
                field.Options = new FieldOptions { Packed = value == "true" };
                break;
            case "json":
                field.JsonName = value;
                break;
            case "default":
                field.DefaultValue = value;
                break;
            default:
                throw new ArgumentException(option, nameof(option));
        }
    }

    private static EnumDescriptorProto Enumeration(string name, string[] lines)
    {
        var enumeration = new EnumDescriptorProto { Name = name, Options = new EnumOptions { AllowAlias = true } };
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            if (words[0] == "reserved")
            {
                (int[] range, string[] names) = Reserved(words);
                if (range.Length > 0) enumeration.ReservedRange.Add(new EnumDescriptorProto.Types.EnumReservedRange { Start = range[0], End = range[^1] });
                enumeration.ReservedName.Add(names);
            }
            else
            {
                enumeration.Value.Add(new EnumValueDescriptorProto { Number = int.Parse(words[0]), Name = words[1] });
            }
        }

        return enumeration;
    }

    private static (int[] Range, string[] Names) Reserved(IReadOnlyList<string> words) =>
        (char.IsDigit(words[1][0]) ? [.. words[1].Split('-').Select(int.Parse)] : [], [.. words.Skip(1).Where(static word => !char.IsDigit(word[0]))]);
}
