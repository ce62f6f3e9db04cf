using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sirsi.Wasm.Benchmarks;

/// <summary>Prints what was measured, as aligned tables or as JSON.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // A run too short for the clock gives a ratio that is no number.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    public static void PrintHeader()
    {
        Console.WriteLine("CPU ms of a run; ms to load; ms to load and call once; the same in a fresh process");
        Console.WriteLine(
            $"{"module",-14} {"node",9} {"ours",9} {"ratio",7} {"load: node",12} {"ours",8} {"called: node",14} {"ours",8} {"cold: node",12} {"ours",8}");
    }

    public static void Print(Row row) => Console.WriteLine(row is { Failure: null, Node: { } node, Ours: { } ours }
        ? string.Create(CultureInfo.InvariantCulture,
            $"{row.Name,-14} {node.MedianMs,9:F2} {ours.MedianMs,9:F2} {row.Ratio,7:F2} {node.LoadMs,12:F2} {ours.LoadMs,8:F2} "
            + $"{node.FirstMs,14:F2} {ours.FirstMs,8:F2} {node.ColdMs,12:F2} {ours.ColdMs,8:F2}")
        : $"{row.Name,-14} FAILED: {row.Failure}");

    public static void PrintSummary(IReadOnlyCollection<Row> rows)
    {
        Row[] good = [.. rows.Where(static row => row.Failure is null)];
        if (good.Length == 0) return;
        Row worst = good.MaxBy(static row => row.Ratio)!;
        double mean = Statistics.GeometricMean([.. good.Select(static row => row.Ratio)]);
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{good.Length} modules, geometric mean of the ratios {mean:F2}, worst {worst.Ratio:F2} ({worst.Name})"));
    }

    public static void PrintJson(Settings settings, IReadOnlyCollection<Row> rows)
    {
        Row[] good = [.. rows.Where(static row => row.Failure is null)];
        Write(new
        {
            settings.Engine,
            settings.Metering,
            settings.Runs,
            Modules = rows.Select(static row => new
            {
                row.Name,
                row.N,
                row.Checksum,
                row.Node,
                row.Ours,
                Ratio = row.Failure is null ? row.Ratio : (double?)null,
                row.Failure,
            }),
            GeometricMean = good.Length == 0 ? (double?)null : Statistics.GeometricMean([.. good.Select(static row => row.Ratio)]),
            Worst = good.MaxBy(static row => row.Ratio)?.Name,
        });
    }

    public static void PrintCosts(Settings settings, IReadOnlyList<Cost> costs, string? failure)
    {
        if (settings.Json)
        {
            Write(new { settings.Engine, settings.Metering, settings.Count, Costs = costs, Failure = failure });
            return;
        }

        Console.WriteLine($"{"operation",-50} {"node",12} {"ours",12}    {"ratio",7}");
        foreach (Cost cost in costs)
        {
            string ratio = Figure(cost.Ours / cost.Node, "F2");
            Console.WriteLine($"{cost.Operation,-50} {Figure(cost.Node, "F1"),12} {Figure(cost.Ours, "F1"),12} {cost.Unit} {ratio,7}");
        }

        if (failure is not null) Console.WriteLine($"FAILED: {failure}");
    }

    private static string Figure(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static void Write<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, JsonOptions));
}
