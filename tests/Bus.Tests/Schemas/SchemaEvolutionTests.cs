using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Schemas.Evolution;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>The rules of "Updating A Message Type", one by one.</summary>
[Collection(nameof(SchemaCollection))]
public sealed class SchemaEvolutionTests
{
    private const SchemaImpact Compatible = SchemaImpact.Compatible, Conditional = SchemaImpact.Conditional, Breaking = SchemaImpact.Breaking;

    [Theory]
    // Adding and removing.
    [InlineData("1 int32 a", "1 int32 a; 2 int32 b", Compatible, "t.M.b", "is added with number 2")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a; reserved 2 b", Compatible, "t.M.b", "its number 2 and name are reserved")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a", Breaking, "t.M.b", "without reserving its number 2 and name")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a; reserved 2", Breaking, "t.M.b", "without reserving its name")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a; reserved b", Breaking, "t.M.b", "without reserving its number 2")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a; 3 int32 b", Breaking, "t.M.b", "has number 3 instead of 2")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 b; 2 int32 a", Breaking, "t.M.a", "has number 2 instead of 1")]
    [InlineData("1 int32 a; reserved 2-4", "1 int32 a; 3 int32 b; reserved 2-4", Breaking, "t.M.b", "uses number 3, which was reserved")]
    [InlineData("1 int32 a; reserved b", "1 int32 a; 2 int32 b; reserved b", Breaking, "t.M.b", "uses a name that was reserved")]
    [InlineData("1 int32 a; reserved b", "1 int32 b; reserved b", Breaking, "t.M.b", "uses a name that was reserved")]
    [InlineData("1 int32 a; reserved 2-4", "1 int32 a; reserved 2-3", Breaking, "t.M", "numbers 2 to 4 are no longer all reserved")]
    [InlineData("1 int32 a; reserved b", "1 int32 a", Breaking, "t.M", "the name 'b' is no longer reserved")]
    // Names.
    [InlineData("1 int32 a", "1 int32 b", Conditional, "t.M.a", "is called 'b' now")]
    [InlineData("1 int32 a", "1 int32 a json A", Conditional, "t.M.a", "is called 'A' in JSON")]
    [InlineData("1 int32 a", "1 string b", Breaking, "t.M.a", "number 1 is used again, by 'b'")]
    // Types that are written alike.
    [InlineData("1 int32 a", "1 int64 a", Conditional, "t.M.a", "safe only while the values fit both")]
    [InlineData("1 uint32 a", "1 bool a", Conditional, "t.M.a", "safe only while the values fit both")]
    [InlineData("1 uint64 a", "1 enum.t.E a", Conditional, "t.M.a", "safe only while the values fit both")]
    [InlineData("1 sint32 a", "1 sint64 a", Conditional, "t.M.a", "safe only while the values fit both")]
    [InlineData("1 fixed32 a", "1 sfixed32 a", Conditional, "t.M.a", "safe only while the values fit both")]
    [InlineData("1 fixed64 a", "1 sfixed64 a", Conditional, "t.M.a", "safe only while the values fit both")]
    [InlineData("1 string a", "1 bytes a", Conditional, "t.M.a", "the bytes are UTF-8")]
    [InlineData("1 .t.N a", "1 bytes a", Conditional, "t.M.a", "the bytes are such a message")]
    [InlineData("1 bytes a", "1 .t.N a", Conditional, "t.M.a", "the bytes are such a message")]
    // And those that are not.
    [InlineData("1 int32 a", "1 sint32 a", Breaking, "t.M.a", "type sint32 instead of int32, which is written differently")]
    [InlineData("1 int32 a", "1 fixed32 a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 fixed32 a", "1 fixed64 a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 fixed32 a", "1 float a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 double a", "1 fixed64 a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 float a", "1 double a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 string a", "1 int32 a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 .t.N a", "1 string a", Breaking, "t.M.a", "written differently")]
    [InlineData("1 .t.N a", "1 .t.O a", Breaking, "t.M.a", "holds a t.O instead of a t.N")]
    // One or several.
    [InlineData("1 string a", "1 repeated string a", Conditional, "t.M.a", "takes the last of several")]
    [InlineData("1 repeated .t.N a", "1 .t.N a", Conditional, "t.M.a", "merges messages")]
    [InlineData("1 int32 a", "1 repeated int32 a", Breaking, "t.M.a", "packed numbers are not read as one")]
    [InlineData("1 repeated double a", "1 double a", Breaking, "t.M.a", "packed numbers are not read as one")]
    [InlineData("1 repeated int32 a packed false", "1 repeated int32 a", Compatible, "t.M.a", "is packed now")]
    [InlineData("1 repeated int32 a", "1 repeated int32 a packed false", Compatible, "t.M.a", "is no longer packed")]
    [InlineData("1 int32 a", "1 optional int32 a", Compatible, "t.M.a", "tells absent from default now")]
    [InlineData("1 optional int32 a", "1 int32 a", Compatible, "t.M.a", "no longer tells absent from default")]
    // Oneofs.
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a in c; 2 int32 b in c", Breaking, "t.M.c", "'a', 'b' could be set together")]
    [InlineData("1 int32 a in c; 2 int32 b in c", "1 int32 a; 2 int32 b", Breaking, "t.M.c", "'a', 'b' were in one oneof")]
    [InlineData("1 int32 a in c; 2 int32 b", "1 int32 a in c; 2 int32 b in c", Breaking, "t.M.c", "could be set together")]
    [InlineData("1 int32 a in c; 2 int32 b in c", "1 int32 a in c; 2 int32 b in d", Breaking, "t.M.c", "can be set together now")]
    [InlineData("1 int32 a in c; 2 int32 b in d", "1 int32 a in c; 2 int32 b in c", Breaking, "t.M.c", "could be set together")]
    [InlineData("1 int32 a in c", "1 int32 a in c; 2 int32 b in c", Compatible, "t.M.b", "is added")]
    [InlineData("1 int32 a", "1 int32 a in c", Compatible, "t.M.a", "tells absent from default now")]
    public void A_change_of_a_message_has_its_impact(string older, string newer, SchemaImpact impact, string path, string reason)
    {
        const string rest = "message N: 1 int32 x";
        ImmutableArray<SchemaDifference> differences = Compare(
            ["message M: " + older, rest, "message O: 1 int32 x", "enum E: 0 ZERO"],
            ["message M: " + newer, rest, "message O: 1 int32 x", "enum E: 0 ZERO"]);
        Assert.Contains(differences, difference => difference.Impact == impact && difference.Path == path
            && difference.Reason.Contains(reason, StringComparison.Ordinal));
        Assert.Equal(impact, differences.Max(static difference => difference.Impact));
    }

    [Theory]
    [InlineData("1 int32 a", "1 int32 a; 2 required int32 b", Breaking, "t.M.b", "is added as required")]
    [InlineData("1 required int32 a", "reserved 1 a", Breaking, "t.M.a", "was required and is removed")]
    [InlineData("1 required int32 a", "1 int32 a", Breaking, "t.M.a", "is no longer required")]
    [InlineData("1 int32 a", "1 required int32 a", Breaking, "t.M.a", "is required now")]
    [InlineData("1 int32 a", "1 int32 a default 7", Conditional, "t.M.a", "its default is '7' instead of ''")]
    [InlineData("1 group.t.N n", "1 .t.N n", Breaking, "t.M.n", "written differently")]
    public void A_change_of_a_proto2_message_has_its_impact(string older, string newer, SchemaImpact impact, string path, string reason)
    {
        ImmutableArray<SchemaDifference> differences =
            Compare(["proto2", "message M: " + older, "message N: 1 int32 x"], ["proto2", "message M: " + newer, "message N: 1 int32 x"]);
        Assert.Contains(differences, difference => difference.Impact == impact && difference.Path == path
            && difference.Reason.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0 Z; 1 A", "0 Z; 1 A; 2 B", Compatible, "t.E.B", "is added with number 2")]
    [InlineData("0 Z; 1 A", "0 Z; reserved 1 A", Compatible, "t.E.A", "are reserved")]
    [InlineData("0 Z; 1 A", "0 Z", Breaking, "t.E.A", "without reserving")]
    [InlineData("0 Z; 1 A", "0 Z; reserved 1", Breaking, "t.E.A", "without reserving")]
    [InlineData("0 Z; 1 A", "0 Z; 2 A", Breaking, "t.E.A", "has number 2 instead of 1")]
    [InlineData("0 Z; 1 A; 2 B", "0 Z; 1 B; 2 A", Breaking, "t.E.A", "has number 2 instead of 1")]
    [InlineData("0 Z; 1 A", "0 Z; 1 B", Conditional, "t.E.A", "is called 'B' now")]
    [InlineData("0 Z; 1 A", "0 Z; 1 A; 1 B", null, "", "")]
    [InlineData("0 Z; 1 A; 1 B", "0 Z; 1 A", Conditional, "t.E.B", "is called 'A' now")]
    [InlineData("0 Z; reserved 1 A", "0 Z; 1 B; reserved 1 A", Breaking, "t.E.B", "uses number 1, which was reserved")]
    [InlineData("0 Z; reserved 1 A", "0 Z; 2 A; reserved 1 A", Breaking, "t.E.A", "uses a name that was reserved")]
    [InlineData("0 Z; reserved 5-9", "0 Z; reserved 6-9", Breaking, "t.E", "numbers 5 to 9 are no longer all reserved")]
    public void A_change_of_an_enumeration_has_its_impact(string older, string newer, SchemaImpact? impact, string path, string reason)
    {
        ImmutableArray<SchemaDifference> differences =
            Compare(["message M: 1 enum.t.E e", "enum E: " + older], ["message M: 1 enum.t.E e", "enum E: " + newer]);
        Assert.Equal(impact, differences.IsEmpty ? null : differences.Max(static difference => difference.Impact));
        if (impact is not null)
        {
            Assert.Contains(differences, difference => difference.Impact == impact && difference.Path == path
                && difference.Reason.Contains(reason, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Messages_that_are_reached_by_fields_are_compared_too_and_circles_end()
    {
        string[] older = ["message M: 1 .t.N n; 2 .t.M self", "message N: 1 .t.M back; 2 int32 x"];
        string[] newer = ["message M: 1 .t.N n; 2 .t.M self", "message N: 1 .t.M back; 2 string x"];
        Assert.Equal("t.N.x", Assert.Single(Compare(older, newer)).Path);
    }

    [Fact]
    public void Another_message_under_the_same_name_is_breaking() =>
        Assert.Equal(Breaking, Compare(["message M: 1 int32 a"], ["message N: 1 int32 a"]).Single().Impact);

    [Fact]
    public void A_chain_of_twenty_thousand_types_is_compared_without_exhausting_the_stack()
    {
        string[] Chain(string last) =>
            [.. Enumerable.Range(0, 20_000).Select(i => $"message M{i}: 1 .t.M{i + 1} next"), "message M20000: 1 " + last];
        Assert.Equal("t.M20000.x", Assert.Single(Compare(Chain("int32 x"), Chain("string x"))).Path);
    }

    [Fact]
    public void Every_message_is_compatible_with_itself() =>
        Assert.All(TestSchemas.All, static message => Assert.Empty(SchemaEvolution.Compare(message, Reread(message))));

    /// <summary>The law behind the table: when nothing is breaking, each version accepts what the other writes.</summary>
    [Theory]
    [InlineData("1 repeated int32 a packed false", "1 repeated int32 a", "0A020102")]
    [InlineData("1 string a", "1 repeated string a", "0A01410A0142")]
    [InlineData("1 int32 a; 2 int32 b", "1 int32 a; reserved 2 b", "08011002")]
    [InlineData("1 .t.M a", "1 bytes a", "0A020A00")]
    public void What_one_of_two_compatible_versions_writes_the_other_accepts(string older, string newer, string payload)
    {
        foreach (string version in new[] { older, newer })
        {
            var registry = new Sirsi.Bus.Schemas.SchemaRegistryBuilder().Add("t.M", 1, SmallProto.Message("message M: " + version)).Build();
            Assert.Null(registry.Check("t.M", 1, Convert.FromHexString(payload)).Fault);
        }
    }

    private static ImmutableArray<SchemaDifference> Compare(string[] older, string[] newer) =>
        SchemaEvolution.Compare(SmallProto.Message(older), SmallProto.Message(newer));

    private static MessageDescriptor Reread(MessageDescriptor message) =>
        FileDescriptor.BuildFromByteStrings([message.File.SerializedData])[0].FindTypeByName<MessageDescriptor>(message.Name);
}
