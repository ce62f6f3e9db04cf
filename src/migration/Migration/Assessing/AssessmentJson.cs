using System.Collections.Immutable;
using System.Text.Json;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Clouds.Prices;
using Sirsi.Core.Documents;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Writes an assessment as JSON, schema <c>sirsi.assessment/1</c> (<c>docs/schemas/assessment.md</c>). Same input, same bytes.
/// </summary>
public static class AssessmentJson
{
    /// <summary>The schema's name and version, the first member of the document.</summary>
    public const string Schema = "sirsi.assessment/1";

    /// <summary>Writes the document as UTF-8 with a line feed at its end. The stream stays open.</summary>
    /// <param name="assessment">The assessment.</param>
    /// <param name="estate">The estate it is of.</param>
    /// <param name="now">The moment it was made for.</param>
    /// <param name="output">Where to write.</param>
    public static void Write(Assessment assessment, Estate estate, DateTimeOffset now, Stream output)
    {
        ArgumentNullException.ThrowIfNull(assessment);
        ArgumentNullException.ThrowIfNull(estate);
        ArgumentNullException.ThrowIfNull(output);
        SchemaDocument.Write(output, Schema, json =>
        {
            json.WriteString("assessedAt", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
            WriteTotals(json, assessment);
            WriteResources(json, assessment, estate);
            WriteFindings(json, assessment, estate);
        });
    }

    private static void WriteTotals(Utf8JsonWriter json, Assessment assessment)
    {
        json.WriteStartObject("totals");
        json.WriteNumber("resources", assessment.Resources.Length);
        json.WriteNumber("monthlyUsd", Money(assessment.MonthlyUsd));
        json.WriteNumber("unpricedResources", assessment.UnpricedCount);
        json.WriteStartObject("byCostStatus");
        foreach (CostStatus status in Enum.GetValues<CostStatus>())
            json.WriteNumber(Word(status), assessment.Resources.Count(resource => resource.Cost.Status == status));
        json.WriteEndObject();
        json.WriteStartObject("byReadiness");
        foreach (ReadinessLevel level in Enum.GetValues<ReadinessLevel>())
            json.WriteNumber(Word(level), assessment.Resources.Count(resource => resource.Readiness.Level == level));
        json.WriteEndObject();
        json.WriteStartObject("bySeverity");
        foreach (Severity severity in Enum.GetValues<Severity>().Reverse())
            json.WriteNumber(severity.Word(), assessment.Findings.Count(finding => finding.Check.Severity == severity));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResources(Utf8JsonWriter json, Assessment assessment, Estate estate)
    {
        json.WriteStartArray("resources");
        foreach (ResourceAssessment assessed in assessment.Resources)
        {
            json.WriteStartObject();
            json.WriteString("id", assessed.ResourceId);
            if (estate.Find(assessed.ResourceId) is { } resource)
            {
                json.WriteString("kind", resource.Kind.Name);
                json.WriteString("provider", resource.Cloud.Word());
                json.WriteString("region", resource.Region);
            }

            WriteCost(json, assessed.Cost);
            json.WriteStartObject("readiness");
            json.WriteString("level", Word(assessed.Readiness.Level));
            WriteTexts(json, "reasons", assessed.Readiness.Reasons);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the member <c>cost</c>; designs use it too.</summary>
    internal static void WriteCost(Utf8JsonWriter json, CostEstimate cost)
    {
        json.WriteStartObject("cost");
        json.WriteString("status", Word(cost.Status));
        if (cost.MonthlyUsd is { } monthly) json.WriteNumber("monthlyUsd", Money(monthly));
        else json.WriteNull("monthlyUsd");
        json.WriteStartArray("lines");
        foreach (CostLine line in cost.Lines)
        {
            json.WriteStartObject();
            json.WriteString("what", line.What);
            json.WriteNumber("quantity", Money(line.Quantity));
            json.WriteNumber("monthlyUsd", Money(line.MonthlyUsd));
            WritePrice(json, line.Price);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("usage");
        foreach (UsageCharge charge in cost.Usage)
        {
            json.WriteStartObject();
            json.WriteString("what", charge.What);
            WritePrice(json, charge.Price);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTexts(json, "missing", cost.Missing);
        json.WriteEndObject();
    }

    private static void WritePrice(Utf8JsonWriter json, Price? known)
    {
        if (known is not { } price)
        {
            json.WriteNull("price");
            return;
        }

        json.WriteStartObject("price");
        // A unit price is a fact of its source: requests cost less than a millionth of a dollar, so it is not rounded like an amount.
        json.WriteNumber("usd", price.Usd);
        json.WriteString("unit", Word(price.Unit));
        json.WriteString("region", price.Region);
        json.WriteString("quality", Word(price.Quality));
        json.WriteString("source", price.Source.Name);
        json.WriteString("asOf", price.Source.AsOf);
        if (price.Source.Note.Length > 0) json.WriteString("note", price.Source.Note);
        json.WriteEndObject();
    }

    private static void WriteFindings(Utf8JsonWriter json, Assessment assessment, Estate estate)
    {
        json.WriteStartArray("findings");
        foreach (Finding finding in assessment.Findings)
        {
            Cloud cloud = estate.Find(finding.ResourceId)?.Cloud ?? Cloud.Other;
            json.WriteStartObject();
            json.WriteString("check", finding.Check.Id);
            json.WriteString("severity", finding.Check.Severity.Word());
            json.WriteString("category", finding.Check.Category);
            json.WriteString("resource", finding.ResourceId);
            json.WriteString("title", finding.Check.Title);
            json.WriteString("evidence", finding.Evidence);
            json.WriteString("remediation", finding.Check.Remediation);
            if (finding.Check.TerraformFor(cloud) is { } setting) json.WriteString("terraform", setting);
            WriteTexts(json, "references", finding.Check.ReferencesFor(cloud));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>At most six decimals, without trailing zeros, so that the scale of a sum does not show.</summary>
    private static decimal Money(decimal amount) => Math.Round(amount, 6) / 1.000000000000000000000000000000000m;

    private static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
