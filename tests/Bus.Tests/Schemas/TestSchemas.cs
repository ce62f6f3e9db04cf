using Google.Protobuf.Reflection;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Schemas;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Message types with every feature of the format, and a registry that knows them by their full names, version 1.</summary>
internal static class TestSchemas
{
    public static MessageDescriptor[] All { get; } =
    [
        .. EventsReflection.Descriptor.MessageTypes,
        EnvelopeReflection.Descriptor.MessageTypes[0],
        Protos.Three.EveryType.Descriptor,
        Protos.Two.Parcel.Descriptor,
        Protos.Edition.Box.Descriptor,
    ];

    public static SchemaRegistry Registry { get; } = RegistryWith(new());

    public static SchemaRegistry RegistryWith(SchemaOptions options)
    {
        var builder = new SchemaRegistryBuilder(options);
        foreach (MessageDescriptor message in All.Where(static m => !m.FullName.StartsWith("sirsi.v1.", StringComparison.Ordinal)))
            builder.Add(NameOf(message), 1, message);
        builder.Add("test.Event", 1, EnvelopeReflection.Descriptor.MessageTypes[0]);
        return builder.Build();
    }

    /// <summary>Names that begin with "sirsi." are the product's.</summary>
    public static string NameOf(MessageDescriptor message) =>
        message.FullName == "sirsi.v1.Event" ? "test.Event"
        : message.FullName.StartsWith("sirsi.test.", StringComparison.Ordinal) ? message.FullName["sirsi.".Length..]
        : message.FullName;

    public static PayloadVerdict Check(MessageDescriptor message, ReadOnlySpan<byte> payload) => Registry.Check(NameOf(message), 1, payload);
}
