using Google.Protobuf;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Schemas;

namespace Sirsi.Bus.Tests.Schemas;

[Collection(nameof(SchemaCollection))]
public sealed class SchemaRegistryTests
{
    private static readonly byte[] Payload = new Custom { Type = "greeting" }.ToByteArray();

    [Fact]
    public void The_products_own_schemas_are_there_from_the_start() => Assert.Equal(
        ["AgentLifecycle", "Alert", "Audit", "Custom", "MigrationProgress", "ResourceEvent", "TaskEvent"],
        new SchemaRegistryBuilder().Build().Schemas.Select(static schema => schema.Name["sirsi.v1.".Length..]));

    [Theory]
    [InlineData(UnregisteredPayloads.PassUnnamed, true, false)]
    [InlineData(UnregisteredPayloads.Refuse, false, false)]
    [InlineData(UnregisteredPayloads.Pass, true, true)]
    public void What_is_not_registered_passes_or_not_as_the_option_says(UnregisteredPayloads choice, bool unnamed, bool unknown)
    {
        SchemaRegistry registry = new SchemaRegistryBuilder(new() { Unregistered = choice }).Build();
        Assert.Equal(unnamed, registry.Check("", 0, [0xFF]).IsAccepted);
        Assert.Equal(unknown, registry.Check("acme.Order", 1, [0xFF]).IsAccepted);
        Assert.Equal(unknown, registry.Check("sirsi.v1.Custom", 2, [0xFF]).IsAccepted);
        Assert.False(registry.Check("sirsi.v1.Custom", 1, [0xFF]).IsAccepted);
    }

    [Theory]
    [InlineData("sirsi.v1.Custum", "Schema sirsi.v1.Custum is not registered. Near names: sirsi.v1.Custom.")]
    [InlineData("AgentLifecycle", "Schema AgentLifecycle is not registered. Near names: sirsi.v1.AgentLifecycle.")]
    [InlineData("SIRSI.V1.ALERT", "Schema SIRSI.V1.ALERT is not registered. Near names: sirsi.v1.Alert.")]
    [InlineData("sirsi.v1.Aud", "Schema sirsi.v1.Aud is not registered. Near names: sirsi.v1.Audit.")]
    [InlineData("nothing.like.it", "Schema nothing.like.it is not registered.")]
    [InlineData("bad\nname", "The schema's name is not one: it has 1 to 128 ASCII letters, digits, '.', '_' and '-'.")]
    public void An_unknown_name_is_refused_with_those_that_come_near(string name, string message)
    {
        PayloadFault? fault = TestOnly().Check(name, 1, Payload).Fault;
        Assert.Equal((PayloadFaultKind.UnknownSchema, BusErrors.SchemaUnknown, message), (fault?.Kind, fault?.Code, fault?.Message));
    }

    [Fact]
    public void An_unknown_version_is_refused_with_those_that_are_known()
    {
        SchemaRegistry registry = new SchemaRegistryBuilder()
            .Add("acme.Order", 3, SmallProto.Message("message M: 1 int32 a; 2 int32 b"))
            .Add("acme.Order", 1, SmallProto.Message("message M: 1 int32 a")).Build();
        Assert.Equal("Schema acme.Order has no version 2; known: 1, 3.", registry.Check("acme.Order", 2, []).Fault?.Message);
        Assert.True(registry.Check("acme.Order", 3, [0x10, 0x01]).IsAccepted);
    }

    [Fact]
    public void A_version_that_breaks_the_one_before_or_after_it_is_refused_with_every_reason_and_changes_nothing()
    {
        var builder = new SchemaRegistryBuilder().Add("acme.Order", 2, SmallProto.Message("message M: 1 int32 a; 2 string b; 3 int32 c"));
        BusException later = Assert.Throws<BusException>(() => builder.Add("acme.Order", 3, SmallProto.Message("message M: 1 string a; 2 string b")));
        Assert.Equal(BusErrors.SchemaIncompatible, later.Code);
        Assert.Equal(
            """
            Schema acme.Order: version 3 breaks version 2:
              t.M.a: has type string instead of int32, which is written differently
              t.M.c: is removed without reserving its number 3 and name: a later field could be taken for it
            """, later.Message);
        BusException earlier = Assert.Throws<BusException>(() => builder.Add("acme.Order", 1, SmallProto.Message("message M: 1 int32 a; 9 int32 z")));
        Assert.StartsWith("Schema acme.Order: version 2 breaks version 1:\n  t.M.z: is removed", earlier.Message, StringComparison.Ordinal);
        Assert.Equal([2], builder.Build().Schemas.Where(static s => s.Name == "acme.Order").Select(static s => s.Version));
    }

    [Fact]
    public void Conditional_differences_are_let_pass() =>
        Assert.True(new SchemaRegistryBuilder()
            .Add("acme.Order", 1, SmallProto.Message("message M: 1 int32 a"))
            .Add("acme.Order", 2, SmallProto.Message("message M: 1 int64 amount")).Build()
            .Check("acme.Order", 2, [0x08, 0x01]).IsAccepted);

    [Fact]
    public void The_same_version_again_is_no_fault_but_another_one_under_its_number_is()
    {
        var builder = new SchemaRegistryBuilder()
            .Add("acme.Order", 1, SmallProto.Message("message M: 1 int32 a"))
            .Add("acme.Order", 1, SmallProto.Message("message M: 1 int32 a"));
        BusException taken = Assert.Throws<BusException>(() => builder.Add("acme.Order", 1, SmallProto.Message("message M: 1 int32 a; 2 int32 b")));
        Assert.Equal(BusErrors.SchemaNameTaken, taken.Code);
    }

    [Fact]
    public void Names_of_the_product_are_not_given_away() => Assert.Equal(BusErrors.SchemaNameTaken,
        Assert.Throws<BusException>(() => new SchemaRegistryBuilder().Add("sirsi.v1.TaskEvent", 2, TaskEvent.Descriptor)).Code);

    [Theory]
    [InlineData(""), InlineData("with space"), InlineData("é")]
    public void What_is_no_name_is_misuse(string name) =>
        Assert.Throws<ArgumentException>(() => new SchemaRegistryBuilder().Add(name, 1, Custom.Descriptor));

    [Fact]
    public void Names_have_128_characters_at_most()
    {
        var builder = new SchemaRegistryBuilder().Add(new string('n', 128), 1, Custom.Descriptor);
        Assert.Throws<ArgumentException>(() => builder.Add(new string('n', 129), 1, Custom.Descriptor));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Add("acme.Order", 0, Custom.Descriptor));
        Assert.Equal(PayloadFaultKind.UnknownSchema, builder.Build().Check(new string('n', 127) + "m", 1, []).Fault?.Kind);
    }

    [Fact]
    public void No_more_schemas_are_registered_than_the_option_says()
    {
        var builder = new SchemaRegistryBuilder(new() { SchemasMax = 8 }).Add("acme.Order", 1, Custom.Descriptor);
        BusException full = Assert.Throws<BusException>(() => builder.Add("acme.Order", 2, Custom.Descriptor));
        Assert.Equal(BusErrors.SchemaBeyondLimit, full.Code);
        Assert.Equal("Schema acme.Order would be one more than SchemasMax, which is 8.", full.Message);
    }

    [Fact]
    public void Options_out_of_range_are_misuse() => Assert.All<SchemaOptions>(
        [
            new() { PayloadBytesMax = 0 }, new() { DepthMax = -1 }, new() { DepthMax = 1_001 }, new() { SchemasMax = 0 },
            new() { DescriptorBytesMax = 0 }, new() { Unregistered = (UnregisteredPayloads)3 },
        ],
        static options => Assert.Throws<ArgumentOutOfRangeException>(() => new SchemaRegistryBuilder(options)));

    [Fact]
    public void A_registry_keeps_what_it_was_built_with()
    {
        var builder = new SchemaRegistryBuilder();
        SchemaRegistry before = builder.Build();
        SchemaRegistry after = builder.Add("acme.Order", 1, Custom.Descriptor).Build();
        Assert.False(before.Check("acme.Order", 1, Payload).IsAccepted);
        Assert.True(after.Check("acme.Order", 1, Payload).IsAccepted);
    }

    [Fact]
    public void More_than_64_required_fields_are_refused()
    {
        MessageDescriptor Required(int count) => SmallProto.Message(
            "proto2", "message M: " + string.Join("; ", Enumerable.Range(1, count).Select(static i => $"{i} required int32 f{i}")));
        SchemaRegistry registry = new SchemaRegistryBuilder().Add("t.M", 1, Required(64)).Build();
        byte[] whole = [.. Enumerable.Range(1, 64).SelectMany(static i => i < 16 ? new[] { (byte)(i << 3), (byte)0 } : [(byte)((i << 3 & 0x7F) | 0x80), (byte)(i >> 4), 0])];
        Assert.Null(registry.Check("t.M", 1, whole).Fault);
        Assert.Equal("f64", registry.Check("t.M", 1, whole.AsSpan(0, whole.Length - 3)).Fault?.Path);
        Assert.Equal(BusErrors.SchemaBeyondLimit, Assert.Throws<BusException>(() => new SchemaRegistryBuilder().Add("t.M", 1, Required(65))).Code);
    }

    private static SchemaRegistry TestOnly() => new SchemaRegistryBuilder().Build();
}
