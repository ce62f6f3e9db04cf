using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Sirsi.Bus.Schemas;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Schemas of users come as the sets that protoc writes, and as what somebody made of them.</summary>
[Collection(nameof(SchemaCollection))]
public sealed class DescriptorSetTests
{
    [Fact]
    public void A_set_that_protoc_wrote_is_registered_with_all_it_imports()
    {
        byte[] set = Set(Timestamp.Descriptor.File, File("importer.proto", "google/protobuf/timestamp.proto", ".google.protobuf.Timestamp"));
        SchemaRegistry registry = new SchemaRegistryBuilder().Add("acme.Order", 1, set, "acme.Order.Line").Build();
        Assert.True(registry.Check("acme.Order", 1, [0x0A, 0x02, 0x08, 0x01]).IsAccepted);
        Assert.Equal("at.seconds", registry.Check("acme.Order", 1, [0x0A, 0x02, 0x0A, 0x00]).Fault?.Path);
    }

    [Fact]
    public void Every_schema_is_the_same_after_the_way_through_a_set() => Assert.All(TestSchemas.All, message =>
    {
        SchemaRegistry registry = new SchemaRegistryBuilder().Add("acme.Copy", 1, Set(message.File), message.FullName).Build();
        Check.That(seed: 7, runs: 50, random =>
        {
            byte[] payload = Mutations.Of(RandomMessages.Of(message, random).ToByteArray(), random);
            PayloadFault? compiled = TestSchemas.Check(message, payload).Fault, read = registry.Check("acme.Copy", 1, payload).Fault;
            Assert.Equal((compiled?.Kind, compiled?.Offset, compiled?.Path), (read?.Kind, read?.Offset, read?.Path));
        });
    });

    [Fact]
    public void A_set_without_its_imports_is_refused() =>
        Refused(Set(File("importer.proto", "google/protobuf/timestamp.proto", ".google.protobuf.Timestamp")), "acme.Order.Line", "imports be included");

    [Fact]
    public void A_set_without_the_message_is_refused() => Refused(SmallProto.Set("message M: 1 int32 a"), "t.N", "The descriptor set of 1 files has no message t.N.");

    [Fact]
    public void Bytes_that_are_no_set_are_refused() => Refused([0xFF, 0xFF], "t.M", "cannot be read");

    [Fact]
    public void A_field_of_a_type_that_is_nowhere_is_refused() => Refused(SmallProto.Set("message M: 1 .t.Nowhere n"), "t.M", "cannot be read");

    [Fact]
    public void A_set_is_as_large_as_the_option_says_and_no_larger()
    {
        byte[] set = SmallProto.Set("message M: 1 int32 a");
        Assert.NotNull(new SchemaRegistryBuilder(new() { DescriptorBytesMax = set.Length }).Add("t.M", 1, set, "t.M"));
        BusException large = Assert.Throws<BusException>(
            () => new SchemaRegistryBuilder(new() { DescriptorBytesMax = set.Length - 1 }).Add("t.M", 1, set, "t.M"));
        Assert.Equal(BusErrors.SchemaBeyondLimit, large.Code);
    }

    [Fact]
    public void A_mutated_set_is_registered_or_refused_with_a_code_and_never_worse() => Check.That(seed: 8, runs: 3_000, random =>
    {
        MessageDescriptor message = TestSchemas.All[random.Next(TestSchemas.All.Length)];
        byte[] set = Mutations.Of(Set(message.File), random);
        try
        {
            SchemaRegistry registry = new SchemaRegistryBuilder().Add("acme.Order", 1, set, message.FullName).Build();
            registry.Check("acme.Order", 1, RandomMessages.Of(message, random).ToByteArray());
        }
        catch (BusException refusal)
        {
            Assert.InRange(refusal.Code.Number, 1520, 1539);
        }
    });

    private static void Refused(byte[] set, string message, string reason)
    {
        BusException refusal = Assert.Throws<BusException>(() => new SchemaRegistryBuilder().Add("acme.Order", 1, set, message));
        Assert.Equal(BusErrors.SchemaUnreadable, refusal.Code);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private static byte[] Set(params FileDescriptor[] files) =>
        new FileDescriptorSet { File = { files.Select(static file => file.ToProto()) } }.ToByteArray();

    private static byte[] Set(FileDescriptorProto file) => new FileDescriptorSet { File = { file } }.ToByteArray();

    private static byte[] Set(FileDescriptor import, FileDescriptorProto file) =>
        new FileDescriptorSet { File = { import.ToProto(), file } }.ToByteArray();

    private static FileDescriptorProto File(string name, string import, string type) => new()
    {
        Name = name,
        Package = "acme",
        Syntax = "proto3",
        Dependency = { import },
        MessageType =
        {
            new DescriptorProto
            {
                Name = "Order",
                NestedType =
                {
                    new DescriptorProto
                    {
                        Name = "Line",
                        Field =
                        {
                            new FieldDescriptorProto
                            {
                                Name = "at", Number = 1, TypeName = type, Type = FieldDescriptorProto.Types.Type.Message,
                                Label = FieldDescriptorProto.Types.Label.Optional,
                            },
                        },
                    },
                },
            },
        },
    };
}
