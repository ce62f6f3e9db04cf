using System.Collections.Immutable;
using Sirsi.Core.Errors;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Migration.Assessing;

/// <summary>Takes the fields of one mapping and tells every problem with its place: missing, of the wrong form, unknown.</summary>
internal sealed class CheckFields
{
    private readonly Dictionary<string, YamlNode> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly YamlMappingNode _mapping;
    private readonly List<Diagnostic> _problems;

    public CheckFields(YamlMappingNode mapping, string source, List<Diagnostic> problems)
    {
        (_mapping, Source, _problems) = (mapping, source, problems);
        foreach ((YamlNode key, YamlNode value) in mapping.Children) _nodes[key.ToString()] = value;
    }

    /// <summary>The file.</summary>
    public string Source { get; }

    /// <summary>The place of a field, or of the mapping when the field is absent.</summary>
    public SourcePosition PositionOf(string name) => YamlValues.PositionOf(_nodes.GetValueOrDefault(name) ?? _mapping, Source);

    /// <summary>A text that must be there; empty, and a problem told, when it is not.</summary>
    public string Text(string name)
    {
        if (Take(name) is YamlScalarNode { Value.Length: > 0 } scalar) return scalar.Value.Trim();
        Add(MigrationErrors.CheckField, name, $"'{name}' must be a text that is not empty");
        return "";
    }

    /// <summary>A list of texts; empty when it is absent and need not be there.</summary>
    public ImmutableArray<string> Texts(string name, bool required)
    {
        YamlNode? node = Take(name);
        if (node is null && !required) return [];
        if (node is YamlSequenceNode { Children.Count: > 0 } list
            && list.Children.All(static item => item is YamlScalarNode { Value.Length: > 0 }))
            return [.. list.Children.Select(static item => ((YamlScalarNode)item).Value!)];
        Add(MigrationErrors.CheckField, name, $"'{name}' must be a list of texts, for example [a, b]");
        return [];
    }

    /// <summary>A mapping; null when it is absent.</summary>
    public YamlMappingNode? Mapping(string name)
    {
        YamlNode? node = Take(name);
        if (node is not null and not YamlMappingNode) Add(MigrationErrors.CheckField, name, $"'{name}' must be a mapping");
        return node as YamlMappingNode;
    }

    /// <summary>A list of mappings that must be there; items of another form are told and left out.</summary>
    public IEnumerable<YamlMappingNode> Mappings(string name)
    {
        if (Take(name) is not YamlSequenceNode list)
        {
            Add(MigrationErrors.CheckField, name, $"'{name}' must be a list");
            yield break;
        }

        foreach (YamlNode item in list.Children)
            if (item is YamlMappingNode mapping)
                yield return mapping;
            else
                _problems.Add(new(MigrationErrors.CheckField, DiagnosticSeverity.Error, $"an item of '{name}' must be a mapping",
                    YamlValues.PositionOf(item, Source)));
    }

    /// <summary>Tells every field that nobody took.</summary>
    public void RefuseOthers()
    {
        foreach (string name in _nodes.Keys.Where(name => !_taken.Contains(name)).Order(StringComparer.Ordinal))
            Add(MigrationErrors.CheckField, name, $"'{name}' is no field here");
    }

    /// <summary>Tells a problem at a field.</summary>
    public void Add(ErrorCode code, string field, string message) =>
        _problems.Add(new Diagnostic(code, DiagnosticSeverity.Error, message, PositionOf(field)));

    private YamlNode? Take(string name)
    {
        _taken.Add(name);
        return _nodes.GetValueOrDefault(name);
    }
}
