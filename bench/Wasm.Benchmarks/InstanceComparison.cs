using System.Globalization;
using System.Text.Json.Nodes;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>What one operation costs in Node and in this engine; null where a side has no such thing.</summary>
internal sealed record Cost(string Operation, string Unit, double? Node, double? Ours);

/// <summary>Compares the making of instances, traps, and calls between host and guest, each in fresh processes.</summary>
internal static class InstanceComparison
{
    private const int CallsPerInstance = 50;

    private static readonly (string Command, string Field, string Operation, string Unit)[] Measures =
    [
        ("instances", "p50_us", "instance and first call, median", "µs"),
        ("instances", "p99_us", "instance and first call, 99th percentile", "µs"),
        ("instances", "worst_us", "instance and first call, worst", "µs"),
        ("instances", "mean_us", "instance and first call, mean", "µs"),
        ("instances", "cpu_us", "instance and first call, CPU time of the process", "µs"),
        ("traps", "trap_ns", "trap caught by the host", "ns"),
        ("calls", "guest_ns", "host calls guest", "ns"),
        ("calls", "guest_budget_ns", "host calls guest, a budget for each call", "ns"),
        ("calls", "host_ns", "guest calls host", "ns"),
    ];

    /// <summary>All costs, and what failed if something did.</summary>
    public static async Task<(IReadOnlyList<Cost> Costs, string? Failure)> CompareAsync(Settings settings)
    {
        var costs = new List<Cost>();
        string guest = Modules.InstanceGuest;
        foreach (string command in (string[])["instances", "traps", "calls"])
        {
            int count = command == "calls" ? settings.Count * CallsPerInstance : settings.Count;
            using var pair = new RunnerPair(settings);
            JsonObject theirs = await pair.Node.AskAsync(command, guest, count.ToString(CultureInfo.InvariantCulture));
            JsonObject own = await pair.Ours.AskAsync(command, guest, count.ToString(CultureInfo.InvariantCulture));
            foreach ((string of, string field, string operation, string unit) in Measures)
                if (of == command) costs.Add(new(operation, unit, (double?)theirs[field], (double?)own[field]));
            if ((string?)theirs["checksum"] != (string?)own["checksum"])
                return (costs, $"{command}: checksums differ: {theirs["checksum"]}, {own["checksum"]}");
        }

        return (costs, null);
    }
}
