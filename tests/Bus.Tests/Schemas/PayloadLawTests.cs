using Google.Protobuf;
using Google.Protobuf.Reflection;
using Sirsi.Bus.Schemas;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>What the walker accepts and refuses, held against Google.Protobuf's own parser.</summary>
[Collection(nameof(SchemaCollection))]
public sealed class PayloadLawTests
{
    [Fact]
    public void Whatever_Google_Protobuf_serializes_is_accepted() => Check.That(seed: 1, runs: 4_000, random =>
    {
        MessageDescriptor schema = TestSchemas.All[random.Next(TestSchemas.All.Length)];
        byte[] payload = RandomMessages.Of(schema, random).ToByteArray();
        Assert.Null(TestSchemas.Check(schema, payload).Fault);
    });

    [Fact]
    public void A_message_of_one_type_read_as_another_is_judged_as_the_parser_does() => Check.That(seed: 2, runs: 20_000, random =>
    {
        MessageDescriptor written = TestSchemas.All[random.Next(TestSchemas.All.Length)];
        MessageDescriptor read = TestSchemas.All[random.Next(TestSchemas.All.Length)];
        Compare(read, RandomMessages.Of(written, random).ToByteArray());
    });

    [Fact]
    public void A_mutated_payload_is_accepted_or_refused_as_by_the_parser() => Mutate(seed: 3, runs: 120_000);

    [Fact, Trait("Suite", "full")]
    public void Millions_of_mutated_payloads_are_accepted_or_refused_as_by_the_parser() => Mutate(seed: 4, runs: 5_000_000);

    private static void Mutate(int seed, int runs)
    {
        var verdicts = new Dictionary<string, int>(StringComparer.Ordinal);
        Check.That(seed, runs, random =>
        {
            MessageDescriptor schema = TestSchemas.All[random.Next(TestSchemas.All.Length)];
            byte[] payload = Mutations.Of(RandomMessages.Of(schema, random).ToByteArray(), random);
            string verdict = Compare(schema, payload);
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
        });
        string found = string.Join(", ", verdicts.OrderByDescending(static v => v.Value).Select(static v => $"{v.Key} {v.Value}"));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {runs} payloads: {found}");
        // The mutations reach both verdicts, and every way of being wrong.
        Assert.True(verdicts["both accept"] > runs / 10, found);
        Assert.All(
            Enum.GetValues<PayloadFaultKind>().Except([PayloadFaultKind.UnknownSchema, PayloadFaultKind.TooLarge, PayloadFaultKind.TooDeep]),
            kind => Assert.Contains(verdicts.Keys, verdict => verdict.Contains(kind.ToString(), StringComparison.Ordinal)));
    }

    /// <summary>Fails unless both give the same verdict, or the difference is a deliberate one.</summary>
    private static string Compare(MessageDescriptor schema, byte[] payload)
    {
        PayloadFault? fault = TestSchemas.Check(schema, payload).Fault;
        string? refusal = Refusal(schema, payload);
        if (refusal is null == fault is null) return fault is null ? "both accept" : $"both refuse: {fault.Kind}";
        Assert.True(fault is not null, $"Only the parser refuses {Convert.ToHexString(payload)}: {refusal}");
        Assert.True(DeliberateDifferences.Include(schema, fault, payload), $"Only the walker refuses {Convert.ToHexString(payload)}: {fault}");
        return $"only the walker refuses: {fault.Kind}";
    }

    private static string? Refusal(MessageDescriptor schema, byte[] payload)
    {
        try
        {
            IMessage message = schema.Parser.ParseFrom(payload);
            // The typed parsers leave this to their callers, and IsInitialized fails on groups.
            return Wholeness.Of(message) ? null : "a required field is missing";
        }
        catch (InvalidProtocolBufferException refusal)
        {
            return refusal.Message;
        }
    }
}
