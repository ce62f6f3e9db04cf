using Sirsi.Cli.Output;
using Sirsi.Clouds;
using Sirsi.Migration;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;

namespace Sirsi.Cli.Commands.Migrate;

/// <summary>The end of a run as one JSON document (<c>docs/schemas/migration.md</c>).</summary>
internal static class MigrationSummaryJson
{
    /// <summary>Writes the document to standard output.</summary>
    public static void Write(Terminal terminal, MigrateRequest request, MigrationResult result) => terminal.WriteJson("sirsi.migration/1", json =>
    {
        json.WriteString("now", result.Now);
        json.WriteString("target", result.Design.Target.Word());
        json.WriteString("region", result.Design.Region);
        json.WriteString("output", request.Output);
        json.WriteNumber("resources", result.Estate.Resources.Length);

        json.WriteStartObject("cost");
        json.WriteNumber("monthlyUsdBefore", Math.Round(result.Assessment.MonthlyUsd, 2));
        json.WriteNumber("monthlyUsdAfter", Math.Round(result.Design.MonthlyUsd, 2));
        var like = CostComparison.Of(result.Assessment, result.Design);
        json.WriteStartObject("likeForLike");
        json.WriteNumber("monthlyUsdBefore", Math.Round(like.BeforeUsd, 2));
        json.WriteNumber("monthlyUsdAfter", Math.Round(like.AfterUsd, 2));
        json.WriteNumber("resources", like.Resources);
        json.WriteEndObject();
        json.WriteNumber("notFullyPricedBefore", result.Assessment.UnpricedCount);
        json.WriteNumber("notFullyPricedAfter", result.Design.Mappings.Count(static mapping => mapping.Cost.Status is CostStatus.Unknown or CostStatus.Partial));
        json.WriteEndObject();

        json.WriteStartObject("findings");
        foreach (Severity severity in Enum.GetValues<Severity>().Reverse())
            json.WriteNumber(SeverityText.Word(severity), result.Assessment.Findings.Count(finding => finding.Check.Severity == severity));
        json.WriteEndObject();

        json.WriteStartObject("outcomes");
        foreach (MappingOutcome outcome in Enum.GetValues<MappingOutcome>())
            json.WriteNumber(CamelCase(outcome.ToString()), result.Design.Mappings.Count(mapping => mapping.Outcome == outcome));
        json.WriteEndObject();

        json.WriteStartObject("plan");
        json.WriteNumber("waves", result.Plan.Waves.Length);
        json.WriteNumber("steps", result.Plan.Steps.Length);
        json.WriteNumber("durationSeconds", Math.Round(result.Plan.Duration.TotalSeconds));
        json.WriteNumber("downtimeSeconds", Math.Round(result.Plan.Downtime.TotalSeconds));
        json.WriteNumber("transferGiB", Math.Round(result.Plan.TransferGiB, 1));
        json.WriteEndObject();

        json.WriteStartArray("openPoints");
        foreach (string point in result.Plan.OpenPoints) json.WriteStringValue(point);
        json.WriteEndArray();
    });

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
