using System.Globalization;
using Sirsi.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>The members of one mapping of a manifest; taking one tells what is wrong with it, and its place.</summary>
internal sealed class ManifestMembers
{
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _nodes = new(StringComparer.Ordinal);
    private readonly YamlMappingNode _mapping;
    private readonly string _source;
    private readonly List<Diagnostic> _problems;

    public ManifestMembers(YamlMappingNode mapping, string source, List<Diagnostic> problems, IReadOnlyCollection<string>? known)
    {
        (_mapping, _source, _problems) = (mapping, source, problems);
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name }) Tell(key, "a member's name must be a text");
            else if (known is not null && !known.Contains(name, StringComparer.Ordinal)) Tell(key, $"'{name}' is no member here; {NearestName.Hint(name, known)}");
            else _nodes[name] = (key, value);
        }
    }

    /// <summary>The names there are, in the order of the text.</summary>
    public IEnumerable<string> Names => _mapping.Children.Keys.OfType<YamlScalarNode>().Select(static key => key.Value ?? "").Where(_nodes.ContainsKey);

    public bool Has(string name) => _nodes.ContainsKey(name);

    /// <summary>A text; the fallback when it is absent, or, without one, a problem.</summary>
    public string Text(string name, string? fallback = null)
    {
        if (!_nodes.TryGetValue(name, out var found))
        {
            if (fallback is null) Tell(_mapping, $"'{name}' is missing");
            return fallback ?? "";
        }

        if (found.Value is YamlScalarNode { Value.Length: > 0 } scalar) return scalar.Value;
        Tell(found.Value, $"'{name}' must be a text that is not empty");
        return fallback ?? "";
    }

    /// <summary>A text that a rule must hold for; empty when it is told to be wrong.</summary>
    public string Text(string name, Func<string, bool> rule, string must, string? fallback = null)
    {
        string text = Text(name, fallback);
        if (text.Length == 0 || rule(text)) return text;
        Tell(name, $"'{text}' is no {name}: {must}");
        return "";
    }

    /// <summary>A whole number in a range.</summary>
    public long Number(string name, long fallback, long least, long most)
    {
        if (!Has(name)) return fallback;
        string text = Text(name, "");
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most) return number;
        if (text.Length > 0) Tell(name, string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a whole number from {least:#,##0} to {most:#,##0}"));
        return fallback;
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name)
    {
        string text = Text(name, "false");
        if (text is not ("true" or "false")) Tell(name, $"'{name}' must be true or false");
        return text == "true";
    }

    /// <summary>The nodes of a list; empty when it is absent.</summary>
    public IEnumerable<YamlNode> List(string name)
    {
        if (!_nodes.TryGetValue(name, out var found)) return [];
        if (found.Value is YamlSequenceNode list) return list.Children;
        Tell(found.Value, $"'{name}' must be a list");
        return [];
    }

    /// <summary>A mapping; null when it is absent or told to be none.</summary>
    public ManifestMembers? Mapping(string name, IReadOnlyCollection<string>? known) => _nodes.TryGetValue(name, out var found) ? Of(found.Value, $"'{name}'", known) : null;

    /// <summary>A node as a mapping; null, and a problem told, when it is none.</summary>
    public ManifestMembers? Of(YamlNode node, string what, IReadOnlyCollection<string>? known)
    {
        if (node is YamlMappingNode mapping) return new ManifestMembers(mapping, _source, _problems, known);
        Tell(node, $"{what} must be a mapping");
        return null;
    }

    /// <summary>Tells a problem at a member's value.</summary>
    public void Tell(string name, string message) => Tell(_nodes.TryGetValue(name, out var found) ? found.Value : _mapping, message);

    /// <summary>Tells a problem at a member's name.</summary>
    public void TellName(string name, string message) => Tell(_nodes[name].Key, message);

    /// <summary>Tells a problem at a node.</summary>
    public void Tell(YamlNode node, string message) => _problems.Add(Problem(_source, node.Start, message));

    /// <summary>A problem at a place.</summary>
    public static Diagnostic Problem(string source, Mark at, string message) =>
        new(HypervisorErrors.ModuleManifestInvalid, DiagnosticSeverity.Error, message, new SourcePosition(source, (int)at.Line, (int)at.Column));
}
