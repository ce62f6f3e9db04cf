using Sirsi.Bus.Drivers;
using Sirsi.Bus.Events;
using Sirsi.Bus.Local;
using Sirsi.Core.Errors;
using Sirsi.Core.Hosting;
using Sirsi.Journal;

namespace Sirsi.Bus.Embedded;

/// <summary>
/// Events in journals on this machine's disk: the default, which needs nothing installed. Each log is a folder <c>TENANT.PROJECT.AREA</c> with a journal of events and
/// one of groups (<c>docs/bus-format.md</c>). Publishers at the same time share a flush. Groups have their members in this process.
/// </summary>
public sealed class EmbeddedBusDriver : BusDriver
{
    /// <summary>The folder of a log's events.</summary>
    public const string EventsFolder = "events";

    /// <summary>The folder of a log's groups.</summary>
    public const string GroupsFolder = "groups";

    private const int GroupSegmentBytes = 8 << 20;

    private readonly EmbeddedBusOptions _options;
    private readonly HostEnvironment _environment;

    /// <summary>A driver over a folder.</summary>
    /// <exception cref="ArgumentException">An option breaks its rule.</exception>
    public EmbeddedBusDriver(EmbeddedBusOptions options, HostEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(environment);
        options.Validate();
        (_options, _environment) = (options, environment);
    }

    /// <inheritdoc/>
    public override string Name => "embedded";

    /// <inheritdoc/>
    public override BusCapabilities Capabilities =>
        BusCapabilities.ExactAttempts | BusCapabilities.ReadFromPosition | BusCapabilities.ReadFromTime | BusCapabilities.Deduplication | BusCapabilities.RetentionByAge
        | BusCapabilities.RetentionBySize | (_options.Sync == JournalSync.Durable ? BusCapabilities.Durable : BusCapabilities.None);

    /// <summary>Opens a log; what a torn end of it has lost was never acknowledged, and is told in <see cref="Recovered"/>.</summary>
    /// <exception cref="BusException">The folder is in use, damaged, or its disk failed.</exception>
    public override async ValueTask<EventLog> OpenAsync(LogName name, LogOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        string folder = Path.Combine(_options.Folder, name.ToString());
        int segmentBytes = (int)Math.Clamp(options.RetentionBytes / 4, 4 << 20, _options.SegmentBytes);
        var journalOptions = new JournalOptions { Sync = _options.Sync, SyncInterval = _options.SyncInterval, SegmentBytes = segmentBytes };
        SegmentedJournal? events = null, groups = null;
        try
        {
            events = await SegmentedJournal.OpenAsync(_environment, Path.Combine(folder, EventsFolder), journalOptions, cancellation);
            groups = await SegmentedJournal.OpenAsync(
                _environment, Path.Combine(folder, GroupsFolder), journalOptions with { SegmentBytes = GroupSegmentBytes }, cancellation);
            if (events.Recovery.TornTail is not null) Recovered?.Invoke(name, events.Recovery);
            var records = new JournalRecords(events, options, _environment);
            JournalGroups memory = await JournalGroups.OpenAsync(groups, options.Partitions, cancellation);
            IdWindow ids = await records.ReadIdsAsync(cancellation);
            return new LocalLog(name, options with { Partitions = memory.Partitions }, records, memory, ids, _environment);
        }
        catch (Exception failure)
        {
            if (groups is not null) await groups.DisposeAsync();
            if (events is not null) await events.DisposeAsync();
            if (failure is JournalException unreadable) throw Failed(unreadable);
            throw;
        }
    }

    /// <summary>Hears which logs were found with a torn end, and what was cut off; set it before the first use.</summary>
    public Action<LogName, JournalRecovery>? Recovered { get; init; }

    /// <inheritdoc/>
    public override ValueTask<BusHealth> CheckAsync(CancellationToken cancellation)
    {
        try
        {
            _ = _environment.Files.OpenFolder(_options.Folder);
            return new(new BusHealth(IsHealthy: true, $"events are in {_options.Folder}"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SirsiException)
        {
            return new(new BusHealth(IsHealthy: false, $"the folder {_options.Folder} cannot be used: {failure.Message}"));
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => default;

    internal static BusException Failed(JournalException failure) =>
        new(BusErrors.Unavailable, failure.Message, failure);
}
