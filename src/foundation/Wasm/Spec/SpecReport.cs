using System.Runtime.InteropServices;

namespace Sirsi.Wasm.Spec;

/// <summary>How the commands of one type fared.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpecCount(int Passed, int Failed, int Skipped);

/// <summary>What running scripts of the specification suite gave.</summary>
internal sealed class SpecReport
{
    private readonly SortedDictionary<string, SpecCount> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _failures = [];

    /// <summary>Counts by type of command, in ordinal order.</summary>
    internal IReadOnlyDictionary<string, SpecCount> Counts => _counts;

    /// <summary>A line for each failure: script, line, command, what happened.</summary>
    internal IReadOnlyList<string> Failures => _failures;

    /// <summary>Assertions that held; modules, actions and registrations are not counted.</summary>
    internal int Passed => Assertions.Sum(static count => count.Value.Passed);

    /// <summary>Everything that failed, commands that only set the stage included.</summary>
    internal int Failed => _counts.Sum(static count => count.Value.Failed);

    internal int Skipped => Assertions.Sum(static count => count.Value.Skipped);

    private IEnumerable<KeyValuePair<string, SpecCount>> Assertions =>
        _counts.Where(static count => count.Key.StartsWith("assert_", StringComparison.Ordinal));

    internal void Pass(string type) => _counts[type] = Of(type) with { Passed = Of(type).Passed + 1 };

    internal void Skip(string type) => _counts[type] = Of(type) with { Skipped = Of(type).Skipped + 1 };

    internal void Fail(string type, string failure)
    {
        _counts[type] = Of(type) with { Failed = Of(type).Failed + 1 };
        _failures.Add(failure);
    }

    private SpecCount Of(string type) => _counts.GetValueOrDefault(type);
}
