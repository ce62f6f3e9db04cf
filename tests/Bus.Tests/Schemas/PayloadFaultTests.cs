using Google.Protobuf;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Schemas;
using Sirsi.Bus.Tests.Protos.Three;
using Sirsi.Bus.Tests.Protos.Two;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>Every way of being wrong is named, with the byte and the fields that lead there.</summary>
[Collection(nameof(SchemaCollection))]
public sealed class PayloadFaultTests
{
    private const string Three = "test.three.EveryType";
    private const string Two = "test.two.Parcel";

    /// <summary>A parcel's required fields: address "" and weight 0.</summary>
    private const string Whole = "0A001000";

    [Theory]
    // A value goes beyond the end.
    [InlineData(Three, "08", PayloadFaultKind.Truncated, 1, "int32")]
    [InlineData(Three, "0880", PayloadFaultKind.Truncated, 1, "int32")]
    [InlineData(Three, "3D010203", PayloadFaultKind.Truncated, 1, "fixed32")]
    [InlineData(Three, "4101020304050607", PayloadFaultKind.Truncated, 1, "fixed64")]
    [InlineData(Three, "7205616263", PayloadFaultKind.Truncated, 1, "string")]
    [InlineData(Three, "72", PayloadFaultKind.Truncated, 1, "string")]
    [InlineData(Three, "F2", PayloadFaultKind.Truncated, 0, "")]
    [InlineData(Three, "8A01047203616263", PayloadFaultKind.Truncated, 4, "child.string")]
    [InlineData(Three, "FA01020180", PayloadFaultKind.Truncated, 4, "int32s")]
    [InlineData(Three, "8A02050102030405", PayloadFaultKind.Truncated, 7, "fixed32s")]
    [InlineData(Three, "CA030201", PayloadFaultKind.Truncated, 2, "#57")]
    // Numbers that are too long.
    [InlineData(Three, "08FFFFFFFFFFFFFFFFFF02", PayloadFaultKind.VarintOverflow, 1, "int32")]
    [InlineData(Three, "0880808080808080808080800100", PayloadFaultKind.VarintOverflow, 1, "int32")]
    [InlineData(Three, "888080808000", PayloadFaultKind.InvalidTag, 0, "")]
    [InlineData(Three, "FFFFFFFF1F", PayloadFaultKind.InvalidTag, 0, "")]
    [InlineData(Three, "72818080808000", PayloadFaultKind.InvalidLength, 1, "string")]
    [InlineData(Three, "72FFFFFFFF0F", PayloadFaultKind.InvalidLength, 1, "string")]
    [InlineData(Three, "72FFFFFFFFFFFFFFFFFF01", PayloadFaultKind.InvalidLength, 1, "string")]
    [InlineData(Three, "72FFFFFFFF07", PayloadFaultKind.Truncated, 1, "string")]
    // Tags that mean nothing.
    [InlineData(Three, "00", PayloadFaultKind.InvalidTag, 0, "")]
    [InlineData(Three, "0201", PayloadFaultKind.InvalidTag, 0, "")]
    [InlineData(Three, "0E", PayloadFaultKind.InvalidWireType, 0, "int32")]
    [InlineData(Three, "CF03", PayloadFaultKind.InvalidWireType, 0, "#57")]
    // Another type than the schema's.
    [InlineData(Three, "0801" + "1201", PayloadFaultKind.WrongWireType, 2, "int64")]
    [InlineData(Three, "0A0101", PayloadFaultKind.WrongWireType, 0, "int32")]
    [InlineData(Three, "7001", PayloadFaultKind.WrongWireType, 0, "string")]
    [InlineData(Three, "8B018C01", PayloadFaultKind.WrongWireType, 0, "child")]
    [InlineData(Three, "BA0202" + "1501", PayloadFaultKind.WrongWireType, 3, "leaves.size")]
    [InlineData(Three, "C20202" + "0801", PayloadFaultKind.WrongWireType, 3, "leaf_by_name.key")]
    // Groups.
    [InlineData(Three, "0C", PayloadFaultKind.UnbalancedGroup, 0, "")]
    [InlineData(Three, "CB03", PayloadFaultKind.UnbalancedGroup, 2, "#57")]
    [InlineData(Three, "CB03D403", PayloadFaultKind.UnbalancedGroup, 2, "#57")]
    [InlineData(Two, Whole + "2B0900", PayloadFaultKind.Truncated, 6, "stop.at")]
    [InlineData(Two, Whole + "2B", PayloadFaultKind.UnbalancedGroup, 5, "stop")]
    [InlineData(Two, Whole + "2B34", PayloadFaultKind.UnbalancedGroup, 5, "stop")]
    // Text.
    [InlineData(Three, "7203616280", PayloadFaultKind.InvalidUtf8, 4, "string")]
    [InlineData(Three, "7203EDA080", PayloadFaultKind.InvalidUtf8, 2, "string")]
    [InlineData(Three, "A20201C3", PayloadFaultKind.InvalidUtf8, 3, "strings")]
    [InlineData(Two, "0A01FF1000", PayloadFaultKind.InvalidUtf8, 2, "address")]
    // What is required.
    [InlineData(Two, "", PayloadFaultKind.RequiredMissing, 0, "address")]
    [InlineData(Two, "0A00", PayloadFaultKind.RequiredMissing, 2, "weight")]
    [InlineData(Two, Whole + "2324", PayloadFaultKind.RequiredMissing, 6, "label.text")]
    [InlineData(Two, Whole + "4A020A00", PayloadFaultKind.RequiredMissing, 8, "parcel.weight")]
    [InlineData(Two, Whole + "42021200", PayloadFaultKind.RequiredMissing, 8, "marks.value.by")]
    [InlineData(Two, Whole + "42020A00", PayloadFaultKind.RequiredMissing, 8, "marks.value")]
    [InlineData("test.edition.Box", "0A00", PayloadFaultKind.RequiredMissing, 2, "needed")]
    public void A_fault_is_named_with_its_byte_and_its_fields(
        string schema, string payload, PayloadFaultKind kind, int offset, string path)
    {
        PayloadFault? fault = TestSchemas.Registry.Check(schema, 1, Convert.FromHexString(payload)).Fault;
        Assert.NotNull(fault);
        Assert.Equal((kind, offset, path), (fault.Kind, fault.Offset, fault.Path));
        Assert.Contains($"at byte {offset}.", fault.Message, StringComparison.Ordinal);
        Assert.Equal(BusErrors.PayloadMalformed, fault.Code);
    }

    [Fact]
    public void The_message_tells_what_was_found_where_and_what_the_schema_wants()
    {
        byte[] payload = new TaskEvent { TaskId = "task", Progress = new() { Percent = 50 } }.ToByteArray();
        payload[8] = 0x0A; // percent, as if it were a text of 0 bytes
        Assert.Equal(
            "sirsi.v1.TaskEvent version 1: progress.percent: field 1 is a double (wire type 1), wire type 2 found at byte 8.",
            TestSchemas.Registry.Check("sirsi.v1.TaskEvent", 1, payload).Fault?.Message);
    }

    [Theory]
    [InlineData(Three, "")]
    [InlineData(Three, "F8FFFFFF0F01")]                  // field 536,870,911, by its largest number
    [InlineData(Three, "8800" + "01")]                   // a tag written longer than needed
    [InlineData(Three, "08FFFFFFFFFFFFFFFFFF01")]        // -1
    [InlineData(Three, "F80101F80102FA01020304")]        // one by one, then packed
    [InlineData(Three, "80027F82020103" + "FA0100")]     // declared unpacked, written packed; and nothing, packed
    [InlineData(Three, "8001E807")]                      // an enumeration's number that has no name
    [InlineData(Three, "CB03D303080172020001D403CC03")]  // unknown groups in each other
    [InlineData(Three, "C20200" + "C20204" + "9A060100")] // entries without key and value, and with more
    [InlineData(Two, Whole + "2B0901020304050607081001120203042C")]
    [InlineData(Two, Whole + "18E807" + "C23E0102")]     // closed enumeration, extension
    public void What_other_writers_may_write_is_accepted(string schema, string payload) =>
        Assert.Null(TestSchemas.Registry.Check(schema, 1, Convert.FromHexString(payload)).Fault);

    [Theory]
    [InlineData(0), InlineData(1), InlineData(7), InlineData(100), InlineData(1_000)]
    public void Messages_groups_and_entries_lie_as_deep_in_each_other_as_the_option_says_and_no_deeper(int depthMax)
    {
        SchemaRegistry registry = TestSchemas.RegistryWith(new() { DepthMax = depthMax });
        Assert.True(registry.Check(Three, 1, Nested(depthMax)).IsAccepted);
        PayloadFault? fault = registry.Check(Three, 1, Nested(depthMax + 1)).Fault;
        Assert.Equal((PayloadFaultKind.TooDeep, BusErrors.PayloadBeyondLimit), (fault?.Kind, fault?.Code));
        Assert.True(registry.Check(Three, 1, Groups(depthMax)).IsAccepted);
        Assert.Equal(PayloadFaultKind.TooDeep, registry.Check(Three, 1, Groups(depthMax + 1)).Fault?.Kind);
    }

    [Fact]
    public void The_default_depth_is_that_of_Google_Protobuf()
    {
        Assert.NotNull(EveryType.Parser.ParseFrom(Nested(100)));
        Assert.Throws<InvalidProtocolBufferException>(() => EveryType.Parser.ParseFrom(Nested(101)));
        Assert.NotNull(EveryType.Parser.ParseFrom(Groups(100)));
        Assert.Throws<InvalidProtocolBufferException>(() => EveryType.Parser.ParseFrom(Groups(101)));
    }

    [Fact]
    public void Half_a_million_groups_that_are_never_ended_do_not_exhaust_the_stack() =>
        Assert.Equal(PayloadFaultKind.TooDeep,
            TestSchemas.Registry.Check(Three, 1, Groups(500_000).AsSpan(0, 1_000_000)).Fault?.Kind);

    [Fact]
    public void A_payload_is_as_large_as_the_option_says_and_no_larger()
    {
        SchemaRegistry registry = TestSchemas.RegistryWith(new() { PayloadBytesMax = 100 });
        byte[] payload = new Leaf { Name = new string('x', 98) }.ToByteArray();
        Assert.Equal(100, payload.Length);
        Assert.True(registry.Check("sirsi.v1.Custom", 1, payload).IsAccepted);
        PayloadFault? fault = registry.Check("", 0, [.. payload, 0]).Fault;
        Assert.Equal((PayloadFaultKind.TooLarge, BusErrors.PayloadBeyondLimit), (fault?.Kind, fault?.Code));
        Assert.Equal("The payload has 101 bytes; the limit is 100.", fault?.Message);
    }

    [Fact]
    public void A_fault_never_repeats_the_payload()
    {
        byte[] payload = new Parcel { Address = "swordfish", Weight = 1 }.ToByteArray();
        Check.That(seed: 5, runs: 2_000, random =>
        {
            byte[] mutated = Mutations.Of(payload, random);
            string? message = TestSchemas.Registry.Check(Two, 1, mutated).Fault?.Message;
            Assert.DoesNotContain("sword", message ?? "", StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_well_formed_payload_is_checked_without_allocating()
    {
        var random = new Random(6);
        (string Name, byte[] Payload)[] payloads = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            MessageDescriptor schema = TestSchemas.All[random.Next(TestSchemas.All.Length)];
            return (TestSchemas.NameOf(schema), RandomMessages.Of(schema, random).ToByteArray());
        })];
        Assert.Equal(payloads.Length, AcceptedOf(payloads));
        Assert.Equal(0, Garbage.Of(() => AcceptedOf(payloads)));
    }

    private static int AcceptedOf((string Name, byte[] Payload)[] payloads)
    {
        int accepted = 0;
        foreach ((string name, byte[] payload) in payloads)
            if (TestSchemas.Registry.Check(name, 1, payload).IsAccepted) accepted++;
        return accepted;
    }

    private static byte[] Nested(int depth)
    {
        var message = new EveryType();
        for (int i = 0; i < depth; i++) message = new EveryType { Child = message };
        return message.ToByteArray();
    }

    private static byte[] Groups(int depth) =>
        [.. Enumerable.Repeat<byte[]>([0xCB, 0x03], depth).SelectMany(static tag => tag), .. Enumerable.Repeat<byte[]>([0xCC, 0x03], depth).SelectMany(static tag => tag)];
}
