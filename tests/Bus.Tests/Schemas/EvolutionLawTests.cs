using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Schemas;
using Sirsi.Bus.Schemas.Evolution;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>What the comparison of two versions promises, tried with payloads of both.</summary>
[Collection(nameof(SchemaCollection))]
public sealed class EvolutionLawTests
{
    private static readonly string[] Types =
        ["int32", "int64", "uint32", "bool", "sint32", "sint64", "fixed32", "sfixed32", "fixed64", "float", "double", "string", "bytes", ".t.M", ".t.N", "enum.t.E"];

    [Fact]
    public void When_no_difference_is_breaking_each_version_accepts_what_the_other_writes()
    {
        int unbroken = 0, broken = 0;
        Check.That(seed: 9, runs: 6_000, random =>
        {
            List<string> lines = [.. Enumerable.Range(1, random.Next(1, 6)).Select(number => Line(number, random))];
            List<string> changed = [.. lines];
            for (int count = random.Next(1, 3); count > 0; count--) Change(changed, random);
            MessageDescriptor older = Message(lines), newer = Message(changed);
            ImmutableArray<SchemaDifference> differences = SchemaEvolution.Compare(older, newer);
            // Two conditions depend on what the bytes are; nobody can promise them here.
            bool isPromised = differences.All(static d => d.Impact != SchemaImpact.Breaking && !d.Reason.Contains("the bytes are", StringComparison.Ordinal));
            if (!isPromised)
            {
                broken++;
                return;
            }

            unbroken++;
            Accepts(older, RandomPayloads.Of(newer, random));
            Accepts(newer, RandomPayloads.Of(older, random));
        });
        Assert.True(unbroken > 600 && broken > 600, $"{unbroken} and {broken} are not enough of each.");
    }

    [Fact]
    public void A_breaking_change_is_breaking_the_other_way_round_too_when_it_is_one_of_type() => Check.That(seed: 10, runs: 2_000, random =>
    {
        MessageDescriptor older = Message([Line(1, random)]), newer = Message([Line(1, random)]);
        Assert.Equal(Worst(older, newer), Worst(newer, older));
    });

    private static SchemaImpact? Worst(MessageDescriptor older, MessageDescriptor newer) =>
        SchemaEvolution.Compare(older, newer).Select(static d => (SchemaImpact?)d.Impact).DefaultIfEmpty(null).Max();

    private static void Accepts(MessageDescriptor schema, byte[] payload)
    {
        PayloadFault? fault = new SchemaRegistryBuilder().Add("t.M", 1, schema).Build().Check("t.M", 1, payload).Fault;
        Assert.True(fault is null, $"{Convert.ToHexString(payload)}: {fault?.Message}");
    }

    private static MessageDescriptor Message(List<string> lines) =>
        SmallProto.Message("message M: " + string.Join("; ", lines), "message N: 1 int32 x; 2 string y", "enum E: 0 ZERO; 1 ONE");

    private static string Line(int number, Random random)
    {
        string type = Types[random.Next(Types.Length)];
        string label = random.Next(3) switch { 0 => "repeated ", 1 when type[0] != '.' => "optional ", _ => "" };
        bool isNumber = type is not ("string" or "bytes") && type[0] != '.';
        return $"{number} {label}{type} f{number}" + (label == "repeated " && isNumber && random.Next(2) == 0 ? " packed false" : "");
    }

    private static void Change(List<string> lines, Random random)
    {
        int at = random.Next(lines.Count);
        if (lines[at].StartsWith("reserved", StringComparison.Ordinal)) return;
        int number = int.Parse(lines[at].Split(' ')[0]);
        lines[at] = random.Next(5) switch
        {
            0 => $"reserved {number} f{number}",
            1 => lines[at].Replace($" f{number}", $" g{number}", StringComparison.Ordinal),
            2 => Line(number, random),
            3 => lines[at].Replace("int32", "int64", StringComparison.Ordinal),
            _ => lines[at],
        };
        if (random.Next(3) == 0) lines.Add(Line(10 + lines.Count, random));
    }
}
