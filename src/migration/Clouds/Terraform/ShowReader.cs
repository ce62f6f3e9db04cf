using System.Text.Json;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Reads what <c>terraform show -json</c> writes of a state (<c>values</c>) or a plan (<c>planned_values</c>, <c>resource_changes</c>,
/// <c>configuration</c>). A plan is the estate as it will be.
/// </summary>
internal sealed class ShowReader(AttributeReader attributes, InstanceCollector collector)
{
    private readonly Dictionary<string, SensitiveMarks> _marks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AttributeValue> _unknown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private PlanConfiguration? _configuration;

    /// <summary><c>values</c> or <c>planned_values</c>: the object the input stands at.</summary>
    public void ReadValues(ref JsonInput json)
    {
        while (json.NextProperty())
        {
            if (!json.Is("root_module"u8))
            {
                json.Skip();
                continue;
            }

            json.MustRead();
            ReadModule(ref json);
        }
    }

    /// <summary><c>resource_changes</c>: what is sensitive and what is not known yet.</summary>
    public void ReadChanges(ref JsonInput json)
    {
        while (json.NextItem())
        {
            if (!json.EnterObject()) continue;
            string? address = null;
            SensitiveMarks? marks = null;
            AttributeValue unknown = default;
            while (json.NextProperty())
            {
                if (json.Is("address"u8))
                {
                    json.MustRead();
                    address = json.TextOrNull();
                }
                else if (json.Is("change"u8)) (marks, unknown) = ReadChange(ref json);
                else json.Skip();
            }

            if (address is null) continue;
            if (marks is not null) _marks[address] = marks;
            if (unknown.AsMap is { Count: > 0 }) _unknown[address] = unknown;
        }
    }

    /// <summary><c>variables</c>: of these only texts, to know the regions of providers.</summary>
    public void ReadVariables(ref JsonInput json)
    {
        while (json.NextProperty())
        {
            string name = json.ReadName();
            if (attributes.Read(ref json).AsMap?["value"].AsText is { Length: < 64 } value) _variables[name] = value;
        }
    }

    /// <summary><c>configuration</c>.</summary>
    public void ReadConfiguration(ref JsonInput json) => _configuration = ConfigurationReader.Read(ref json, attributes);

    /// <summary>Puts together what the parts of the input say, whatever their order was.</summary>
    public PlanConfiguration? Finish()
    {
        List<TerraformInstance> instances = collector.Instances;
        for (int index = 0; index < instances.Count; index++)
        {
            TerraformInstance instance = instances[index];
            if (_marks.TryGetValue(instance.Address, out SensitiveMarks? marks))
                instance = instance with { Attributes = marks.Apply(instance.Attributes) };
            if (_configuration?.Find(TerraformAddress.WithoutKeys(instance.Address)) is { Resource: { } resource })
                instance = instance with
                {
                    Provider = resource.ProviderKey.Length > 0 ? resource.ProviderKey : instance.Provider,
                    Attributes = _unknown.TryGetValue(instance.Address, out AttributeValue unknown)
                        ? UnknownValues.Put(instance.Attributes, resource.Expressions, unknown)
                        : instance.Attributes,
                };
            instances[index] = instance;
        }

        foreach ((string key, string variable) in _configuration?.RegionVariables ?? [])
            if (_variables.TryGetValue(variable, out string? region)) _configuration!.Regions[key] = region;
        return _configuration;
    }

    private (SensitiveMarks? Marks, AttributeValue Unknown) ReadChange(ref JsonInput json)
    {
        SensitiveMarks? marks = null;
        AttributeValue unknown = default;
        json.MustRead();
        if (!json.EnterObject()) return default;
        while (json.NextProperty())
        {
            if (json.Is("after_sensitive"u8))
            {
                json.MustRead();
                marks = SensitiveMarks.FromShape(attributes.Read(ref json));
            }
            else if (json.Is("after_unknown"u8))
            {
                json.MustRead();
                unknown = attributes.Read(ref json);
            }
            else json.Skip();
        }

        return (marks, unknown);
    }

    private void ReadModule(ref JsonInput json)
    {
        if (!json.EnterObject()) return;
        int first = collector.Instances.Count;
        string? module = null;
        while (json.NextProperty())
        {
            if (json.Is("address"u8))
            {
                json.MustRead();
                module = json.TextOrNull();
                continue;
            }

            bool resources = json.Is("resources"u8);
            if (!resources && !json.Is("child_modules"u8))
            {
                json.Skip();
                continue;
            }

            json.MustRead();
            if (json.Token is not JsonTokenType.StartArray)
            {
                collector.Drop(json.Position, resources ? "'resources' is no list." : "'child_modules' is no list.");
                json.Skip();
                continue;
            }

            while (json.NextItem())
            {
                SourcePosition position = json.Position;
                if (!resources) ReadModule(ref json);
                else if (json.EnterObject()) ReadResource(ref json, position);
                else collector.Drop(position, "A resource is no object.");
            }
        }

        if (module is not null) PutInto(module, first);
    }

    /// <summary>Terraform 0.12 left the module out of the addresses of states.</summary>
    private void PutInto(string module, int first)
    {
        for (int index = first; index < collector.Instances.Count; index++)
        {
            TerraformInstance instance = collector.Instances[index];
            if (!instance.Address.StartsWith("module.", StringComparison.Ordinal))
                collector.Instances[index] = instance with { Address = module + "." + instance.Address };
        }
    }

    private void ReadResource(ref JsonInput json, SourcePosition position)
    {
        string? address = null;
        string? mode = null;
        string? type = null;
        string? name = null;
        string key = "";
        string provider = "";
        string? problem = null;
        AttributeMap values = AttributeMap.Empty;
        SensitiveMarks? marks = null;
        while (json.NextProperty())
        {
            if (json.Is("address"u8)) address = NextText(ref json, ref problem);
            else if (json.Is("mode"u8)) mode = NextText(ref json, ref problem);
            else if (json.Is("type"u8)) type = NextText(ref json, ref problem);
            else if (json.Is("name"u8)) name = NextText(ref json, ref problem);
            else if (json.Is("index"u8)) key = NextKey(ref json);
            else if (json.Is("provider_name"u8)) provider = NextText(ref json, ref problem) ?? "";
            else if (json.Is("values"u8))
            {
                json.MustRead();
                if (json.Token is JsonTokenType.StartObject) values = attributes.ReadMap(ref json);
                else if (json.Token is not JsonTokenType.Null) problem = "'values' is no object";
                json.Skip();
            }
            else if (json.Is("sensitive_values"u8))
            {
                json.MustRead();
                marks = SensitiveMarks.FromShape(attributes.Read(ref json));
            }
            else json.Skip();
        }

        if (mode is "data") return;
        if (string.IsNullOrEmpty(address)) problem ??= "it has no 'address'";
        if (string.IsNullOrEmpty(type)) problem ??= "it has no 'type'";
        if (problem is not null)
        {
            collector.Drop(position, $"The resource {address ?? type} is left out: {problem}.");
            return;
        }

        // Terraform 0.12 left the index out of the addresses of states.
        if (!address!.EndsWith(']')) address += key;
        collector.Add(
            new TerraformInstance
            {
                Address = address,
                Type = type!,
                Label = name ?? type!,
                Key = TerraformAddress.KeyAtEnd(address),
                Provider = provider,
                Attributes = values,
                Position = position,
            },
            marks);
    }

    private static string NextKey(ref JsonInput json)
    {
        json.MustRead();
        if (json.Token is JsonTokenType.String) return TerraformAddress.KeyOf(json.Text());
        if (json.Token is JsonTokenType.Number && json.TryGetWhole(out long index)) return TerraformAddress.KeyOf(index);
        json.Skip();
        return "";
    }

    private static string? NextText(ref JsonInput json, ref string? problem)
    {
        string name = json.ReadName();
        if (json.Token is JsonTokenType.String) return json.Text();
        if (json.Token is not JsonTokenType.Null) problem ??= $"'{name}' is no text";
        json.Skip();
        return null;
    }
}
