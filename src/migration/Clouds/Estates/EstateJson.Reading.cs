using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Sirsi.Clouds.Terraform;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Estates;

/// <content>Reading: the same bounded, positioned reader as for Terraform inputs.</content>
public static partial class EstateJson
{
    private const int DepthMax = 160;

    private static readonly Dictionary<string, ErrorCode> Codes = typeof(CloudsErrors)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => field.GetValue(null)).OfType<ErrorCode>()
        .ToDictionary(static code => code.ToString(), StringComparer.Ordinal);

    /// <summary>Reads a document that <see cref="WriteAsync"/> wrote.</summary>
    /// <param name="source">The document; stays open.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="bytesMax">More are refused; default 4 GiB.</param>
    /// <param name="cancellationToken">Ends the reading soon.</param>
    /// <exception cref="CloudsException">It is not valid; the message names the place.</exception>
    public static Estate Read(
        Stream source, string name = "estate.json", long bytesMax = 1L << 32, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var bytes = new JsonBytes(name, source, bytesMax, progress: null, leaveOpen: true);
        var json = new JsonInput(bytes, new TextCache(), DepthMax, cancellationToken);
        var attributes = new AttributeReader();
        var resources = new List<Resource>();
        var diagnostics = new List<Diagnostic>();
        json.MustRead();
        if (json.Token is not JsonTokenType.StartObject) throw Invalid(json.Position, "it holds no object");
        SourcePosition start = json.Position;
        string? schema = null;
        while (json.NextProperty())
        {
            switch (json.ReadName())
            {
                case "schema":
                    schema = json.TextOrNull();
                    if (schema != Schema) throw Invalid(json.Position, $"its schema is not {Schema}");
                    break;
                case "resources":
                    ReadList(ref json, attributes, (position, map) => resources.Add(ResourceOf(position, map)));
                    break;
                case "diagnostics":
                    ReadList(ref json, attributes, (position, map) => diagnostics.Add(DiagnosticOf(position, map)));
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        json.Read();
        if (schema is null) throw Invalid(start, "it has no schema");
        try
        {
            return new Estate(resources, diagnostics);
        }
        catch (ArgumentException failure)
        {
            throw new CloudsException(CloudsErrors.EstateDocument, $"{name}: this estate is not valid: {failure.Message}", failure);
        }
    }

    private static void ReadList(ref JsonInput json, AttributeReader attributes, Action<SourcePosition, AttributeMap> add)
    {
        if (json.Token is not JsonTokenType.StartArray) throw Invalid(json.Position, "a list is missing");
        while (json.NextItem())
        {
            SourcePosition position = json.Position;
            if (json.Token is not JsonTokenType.StartObject) throw Invalid(position, "an entry is no object");
            add(position, attributes.ReadMap(ref json));
        }
    }

    private static Resource ResourceOf(SourcePosition position, AttributeMap map)
    {
        string provider = Text(position, map, "provider");
        if (!CloudNames.TryParse(provider, out Cloud cloud) && provider != Cloud.Other.Word())
            throw Invalid(position, $"'{provider}' is no provider");
        return new Resource
        {
            Id = Text(position, map, "id"),
            Kind = new ResourceKind(Text(position, map, "kind")),
            Cloud = cloud,
            Type = Text(position, map, "type"),
            Name = Text(position, map, "name"),
            Region = map["region"].AsText,
            Source = map["source"].AsText ?? "",
            Attributes = Unmarked(map["attributes"]),
            Facts = Unmarked(map["facts"]),
            Tags = Unmarked(map["tags"]),
            Relations = [.. map["relations"].AsList.Select(item => RelationOf(position, item))],
        };
    }

    private static Relation RelationOf(SourcePosition position, AttributeValue item)
    {
        if (item.AsMap is not { } map || !RelationNames.TryParse(map["kind"].AsText, out RelationKind kind))
            throw Invalid(position, "a relation has no known kind");
        return new Relation(kind, Text(position, map, "target"), map["evidence"].AsText ?? "");
    }

    private static Diagnostic DiagnosticOf(SourcePosition position, AttributeMap map)
    {
        string code = Text(position, map, "code");
        if (!Codes.TryGetValue(code, out ErrorCode? known)) throw Invalid(position, $"'{code}' is no known code");
        DiagnosticSeverity severity = map["severity"].AsText switch
        {
            "information" => DiagnosticSeverity.Information,
            "warning" => DiagnosticSeverity.Warning,
            "error" => DiagnosticSeverity.Error,
            _ => throw Invalid(position, "a diagnostic has no known severity"),
        };
        SourcePosition? at = map["source"].AsText is { } source
            ? new SourcePosition(source, (int)(map["line"].AsWhole ?? 0), (int)(map["column"].AsWhole ?? 0))
            : null;
        return new Diagnostic(known, severity, Text(position, map, "message"), at);
    }

    /// <summary>Masked values are written as the text that stands for them; read, they are masked again.</summary>
    private static AttributeMap Unmarked(AttributeValue value) => value.AsMap is { } map ? Unmarked(map) : AttributeMap.Empty;

    private static AttributeMap Unmarked(AttributeMap map)
    {
        AttributeValue[] values = map.Values.ToArray();
        for (int index = 0; index < values.Length; index++) values[index] = Each(values[index]);
        return map.WithValues(values);

        static AttributeValue Each(AttributeValue value) => value.Type switch
        {
            AttributeType.Text when AttributeValue.TryParseMasked(value.AsText, out AttributeValue masked) => masked,
            AttributeType.Map => AttributeValue.Of(Unmarked(value.AsMap!)),
            AttributeType.List => AttributeValue.Of(ImmutableArray.CreateRange(value.AsList, Each)),
            _ => value,
        };
    }

    private static string Text(SourcePosition position, AttributeMap map, string name) =>
        map[name].AsText ?? throw Invalid(position, $"'{name}' is missing or no text");

    private static CloudsException Invalid(SourcePosition position, string why) =>
        new(CloudsErrors.EstateDocument, $"{position}: this is no estate document: {why}.");
}
