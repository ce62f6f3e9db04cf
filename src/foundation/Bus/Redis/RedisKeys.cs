using Sirsi.Bus.Events;
using Sirsi.Bus.Leases;
using StackExchange.Redis;

namespace Sirsi.Bus.Redis;

/// <summary>
/// The names of a log's keys. What is used together in one step has one hash tag, and so lies on one node of a cluster: all of a partition under
/// <c>{TENANT.PROJECT.AREA.N}</c>, all of the log under <c>{TENANT.PROJECT.AREA}</c>.
/// </summary>
internal sealed class RedisKeys
{
    private readonly string _log;
    private readonly RedisKey[] _streams;
    private readonly string[] _ids;

    public RedisKeys(string prefix, LogName name, int partitions)
    {
        _log = $"{prefix}:{{{name}}}";
        _streams = [.. Enumerable.Range(0, partitions).Select(partition => (RedisKey)$"{PartitionTag(prefix, name, partition)}:events")];
        _ids = [.. Enumerable.Range(0, partitions).Select(partition => $"{PartitionTag(prefix, name, partition)}:id:")];
        Channel = RedisChannel.Literal($"{_log}:news");
    }

    /// <summary>The hash with what never changes of a log.</summary>
    public static RedisKey Settings(string prefix, LogName name) => $"{prefix}:{{{name}}}:settings";

    /// <summary>Where processes tell each other that there is something new.</summary>
    public RedisChannel Channel { get; }

    public RedisKey Stream(int partition) => _streams[partition];

    /// <summary>What the keys of ids begin with, before 32 hexadecimal digits: they exist as long as the id is remembered, and hold the event's place.</summary>
    public string Ids(int partition) => _ids[partition];

    public RedisKey Cell(CellName name) =>
        name.Partition == CellName.Roster ? $"{_log}:group:{name.Group}" : $"{_ids[name.Partition][..^":id:".Length]}:group:{name.Group}";

    private static string PartitionTag(string prefix, LogName name, int partition) => $"{prefix}:{{{name}.{partition}}}";
}
