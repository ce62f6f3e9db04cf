using System.Text;
using Sirsi.Bus.Events;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;

namespace Sirsi.Bus.Tests.Events;

public sealed class EventEncodingTests
{
    private static readonly IdSource Ids = new DeterministicHost(1).Environment.Ids;

    [Fact]
    public void What_is_written_is_read() => Check.That(20_261_126, 3_000, random =>
    {
        EventMessage message = Draw(random);
        byte[] bytes = new byte[EventWriter.LengthMaxOf(message)];
        long microseconds = (message.Time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        int length = EventWriter.Write(message, message.Id.Value, microseconds, bytes);
        Assert.Equivalent(message, new EventView(bytes.AsMemory(0, length)).ToMessage(), strict: true);
    });

    [Fact]
    public void Damaged_bytes_are_refused_or_read_and_never_more() => Check.That(20_261_127, 20_000, random =>
    {
        EventMessage message = Draw(random);
        byte[] bytes = new byte[EventWriter.LengthMaxOf(message)];
        int length = EventWriter.Write(message, message.Id.Value, 0, bytes);
        bytes = bytes[..random.Next(length + 1)];
        for (int i = random.Next(4); i > 0 && bytes.Length > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (!EventScan.TryRead(bytes, out EventScan scan)) return;
        Assert.Equal(16, scan.Id.Length);
        Assert.False(scan.Subject.IsEmpty);
        int headers = 0;
        for (ReadOnlySpan<byte> rest = scan.Headers; EventScan.TryNextHeader(ref rest, out _, out _);) headers++;
        Assert.InRange(headers, 0, bytes.Length);
    });

    [Theory]
    [InlineData("agent.lifecycle.started", "agent.lifecycle.started", true)]
    [InlineData("agent.lifecycle.started", "agent.lifecycle", false)]
    [InlineData("agent.lifecycle", "agent.lifecycle.started", false)]
    [InlineData("agent.*.started", "agent.lifecycle.started", true)]
    [InlineData("agent.*", "agent.lifecycle.started", false)]
    [InlineData("agent.>", "agent.lifecycle.started", true)]
    [InlineData("agent.>", "agent", false)]
    [InlineData("agent.*.task.>", "agent.a.task.x", true)]
    [InlineData("agent.*.task.>", "agent.a.b.task.x", false)]
    [InlineData("agent", "agent", true)]
    [InlineData("agent.*", "agentx.a", false)]
    public void A_filter_of_subjects_matches_part_by_part(string pattern, string subject, bool matches) =>
        Assert.Equal(matches, new SubjectFilter(pattern).Matches(Encoding.UTF8.GetBytes(subject)));

    [Theory]
    [InlineData("")]
    [InlineData("*.a")]
    [InlineData("a.>.b")]
    [InlineData("a..b")]
    [InlineData("A.b")]
    [InlineData("a.b ")]
    [InlineData("a.b*")]
    public void What_is_no_filter_of_subjects_is_refused_with_the_reason(string pattern)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => new SubjectFilter(pattern));
        Assert.Contains(pattern, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_filter_agrees_with_the_plain_definition() => Check.That(20_261_128, 20_000, random =>
    {
        string[] words = ["a", "b", "c"];
        string subject = string.Join('.', Enumerable.Range(0, random.Next(1, 6)).Select(_ => words[random.Next(3)]));
        string pattern = words[random.Next(3)];
        for (int i = random.Next(5); i > 0; i--) pattern += "." + (random.Next(3) == 0 ? "*" : words[random.Next(3)]);
        if (random.Next(3) == 0) pattern += ".>";
        Assert.Equal(Fits(pattern.Split('.'), subject.Split('.')), new SubjectFilter(pattern).Matches(Encoding.UTF8.GetBytes(subject)));
    });

    private static bool Fits(string[] pattern, string[] subject) => pattern switch
    {
        [] => subject.Length == 0,
        [">"] => subject.Length > 0,
        [string part, .. string[] rest] => subject.Length > 0 && (part == "*" || part == subject[0]) && Fits(rest, subject[1..]),
    };

    private static EventMessage Draw(Random random)
    {
        string Text(int max) => string.Concat(Enumerable.Range(0, random.Next(3) == 0 ? 0 : random.Next(max)).Select(_ => random.Next(8) == 0 ? "ü€" : "x"));
        byte[] payload = new byte[random.Next(4) == 0 ? 0 : random.Next(300)];
        random.NextBytes(payload);
        return new EventMessage
        {
            Scope = new TopicScope("tenant-1", "p"),
            Subject = "task.run.ended",
            Key = Text(60),
            Id = Ids.Next<EventKind>(),
            Time = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(4_000_000_000_000_000) * TimeSpan.TicksPerMicrosecond),
            Priority = (EventPriority)random.Next(4),
            Schema = Text(30),
            SchemaVersion = random.Next(3) == 0 ? 0 : random.Next(int.MaxValue),
            Session = random.Next(2) == 0 ? default : Ids.Next<SessionKind>(),
            SourceAgent = random.Next(2) == 0 ? default : Ids.Next<AgentKind>(),
            TargetAgent = random.Next(2) == 0 ? default : Ids.Next<AgentKind>(),
            Correlation = Text(80),
            Causation = random.Next(2) == 0 ? default : Ids.Next<EventKind>(),
            TraceParent = Text(55),
            TraceState = Text(100),
            Headers = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new KeyValuePair<string, string>(Text(20), Text(90)))],
            Payload = payload,
        };
    }
}
