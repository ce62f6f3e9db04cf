using Sirsi.Bus.Drivers;
using Sirsi.Bus.Schemas;

namespace Sirsi.Bus.Publishing;

/// <summary>How a bus works, whatever its driver.</summary>
public sealed record BusOptions
{
    /// <summary>How logs are made and kept, but for those named in <see cref="Areas"/>.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>How the logs of single areas are made and kept. Dead letters have one partition unless named here.</summary>
    public IReadOnlyDictionary<string, LogOptions> Areas { get; init; } = new Dictionary<string, LogOptions>(StringComparer.Ordinal);

    /// <summary>What payloads may be; by default the product's own schemas, and payloads of no schema as they are.</summary>
    public SchemaRegistry Schemas { get; init; } = OwnSchemas;

    /// <summary>Logs open at once, 1 to 100,000; 4,096 by default. One more is refused.</summary>
    public int LogsMax { get; init; } = 4_096;

    /// <summary>The longest an encoded event may be, 256 bytes to 64 MiB; 1 MiB by default.</summary>
    public int EventBytesMax { get; init; } = 1 << 20;

    private static SchemaRegistry OwnSchemas { get; } = new SchemaRegistryBuilder().Build();

    internal LogOptions For(string area) =>
        Areas.TryGetValue(area, out LogOptions? options) ? options
        : area == Events.LogName.DeadLetterArea ? Log with { Partitions = 1 } : Log;

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Log);
        ArgumentNullException.ThrowIfNull(Areas);
        ArgumentNullException.ThrowIfNull(Schemas);
        if (LogsMax is < 1 or > 100_000) throw new ArgumentOutOfRangeException(nameof(LogsMax), LogsMax, "It is 1 to 100,000.");
        if (EventBytesMax is < 256 or > 64 << 20) throw new ArgumentOutOfRangeException(nameof(EventBytesMax), EventBytesMax, "It is 256 bytes to 64 MiB.");
        Log.Validate();
        foreach (LogOptions options in Areas.Values) options.Validate();
    }
}

/// <summary>What was published through a bus.</summary>
/// <param name="Published">Events appended.</param>
/// <param name="Repetitions">Events not appended because they were there already.</param>
/// <param name="Refused">Events refused or failed.</param>
/// <param name="Bytes">Bytes of events appended.</param>
/// <param name="Logs">Logs open now.</param>
public sealed record BusStatistics(long Published, long Repetitions, long Refused, long Bytes, int Logs);
