using System.Text.Json;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>Reads the <c>modules</c> of a state of version 3 (Terraform up to 0.11).</summary>
internal sealed class LegacyStateReader(AttributeReader attributes, InstanceCollector collector)
{
    /// <summary>The list the input stands at.</summary>
    public void ReadModules(ref JsonInput json)
    {
        while (json.NextItem())
        {
            SourcePosition position = json.Position;
            if (json.EnterObject()) ReadModule(ref json);
            else collector.Drop(position, "A module is no object.");
        }
    }

    private void ReadModule(ref JsonInput json)
    {
        var pending = new List<(string Key, AttributeMap Entry, SourcePosition Position)>();
        string module = "";
        while (json.NextProperty())
        {
            if (json.Is("path"u8))
            {
                json.MustRead();
                module = string.Join('.', attributes.Read(ref json).AsList.Skip(1).Select(step => "module." + step.AsText));
            }
            else if (json.Is("resources"u8))
            {
                json.MustRead();
                ReadResources(ref json, pending);
            }
            else json.Skip();
        }

        foreach ((string key, AttributeMap entry, SourcePosition position) in pending) Add(module, key, entry, position);
    }

    private void ReadResources(ref JsonInput json, List<(string Key, AttributeMap Entry, SourcePosition Position)> pending)
    {
        if (!json.EnterObject()) return;
        while (json.NextProperty())
        {
            SourcePosition position = json.Position;
            string key = json.ReadName();
            if (json.Token is JsonTokenType.StartObject) pending.Add((key, attributes.ReadMap(ref json), position));
            else
            {
                collector.Drop(position, $"The resource {key} is left out: it is no object.");
                json.Skip();
            }
        }
    }

    /// <summary>Keys are <c>type.name</c>, <c>type.name.3</c> for the fourth of a count, <c>data.…</c> for data sources.</summary>
    private void Add(string module, string key, AttributeMap entry, SourcePosition position)
    {
        string[] parts = key.Split('.');
        if (parts[0] == "data") return;
        if (parts.Length is < 2 or > 3 || entry["primary"].AsMap is not { } primary)
        {
            if (!entry["primary"].IsNull || parts.Length < 2)
                collector.Drop(position, $"The resource {key} is left out: it has no address or no 'primary' object.");
            return;
        }

        string index = parts.Length == 3 && long.TryParse(parts[2], out long number) ? TerraformAddress.KeyOf(number) : "";
        AttributeMap flat = primary["attributes"].AsMap ?? AttributeMap.Empty;
        if (!flat.Contains("id") && primary["id"].AsText is { } id) flat = flat.With(AttributeMap.Of(("id", AttributeValue.Of(id))));
        collector.Add(new TerraformInstance
        {
            Address = TerraformAddress.Of(module, parts[0], parts[1], index),
            Type = entry["type"].AsText ?? parts[0],
            Label = parts[1],
            Key = index,
            Provider = entry["provider"].AsText ?? "",
            Attributes = FlatAttributes.Unflatten(flat),
            Dependencies = [.. entry["depends_on"].AsList.Select(static item => item.AsText).OfType<string>()],
            Position = position,
        });
    }
}
