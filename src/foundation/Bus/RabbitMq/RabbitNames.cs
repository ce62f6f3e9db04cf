using System.Globalization;
using System.Text;
using Sirsi.Bus.Events;

namespace Sirsi.Bus.RabbitMq;

/// <summary>The names of a log's exchange and of its groups' queues, and the keys that events are routed by: <c>PARTITION.SUBJECT</c>.</summary>
internal sealed class RabbitNames(string prefix, LogName name)
{
    public string Exchange { get; } = $"{prefix}.{name}";

    /// <summary>A queue that holds nothing: its argument says how many partitions the log has, and the broker refuses another.</summary>
    public string Settings => $"{Exchange}:settings";

    public string Queue(string group, int partition) => $"{Exchange}:{group}:{partition}";

    /// <summary>Where the members of a group hear each other.</summary>
    public string Members(string group) => $"{Exchange}:{group}:members";

    public static string Key(int partition, ReadOnlySpan<byte> subject) => $"{partition}.{Encoding.UTF8.GetString(subject)}";

    /// <summary>The keys of a subject's pattern; somewhat more than the pattern wants, for here the last part may be missing.</summary>
    public static string Pattern(int? partition, string subject) => $"{partition?.ToString(CultureInfo.InvariantCulture) ?? "*"}.{subject.Replace('>', '#')}";

    public static int PartitionOf(string key) => int.Parse(key.AsSpan(0, key.IndexOf('.', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
}
