using System.Text.Json;
using Sirsi.Core.Documents;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Estates as JSON documents, schema <c>sirsi.estate/1</c> (<c>docs/schemas/estate.md</c>). The same estate gives the same bytes.
/// </summary>
public static partial class EstateJson
{
    /// <summary>The schema's name and version, the value of the document's <c>schema</c>.</summary>
    public const string Schema = "sirsi.estate/1";

    /// <summary>Writes an estate as UTF-8, resource by resource: no more than a few hundred kilobytes are held at once.</summary>
    /// <param name="estate">What to write.</param>
    /// <param name="destination">Where to; stays open.</param>
    /// <param name="cancellationToken">Ends the writing soon; the document is then incomplete.</param>
    public static async Task WriteAsync(Estate estate, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(estate);
        ArgumentNullException.ThrowIfNull(destination);
        await using var json = new Utf8JsonWriter(destination, SchemaDocument.Layout);
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteStartArray("resources");
        foreach (Resource resource in estate.Resources)
        {
            Write(json, resource);
            if (json.BytesPending > SchemaDocument.HeldBytesMax) await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        json.WriteStartArray("diagnostics");
        foreach (Diagnostic diagnostic in estate.Diagnostics) Write(json, diagnostic);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter json, Resource resource)
    {
        json.WriteStartObject();
        json.WriteString("id", resource.Id);
        json.WriteString("kind", resource.Kind.Name);
        json.WriteString("provider", resource.Cloud.Word());
        json.WriteString("type", resource.Type);
        json.WriteString("name", resource.Name);
        json.WriteString("region", resource.Region);
        json.WriteString("source", resource.Source);
        Write(json, "attributes", resource.Attributes);
        Write(json, "facts", resource.Facts);
        Write(json, "tags", resource.Tags);
        json.WriteStartArray("relations");
        foreach (Relation relation in resource.Relations)
        {
            json.WriteStartObject();
            json.WriteString("kind", relation.Kind.Word());
            json.WriteString("target", relation.Target);
            json.WriteString("evidence", relation.Evidence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, AttributeMap map)
    {
        json.WritePropertyName(name);
        Write(json, map);
    }

    private static void Write(Utf8JsonWriter json, AttributeMap map)
    {
        json.WriteStartObject();
        for (int index = 0; index < map.Count; index++)
        {
            json.WritePropertyName(map.Names[index]);
            Write(json, map.Values[index]);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AttributeValue value)
    {
        switch (value.Type)
        {
            case AttributeType.Null:
                json.WriteNullValue();
                break;
            case AttributeType.Boolean:
                json.WriteBooleanValue(value.AsBoolean!.Value);
                break;
            case AttributeType.Number:
                if (value.AsWhole is { } whole) json.WriteNumberValue(whole);
                else json.WriteNumberValue(value.AsNumber!.Value);
                break;
            case AttributeType.List:
                json.WriteStartArray();
                foreach (AttributeValue item in value.AsList) Write(json, item);
                json.WriteEndArray();
                break;
            case AttributeType.Map:
                Write(json, value.AsMap!);
                break;
            default:
                json.WriteStringValue(value.ToString());
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, Diagnostic diagnostic)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code.ToString());
        json.WriteString("severity", SeverityWord(diagnostic.Severity));
        json.WriteString("title", diagnostic.Code.Title);
        json.WriteString("message", diagnostic.Message);
        if (diagnostic.Position is { } position)
        {
            json.WriteString("source", position.Source);
            if (position.Line > 0) json.WriteNumber("line", position.Line);
            if (position.Column > 0) json.WriteNumber("column", position.Column);
        }

        json.WriteEndObject();
    }

    private static string SeverityWord(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Information => "information",
        DiagnosticSeverity.Warning => "warning",
        _ => "error",
    };
}
