using System.Text.Json;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>Reads the <c>resources</c> of a state of version 4, in whatever order the members come.</summary>
internal sealed class StateReader(AttributeReader attributes, InstanceCollector collector)
{
    private readonly List<Draft> _drafts = [];
    private string? _problem;

    /// <summary>The list the input stands at.</summary>
    public void ReadResources(ref JsonInput json)
    {
        while (json.NextItem())
        {
            SourcePosition position = json.Position;
            if (json.EnterObject()) ReadResource(ref json, position);
            else collector.Drop(position, "A resource is no object.");
        }
    }

    private void ReadResource(ref JsonInput json, SourcePosition position)
    {
        string module = "";
        string provider = "";
        string? mode = null;
        string? type = null;
        string? name = null;
        _drafts.Clear();
        _problem = null;
        while (json.NextProperty())
        {
            if (json.Is("module"u8)) module = RequiredText(ref json) ?? "";
            else if (json.Is("mode"u8)) mode = RequiredText(ref json);
            else if (json.Is("type"u8)) type = RequiredText(ref json);
            else if (json.Is("name"u8)) name = RequiredText(ref json);
            else if (json.Is("provider"u8)) provider = RequiredText(ref json) ?? "";
            else if (json.Is("instances"u8) && mode is not "data") ReadInstances(ref json);
            else json.Skip();
        }

        if (mode is "data") return;
        if (_problem is null && string.IsNullOrEmpty(type)) _problem = "it has no 'type'";
        if (_problem is null && string.IsNullOrEmpty(name)) _problem = "it has no 'name'";
        if (_problem is not null)
        {
            collector.Drop(position, $"The resource {type}.{name} is left out: {_problem}.");
            return;
        }

        foreach (Draft draft in _drafts) Add(draft, module, type!, name!, provider);
    }

    private void Add(Draft draft, string module, string type, string name, string provider)
    {
        string address = TerraformAddress.Of(module, type, name, draft.Key);
        if (draft.Problem is not null)
        {
            collector.Drop(draft.Position, $"The instance {address} is left out: {draft.Problem}.");
            return;
        }

        if (draft.IsDeposed)
        {
            collector.Report(CloudsErrors.DeposedObject, DiagnosticSeverity.Information,
                $"{address}: an object that waits to be destroyed is left out.", draft.Position);
            return;
        }

        if (draft.MarksUnclear)
            collector.Report(CloudsErrors.SensitiveMarkUnclear, DiagnosticSeverity.Warning,
                $"{address}: 'sensitive_attributes' can not be read; all of it is masked.", draft.Position);
        collector.Add(
            new TerraformInstance
            {
                Address = address,
                Type = type,
                Label = name,
                Key = draft.Key,
                Provider = provider,
                Attributes = draft.Attributes ?? AttributeMap.Empty,
                Dependencies = (IReadOnlyList<string>?)draft.Dependencies ?? [],
                Position = draft.Position,
            },
            draft.Marks);
    }

    private void ReadInstances(ref JsonInput json)
    {
        json.MustRead();
        if (json.Token is not JsonTokenType.StartArray)
        {
            _problem = "'instances' is no list";
            json.Skip();
            return;
        }

        while (json.NextItem())
        {
            var draft = new Draft { Position = json.Position };
            _drafts.Add(draft);
            if (json.EnterObject()) ReadInstance(ref json, draft);
            else draft.Problem = "it is no object";
        }
    }

    private void ReadInstance(ref JsonInput json, Draft draft)
    {
        while (json.NextProperty())
        {
            if (json.Is("attributes"u8)) draft.ReadAttributes(ref json, attributes, flat: false);
            else if (json.Is("attributes_flat"u8)) draft.ReadAttributes(ref json, attributes, flat: true);
            else if (json.Is("index_key"u8)) draft.ReadKey(ref json);
            else if (json.Is("sensitive_attributes"u8)) draft.ReadMarks(ref json, attributes);
            else if (json.Is("dependencies"u8) || json.Is("depends_on"u8)) draft.ReadDependencies(ref json);
            else if (json.Is("deposed"u8))
            {
                json.MustRead();
                draft.IsDeposed = json.TextOrNull() is { Length: > 0 };
            }
            else json.Skip();
        }
    }

    private string? RequiredText(ref JsonInput json)
    {
        string name = json.ReadName();
        if (json.Token is JsonTokenType.String) return json.Text();
        if (json.Token is not JsonTokenType.Null) _problem = $"'{name}' is no text";
        json.Skip();
        return null;
    }

    private sealed class Draft
    {
        public SourcePosition Position { get; init; }

        public string Key { get; private set; } = "";

        public AttributeMap? Attributes { get; private set; }

        public SensitiveMarks? Marks { get; private set; }

        public bool MarksUnclear { get; private set; }

        public List<string>? Dependencies { get; private set; }

        public bool IsDeposed { get; set; }

        public string? Problem { get; set; }

        public void ReadAttributes(ref JsonInput json, AttributeReader reader, bool flat)
        {
            string name = json.ReadName();
            if (json.Token is JsonTokenType.StartObject)
            {
                AttributeMap read = reader.ReadMap(ref json);
                Attributes = flat ? FlatAttributes.Unflatten(read) : read;
                return;
            }

            if (json.Token is not JsonTokenType.Null) Problem = $"'{name}' is no object";
            json.Skip();
        }

        public void ReadKey(ref JsonInput json)
        {
            json.MustRead();
            switch (json.Token)
            {
                case JsonTokenType.String:
                    Key = TerraformAddress.KeyOf(json.Text());
                    break;
                case JsonTokenType.Number when json.TryGetWhole(out long index):
                    Key = TerraformAddress.KeyOf(index);
                    break;
                case JsonTokenType.Null:
                    break;
                default:
                    Problem = "'index_key' is neither a text nor a whole number";
                    json.Skip();
                    break;
            }
        }

        public void ReadDependencies(ref JsonInput json)
        {
            json.MustRead();
            if (json.Token is not JsonTokenType.StartArray)
            {
                json.Skip();
                return;
            }

            while (json.NextItem())
                if (json.TextOrNull() is { } address) (Dependencies ??= []).Add(address);
        }

        public void ReadMarks(ref JsonInput json, AttributeReader reader)
        {
            json.MustRead();
            AttributeValue paths = reader.Read(ref json);
            var marks = new SensitiveMarks();
            foreach (AttributeValue path in paths.AsList)
                if (!SensitivePaths.TryAdd(path, marks)) MarksUnclear = true;
            if (!paths.IsNull && paths.Type is not AttributeType.List) MarksUnclear = true;
            if (MarksUnclear) marks.Add([]);
            if (!marks.IsEmpty) Marks = marks;
        }
    }
}
