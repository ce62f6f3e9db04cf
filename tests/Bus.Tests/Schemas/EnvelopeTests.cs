using Google.Protobuf;
using Sirsi.Bus.Events;
using Sirsi.Bus.Messages;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Tests.Schemas;

/// <summary>The bus writes envelopes by hand; the contract in envelope.proto says how everybody else reads them.</summary>
[Collection(nameof(SchemaCollection))]
public sealed class EnvelopeTests
{
    [Fact]
    public void What_the_bus_writes_is_what_the_contract_says() => Check.That(seed: 11, runs: 2_000, random =>
    {
        EventMessage message = RandomMessage(random);
        Guid id = Uuid(random);
        long time = random.NextInt64(2_000_000_000_000_000);
        byte[] buffer = new byte[EventWriter.LengthMaxOf(message)];
        byte[] bytes = buffer[..EventWriter.Write(message, id, time, buffer)];

        Assert.Null(TestSchemas.Check(Event.Descriptor, bytes).Fault);
        Event read = Event.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        var expected = new Event
        {
            Id = Bytes(id),
            Tenant = message.Scope.Tenant,
            Project = message.Scope.Project,
            Subject = message.Subject,
            Key = message.Key,
            Priority = (Event.Types.Priority)message.Priority,
            TimeUnixUs = time,
            Schema = message.Schema,
            SchemaVersion = (uint)message.SchemaVersion,
            Payload = ByteString.CopyFrom(message.Payload.Span),
            Session = Bytes(message.Session.Value),
            SourceAgent = Bytes(message.SourceAgent.Value),
            TargetAgent = Bytes(message.TargetAgent.Value),
            CorrelationId = message.Correlation,
            CausationId = Bytes(message.Causation.Value),
            Traceparent = message.TraceParent,
            Tracestate = message.TraceState,
            Headers = { message.Headers.Select(static header => new Event.Types.Header { Name = header.Key, Value = header.Value }) },
        };
        Assert.Equal(expected, read);
    });

    [Fact]
    public void Fields_and_priorities_have_the_numbers_of_the_contract()
    {
        Assert.Equal(Enum.GetValues<EventField>().Select(static field => (int)field), Event.Descriptor.Fields.InFieldNumberOrder().Select(static field => field.FieldNumber));
        Assert.Equal(
            Enum.GetValues<EventPriority>().Select(static priority => (priority.ToString(), (int)priority)),
            Enum.GetValues<Event.Types.Priority>().Select(static priority => (priority.ToString(), (int)priority)));
    }

    private static EventMessage RandomMessage(Random random)
    {
        byte[] payload = new byte[random.Next(100)];
        random.NextBytes(payload);
        return new EventMessage
        {
            Scope = new TopicScope("acme", "move-1"),
            Subject = "agent.lifecycle.started",
            Key = Text(random),
            Priority = (EventPriority)random.Next(4),
            Schema = Text(random),
            SchemaVersion = random.Next(3) * random.Next(1_000),
            Session = random.Next(2) == 0 ? default : new Id<SessionKind>(Uuid(random)),
            SourceAgent = random.Next(2) == 0 ? default : new Id<AgentKind>(Uuid(random)),
            TargetAgent = random.Next(2) == 0 ? default : new Id<AgentKind>(Uuid(random)),
            Correlation = Text(random),
            Causation = random.Next(2) == 0 ? default : new Id<EventKind>(Uuid(random)),
            TraceParent = Text(random),
            TraceState = Text(random),
            Headers = [.. Enumerable.Range(0, random.Next(3)).Select(_ => KeyValuePair.Create(Text(random), Text(random)))],
            Payload = payload,
        };
    }

    private static string Text(Random random) => string.Concat(Enumerable.Repeat(random.Next(3) switch { 0 => "é", 1 => "key", _ => "" }, random.Next(1, 60)));

    private static Guid Uuid(Random random)
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static ByteString Bytes(Guid value) => value == Guid.Empty ? ByteString.Empty : ByteString.CopyFrom(value.ToByteArray(bigEndian: true));
}
