using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;
using Sirsi.Bus.Publishing;
using Sirsi.Core.Errors;

namespace Sirsi.Bus.Measuring;

/// <summary>
/// What a bus measures, as instruments of the meter <see cref="EventBus.MeterName"/>. Those that OpenTelemetry's conventions for messaging know have their names; ours begin with
/// <c>sirsi.bus</c>. Costs an event nothing while nobody listens, and no garbage when somebody does. Safe for any number of threads.
/// </summary>
internal sealed class BusMetrics : IDisposable
{
    private readonly Meter _meter = new(EventBus.MeterName);
    private readonly string _system;
    private readonly TimeProvider _time;
    private readonly Counter<long> _sent;
    private readonly Histogram<double> _duration;
    private readonly Lock _lock = new();
    private readonly HashSet<GroupMetrics> _members = [];

    /// <param name="system">The driver's name.</param>
    /// <param name="time">The clock.</param>
    public BusMetrics(string system, TimeProvider time)
    {
        (_system, _time) = (system, time);
        _sent = _meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Events given to the bus to publish.");
        _duration = _meter.CreateHistogram(
            "messaging.client.operation.duration", "s", "How long publishing takes, until the event is as safe as the driver makes it.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        Consumed = _meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Events handed out to members of groups, repeated deliveries included.");
        Ended = _meter.CreateCounter<long>("sirsi.bus.deliveries.ended", "{delivery}", "Deliveries that were acknowledged or rejected, or ran out of time.");
        DeadLetters = _meter.CreateCounter<long>("sirsi.bus.dead_letters", "{message}", "Events written to the dead letters after their last attempt.");
        _meter.CreateObservableGauge(
            "sirsi.bus.window.messages", () => Observe(static member => member.Waiting), "{message}", "Events that a group's members have fetched and not settled; each at most its window.");
        _meter.CreateObservableGauge(
            "sirsi.bus.in_flight.messages", () => Observe(static member => member.InFlight), "{message}", "Events that a group's members have handed out and that are unanswered; each at most its bound.");
    }

    public Counter<long> Consumed { get; }

    public Counter<long> Ended { get; }

    public Counter<long> DeadLetters { get; }

    /// <summary>When a publication began; 0 while nobody asks.</summary>
    public long Begin() => _duration.Enabled ? _time.GetTimestamp() : 0;

    /// <summary>An event is published, or could not be.</summary>
    public void AddPublished(in LogName log, long began, Exception? failure = null)
    {
        if (!_sent.Enabled && !_duration.Enabled) return;
        TagList tags = TagsOf(log);
        tags.Add("messaging.operation.name", "publish");
        tags.Add("messaging.operation.type", "send");
        if (failure is not null) tags.Add("error.type", failure is SirsiException known ? known.Code.ToString() : failure.GetType().FullName);
        _sent.Add(1, tags);
        if (began != 0) _duration.Record(_time.GetElapsedTime(began).TotalSeconds, tags);
    }

    /// <summary>Follows a member until <see cref="Leave"/>.</summary>
    public GroupMetrics Join(LogName log, string group, Func<ConsumerStatistics> read)
    {
        TagList tags = TagsOf(log);
        tags.Add("messaging.consumer.group.name", group);
        var member = new GroupMetrics(this, log, group, tags, read);
        lock (_lock) _members.Add(member);
        return member;
    }

    public void Leave(GroupMetrics member)
    {
        lock (_lock) _members.Remove(member);
    }

    public void Dispose() => _meter.Dispose();

    private TagList TagsOf(in LogName log) => new()
    {
        { "messaging.system", _system },
        { "messaging.destination.name", log.Area },
        { "sirsi.tenant", log.Scope.Tenant },
        { "sirsi.project", log.Scope.Project },
    };

    private Measurement<long>[] Observe(Func<ConsumerStatistics, long> value)
    {
        lock (_lock)
            return [.. _members.GroupBy(static member => member.Group).Select(members => new Measurement<long>(members.Sum(member => value(member.Read())), members.First().Tags))];
    }
}
