using Sirsi.Bus.Events;
using Sirsi.Bus.Leases;

namespace Sirsi.Bus.Nats;

/// <summary>The names of a log's stream, subjects and cells.</summary>
internal sealed class NatsNames
{
    private readonly string[] _subjects;
    private readonly LogName _name;

    public NatsNames(string prefix, LogName name, int partitions)
    {
        _name = name;
        _subjects = [.. Enumerable.Range(0, partitions).Select(partition => $"{prefix}.{name}.{partition}")];
        Stream = StreamOf(prefix, name);
        News = $"{prefix}-news.{name}";
    }

    public string Stream { get; }

    /// <summary>Where processes tell each other that a group has changed; no stream keeps it.</summary>
    public string News { get; }

    public IReadOnlyList<string> Subjects => _subjects;

    /// <summary>Names of streams have no dots, and the parts of ours no equals signs.</summary>
    public static string StreamOf(string prefix, LogName name) => $"{prefix}={name.Scope.Tenant}={name.Scope.Project}={name.Area}";

    public string Cell(CellName cell) => cell.Partition == CellName.Roster ? $"{_name}.{cell.Group}" : $"{_name}.{cell.Group}.{cell.Partition}";
}
