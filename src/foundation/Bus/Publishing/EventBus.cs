using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Sirsi.Bus.Consuming;
using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Measuring;
using Sirsi.Core.Hosting;

namespace Sirsi.Bus.Publishing;

/// <summary>
/// Publishes events, and lets groups and readers receive them: at least once, in order per key within a group, over any <see cref="BusDriver"/>. Owns its driver. Safe for any
/// number of threads. Dispose of consumers and readers first.
/// </summary>
public sealed partial class EventBus : IAsyncDisposable
{
    /// <summary>The meter of all buses, <c>Sirsi.Bus</c>: see the guide for its instruments.</summary>
    public const string MeterName = "Sirsi.Bus";

    private readonly BusDriver _driver;
    private readonly BusOptions _options;
    private readonly HostEnvironment _environment;
    private readonly ConcurrentDictionary<string, Task<EventLog>> _logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task<EventLog>>.AlternateLookup<ReadOnlySpan<char>> _logsByName;
    private readonly Lock _opening = new();
    private readonly PublicationCounts _counts = new();
    private readonly BusMetrics _metrics;
    private readonly StepPool<Publication> _publications;
    private uint _keyless;
    private bool _disposed;

    /// <summary>A bus over a driver.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public EventBus(BusDriver driver, BusOptions options, HostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(driver);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        options.Validate();
        (_driver, _options, _environment) = (driver, options, environment);
        _metrics = new BusMetrics(driver.Name, environment.Time);
        _publications = new StepPool<Publication>(pool => new Publication(pool, _counts, _metrics));
        _logsByName = _logs.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>What the driver can do beyond what every driver must.</summary>
    public BusCapabilities Capabilities => _driver.Capabilities;

    /// <summary>What was published so far.</summary>
    public BusStatistics Statistics => _counts.Read(_logs.Count);

    /// <summary>
    /// Publishes an event; completes when it is as safe as the driver makes it. An event whose id was published within the log's window is not
    /// published again, if the driver can tell.
    /// </summary>
    /// <exception cref="ArgumentException">A part of the message breaks its rule.</exception>
    /// <exception cref="BusException">The event is refused, or the driver fails: then it may or may not be in the log; the same id may be published again.</exception>
    public ValueTask<PublishReceipt> PublishAsync(EventMessage message, CancellationToken cancellation = default)
    {
        EventCheck.ThrowUnlessValid(message);
        Task<EventLog> log = OpenLogAsync(message.Scope, message.Subject);
#pragma warning disable VSTHRD103 // It has completed: nothing is waited for.
        return log.IsCompletedSuccessfully
            ? AppendAsync(log.GetAwaiter().GetResult(), message, cancellation)
            : OpenAndPublishAsync(log, message, cancellation);
#pragma warning restore VSTHRD103
    }

    /// <summary>
    /// Publishes events in their order; completes when all are as safe as the driver makes them, which costs about as much as for one.
    /// </summary>
    /// <exception cref="ArgumentException">A part of a message breaks its rule: then none is published.</exception>
    /// <exception cref="BusException">A payload does not fit its schema: then none is published. Or as for one event: others of the batch may be in the log.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask PublishAsync(ReadOnlyMemory<EventMessage> messages, CancellationToken cancellation = default)
    {
        for (int i = 0; i < messages.Length; i++)
        {
            EventCheck.ThrowUnlessValid(messages.Span[i]);
            ThrowUnlessWellFormed(messages.Span[i]);
        }

        ValueTask<PublishReceipt>[] publishing = ArrayPool<ValueTask<PublishReceipt>>.Shared.Rent(messages.Length);
        int started = 0;
        Exception? failure = null;
        try
        {
            for (; started < messages.Length; started++)
            {
                EventMessage message = messages.Span[started];
                EventLog log = await OpenLogAsync(message.Scope, message.Subject);
#pragma warning disable CA2012 // Each is awaited once, below.
                publishing[started] = AppendAsync(log, message, cancellation);
#pragma warning restore CA2012
            }
        }
        catch (Exception problem)
        {
            failure = problem;
        }

        for (int i = 0; i < started; i++)
        {
            try
            {
                await publishing[i];
            }
            catch (Exception problem)
            {
                failure ??= problem;
            }
        }

        ArrayPool<ValueTask<PublishReceipt>>.Shared.Return(publishing, clearArray: true);
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Throws what publishing the event would throw, as far as that can be told without the driver: for those who promise today what they publish later.</summary>
    /// <exception cref="ArgumentException">A part of the message breaks its rule.</exception>
    /// <exception cref="BusException">Its payload does not fit its schema, or it may be longer than the bus takes.</exception>
    public void ThrowUnlessPublishable(EventMessage message)
    {
        EventCheck.ThrowUnlessValid(message);
        ThrowUnlessWellFormed(message);
        if (EventWriter.LengthMaxOf(message) is var length && length > _options.EventBytesMax) throw TooLong(message, length);
    }

    /// <summary>Makes a group without joining it, if there is none of its name in the filter's log: what is published from then on is kept for it.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">The driver cannot begin there: see <see cref="Capabilities"/>.</exception>
    /// <exception cref="BusException">The driver fails.</exception>
    public async ValueTask MakeGroupAsync(GroupOptions group, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        group.Validate();
        ThrowUnlessPossible(group.Start, isForGroup: true);
        EventLog log = await OpenLogAsync(group.Filter.Scope, group.Filter.Subject);
        await log.MakeGroupAsync(group, cancellation);
    }

    /// <summary>Joins a group as a new member; the group is made when there is none of its name in the filter's log.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="NotSupportedException">The driver cannot begin there: see <see cref="Capabilities"/>.</exception>
    /// <exception cref="BusException">The driver fails.</exception>
    public async ValueTask<EventConsumer> JoinAsync(GroupOptions group, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        group.Validate();
        ThrowUnlessPossible(group.Start, isForGroup: true);
        EventLog log = await OpenLogAsync(group.Filter.Scope, group.Filter.Subject);
        EventLog deadLetters = await OpenLogAsync(group.Filter.Scope, LogName.DeadLetterArea);
        // Where a log keeps nothing by itself, dead letters are kept for whoever will publish them again.
        if (!Capabilities.HasFlag(BusCapabilities.ReadFromPosition)) await deadLetters.MakeGroupAsync(ReplayGroup(group.Filter.Scope, group.Name), cancellation);
        EventSource source = await log.JoinAsync(group, cancellation);
        var consumer = new EventConsumer(group, source, deadLetters, _metrics, _environment);
        consumer.Start();
        return consumer;
    }

    /// <summary>Reads a log without a group: from its beginning, a position or an instant on, or live.</summary>
    /// <exception cref="NotSupportedException">The driver cannot begin there: see <see cref="Capabilities"/>.</exception>
    /// <exception cref="BusException">The driver fails.</exception>
    public async ValueTask<EventReader> ReadAsync(ReadOptions read, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        read.Validate();
        ThrowUnlessPossible(read.Start, isForGroup: false);
        EventLog log = await OpenLogAsync(read.Filter.Scope, read.Filter.Subject);
        return new EventReader(await log.ReadAsync(read, cancellation), read);
    }

    /// <summary>What a log holds; it is made when there is none.</summary>
    public async ValueTask<LogStatus> StatusAsync(LogName log, CancellationToken cancellation = default) =>
        await (await OpenLogAsync(log.Scope, log.Area)).StatusAsync(cancellation);

    /// <summary>How far a group is; null when there is none of that name. Takes the longer, the more the group has before it.</summary>
    public async ValueTask<GroupStatus?> StatusAsync(LogName log, string group, CancellationToken cancellation = default) =>
        await (await OpenLogAsync(log.Scope, log.Area)).StatusAsync(group, cancellation);

    /// <summary>Whether events can be published and received right now.</summary>
    public ValueTask<BusHealth> CheckAsync(CancellationToken cancellation = default) => _driver.CheckAsync(cancellation);

    /// <summary>Closes the logs and the driver.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_opening)
        {
            if (_disposed) return;
            _disposed = true;
        }

        foreach (Task<EventLog> log in _logs.Values)
            if (log.IsCompletedSuccessfully) await (await log).DisposeAsync();
        await _driver.DisposeAsync();
        _metrics.Dispose();
    }

    private void ThrowUnlessPossible(LogStart start, bool isForGroup)
    {
        BusCapabilities needed = start.Kind switch
        {
            LogStartKind.End => BusCapabilities.None,
            LogStartKind.Time => BusCapabilities.ReadFromTime,
            LogStartKind.Beginning when isForGroup => BusCapabilities.None,
            _ => BusCapabilities.ReadFromPosition,
        };
        if ((Capabilities & needed) != needed) throw new NotSupportedException($"A bus over {_driver.Name} cannot begin there: {needed}.");
    }

    private ValueTask<PublishReceipt> AppendAsync(EventLog log, EventMessage message, CancellationToken cancellation)
    {
        ThrowUnlessWellFormed(message);
        Publication publication = _publications.Take();
        DateTimeOffset now = _environment.Time.GetUtcNow();
        Guid id = message.Id.IsEmpty ? _environment.Ids.Next() : message.Id.Value;
        DateTimeOffset time = message.Time == default ? now : message.Time;
        Memory<byte> buffer = publication.Rent(NewEvent.Headroom + EventWriter.LengthMaxOf(message));
        int length = EventWriter.Write(
            message, id, (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond, buffer.Span[NewEvent.Headroom..]);
        if (length > _options.EventBytesMax)
        {
            throw publication.Cancel(log, TooLong(message, length));
        }

        int partition = message.Key.Length > 0 ? Partitioning.PartitionOf(message.Key, log.Partitions)
            : message.Id.IsEmpty ? (int)(Interlocked.Increment(ref _keyless) % (uint)log.Partitions)
            : PartitionOf(id, log.Partitions);
        // An id that nobody was told of before cannot be published again.
        Guid repeatable = message.Id.IsEmpty ? Guid.Empty : id;
        return publication.StartAsync(log, new NewEvent(partition, repeatable, now.ToUnixTimeMilliseconds(), buffer[..(NewEvent.Headroom + length)]), cancellation);
    }

    private BusException TooLong(EventMessage message, int length) =>
        new(BusErrors.EventTooLong, $"The event {message.Subject} takes {length:N0} bytes, and {_options.EventBytesMax:N0} are allowed.");

    private void ThrowUnlessWellFormed(EventMessage message)
    {
        if (_options.Schemas.Check(message.Schema, message.SchemaVersion, message.Payload.Span).Fault is not { } fault) return;
        var refusal = new BusException(fault.Code, $"The event {message.Subject} is refused. {fault.Message}");
        _counts.AddRefused();
        _metrics.AddPublished(LogName.Of(message.Scope, message.Subject), began: 0, refusal);
        throw refusal;
    }

    /// <summary>Whoever names the id may publish it again: then it has to come where repetitions of it are recognized.</summary>
    private static int PartitionOf(Guid id, int partitions)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Partitioning.PartitionOf(Partitioning.HashOf(bytes), partitions);
    }

    private async ValueTask<PublishReceipt> OpenAndPublishAsync(Task<EventLog> log, EventMessage message, CancellationToken cancellation) =>
        await AppendAsync(await log, message, cancellation);

    private Task<EventLog> OpenLogAsync(TopicScope scope, string subject)
    {
        int dot = subject.IndexOf('.', StringComparison.Ordinal);
        ReadOnlySpan<char> area = dot < 0 ? subject : subject.AsSpan(0, dot);
        Span<char> name = stackalloc char[TopicParts.LengthMax];
        _ = name.TryWrite($"{scope.Tenant}.{scope.Project}.{area}", out int length);
        return _logsByName.TryGetValue(name[..length], out Task<EventLog>? log) && !log.IsFaulted ? log : OpenNewAsync(scope, area.ToString());
    }

    private Task<EventLog> OpenNewAsync(TopicScope scope, string area)
    {
        var name = new LogName(scope, area);
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_logs.TryGetValue(name.ToString(), out Task<EventLog>? log) && !log.IsFaulted) return log;
            if (log is null && _logs.Count >= _options.LogsMax)
                throw new BusException(BusErrors.TooManyLogs, $"The log {name} cannot be opened: {_options.LogsMax} logs are open, and no more are allowed.");
            // Whoever asks first opens it for all, so the opening does not end with the asker's patience; drivers have time-outs of their own.
            return _logs[name.ToString()] = _driver.OpenAsync(name, _options.For(area), CancellationToken.None).AsTask();
        }
    }
}
