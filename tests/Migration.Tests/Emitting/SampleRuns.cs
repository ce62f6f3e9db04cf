using System.Collections.Concurrent;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration.Tests.Emitting;

/// <summary>The estates the project ships, taken through every stage.</summary>
internal static class SampleRuns
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly ConcurrentDictionary<(string, Cloud), Task<MigrationResult>> Runs = new();

    /// <summary>The result for a file of <c>samples/estates</c>.</summary>
    public static Task<MigrationResult> OfAsync(string sample, Cloud target) =>
        Runs.GetOrAdd((sample, target), static key => RunAsync(Path.Combine(Repository.Root, "samples/estates", key.Item1), key.Item2));

    private static async Task<MigrationResult> RunAsync(string path, Cloud target)
    {
        Estate estate = await EstateSource.ReadAsync([path]);
        return Of(estate, target) with { Inputs = [Path.GetFileName(path)] };
    }

    /// <summary>The result for an estate.</summary>
    public static MigrationResult Of(Estate estate, Cloud target)
    {
        Assessment assessment = Assessor.Assess(estate, PriceCatalogue.Embedded, new AssessOptions { Now = Now });
        Design design = Designer.Design(estate, assessment, PriceCatalogue.Embedded, new DesignOptions { Target = target });
        Plan plan = Planner.Plan(estate, design, new PlanAssumptions());
        return new(estate, assessment, design, plan) { Now = Now };
    }
}
