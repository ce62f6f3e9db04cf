using System.Text.Json;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Documents;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Designing;

/// <summary>Writes a design as <c>design.json</c> (<c>docs/schemas/design.md</c>): the same design gives the same bytes.</summary>
public static class DesignJson
{
    /// <summary>The name and version of the layout; a reader refuses a version it does not know.</summary>
    public const string Schema = "sirsi.design/1";

    /// <summary>Writes the design as indented UTF-8 JSON with a line feed at its end, and leaves the stream open.</summary>
    public static void Write(Design design, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(stream);
        SchemaDocument.Write(stream, Schema, json =>
        {
            json.WriteString("target", design.Target.Word());
            json.WriteString("region", design.Region);
            WriteTotals(json, design);
            json.WriteStartArray("mappings");
            foreach (Mapping mapping in design.Mappings)
            {
                WriteMapping(json, mapping);
                json.FlushIfLarge();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>The word of an outcome in files: <c>equivalent</c>, <c>adapted</c>, <c>folded</c>, <c>notNeeded</c>, <c>noEquivalent</c>,
    /// <c>stays</c>, <c>unknown</c>.</summary>
    public static string Word(this MappingOutcome outcome) => outcome switch
    {
        MappingOutcome.Equivalent => "equivalent",
        MappingOutcome.Adapted => "adapted",
        MappingOutcome.Folded => "folded",
        MappingOutcome.NotNeeded => "notNeeded",
        MappingOutcome.NoEquivalent => "noEquivalent",
        MappingOutcome.Stays => "stays",
        MappingOutcome.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
    };

    private static void WriteTotals(Utf8JsonWriter json, Design design)
    {
        json.WriteStartObject("totals");
        json.WriteNumber("resources", design.Mappings.Length);
        json.WriteNumber("monthlyUsd", Math.Round(design.MonthlyUsd, 2));
        json.WriteNumber("unpricedResources",
            design.Mappings.Count(static mapping => mapping.Cost.Status is CostStatus.Unknown or CostStatus.Partial));
        json.WriteStartObject("byOutcome");
        foreach (MappingOutcome outcome in Enum.GetValues<MappingOutcome>())
            json.WriteNumber(outcome.Word(), design.Mappings.Count(mapping => mapping.Outcome == outcome));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMapping(Utf8JsonWriter json, Mapping mapping)
    {
        json.WriteStartObject();
        json.WriteString("resource", mapping.ResourceId);
        json.WriteString("outcome", mapping.Outcome.Word());
        json.WriteString("owner", mapping.OwnerId);
        if (mapping.Target is { } target) WriteTarget(json, target);
        else json.WriteNull("target");
        json.WriteString("reason", mapping.Reason);
        json.WriteStartArray("alternatives");
        foreach (Alternative alternative in mapping.Alternatives)
        {
            json.WriteStartObject();
            json.WriteString("choice", alternative.Choice);
            if (alternative.MonthlyUsd is { } usd) json.WriteNumber("monthlyUsd", Math.Round(usd, 2));
            else json.WriteNull("monthlyUsd");
            json.WriteString("difference", alternative.Difference);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteTexts("differences", mapping.Differences);
        json.WriteTexts("decisions", mapping.Decisions);
        AssessmentJson.WriteCost(json, mapping.Cost);
        json.WriteEndObject();
    }

    private static void WriteTarget(Utf8JsonWriter json, TargetResource target)
    {
        json.WriteStartObject("target");
        json.WriteString("name", target.Name);
        json.WriteString("kind", target.Kind.Name);
        json.WriteString("service", target.Service);
        json.WriteString("type", target.Type);
        json.WriteString("region", target.Region);
        json.WriteString("size", target.Size);
        json.WritePropertyName("facts");
        WriteValue(json, AttributeValue.Of(target.Facts));
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, AttributeValue value)
    {
        switch (value.Type)
        {
            case AttributeType.Null:
                json.WriteNullValue();
                break;
            case AttributeType.Boolean:
                json.WriteBooleanValue(value.AsBoolean is true);
                break;
            case AttributeType.Number when value.AsWhole is { } whole:
                json.WriteNumberValue(whole);
                break;
            case AttributeType.Number:
                json.WriteNumberValue(value.AsNumber ?? 0);
                break;
            case AttributeType.List:
                json.WriteStartArray();
                foreach (AttributeValue item in value.AsList) WriteValue(json, item);
                json.WriteEndArray();
                break;
            case AttributeType.Map:
                json.WriteStartObject();
                foreach ((string name, AttributeValue member) in value.AsMap ?? AttributeMap.Empty)
                {
                    // A fact that is not known is absent.
                    if (member.IsNull) continue;
                    json.WritePropertyName(name);
                    WriteValue(json, member);
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }
}
