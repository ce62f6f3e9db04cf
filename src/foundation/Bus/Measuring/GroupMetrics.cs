using System.Diagnostics;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.Measuring;

/// <summary>What a bus measures of one member of a group. Safe for any number of threads.</summary>
internal sealed class GroupMetrics(BusMetrics bus, LogName log, string group, TagList tags, Func<ConsumerStatistics> read)
{
    private const string Outcome = "sirsi.outcome";

    private readonly TagList _received = [.. tags, new("messaging.operation.name", "receive"), new("messaging.operation.type", "receive")];
    private readonly TagList _acknowledged = [.. tags, new(Outcome, "acknowledged")];
    private readonly TagList _rejected = [.. tags, new(Outcome, "rejected")];
    private readonly TagList _timedOut = [.. tags, new(Outcome, "timed_out")];

    /// <summary>Which group, of which log.</summary>
    public (LogName Log, string Name) Group => (log, group);

    /// <summary>What tells the group apart.</summary>
    public TagList Tags { get; } = tags;

    public void AddDelivered(int count) => bus.Consumed.Add(count, _received);

    public void AddAcknowledged(int count)
    {
        if (count > 0) bus.Ended.Add(count, _acknowledged);
    }

    public void AddRejected() => bus.Ended.Add(1, _rejected);

    public void AddTimedOut(int count)
    {
        if (count > 0) bus.Ended.Add(count, _timedOut);
    }

    public void AddDeadLetter() => bus.DeadLetters.Add(1, Tags);

    public ConsumerStatistics Read() => read();

    public void Leave() => bus.Leave(this);
}
