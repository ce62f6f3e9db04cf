using System.Globalization;
using System.Text.RegularExpressions;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Migration.Assessing;

/// <summary>
/// Reads a small, plain subset of YAML: one document of mappings, lists and scalars. Anchors, aliases and tags are refused and nesting
/// is bounded before a tree is built, because the tree is built by recursion.
/// </summary>
internal static partial class BoundedYaml
{
    private const int DepthMax = 16;

    /// <summary>The root mapping; null, and a problem told, when the text is none.</summary>
    public static YamlMappingNode? ReadMapping(string text, string source, List<Diagnostic> problems)
    {
        try
        {
            if (FindRefused(text) is { } refused)
            {
                problems.Add(Problem(source, refused.At, refused.Reason));
                return null;
            }

            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            if (stream.Documents is [{ RootNode: YamlMappingNode root }]) return root;
            problems.Add(Problem(source, Mark.Empty, "the file must hold one mapping with 'category' and 'checks'"));
        }
        catch (YamlException failure)
        {
            problems.Add(Problem(source, failure.Start, failure.Message));
        }

        return null;
    }

    /// <summary>Where a node begins.</summary>
    public static SourcePosition PositionOf(YamlNode node, string source) => new(source, (int)node.Start.Line, (int)node.Start.Column);

    /// <summary>A node as a value: plain <c>true</c>, <c>null</c> and numbers are what they look like, everything quoted is a text.</summary>
    public static AttributeValue ToValue(YamlNode node) => node switch
    {
        YamlMappingNode map => AttributeValue.Of(ToMap(map)),
        YamlSequenceNode list => AttributeValue.Of([.. list.Children.Select(ToValue)]),
        YamlScalarNode scalar => ToValue(scalar),
        _ => AttributeValue.Null,
    };

    /// <summary>A mapping as named values.</summary>
    public static AttributeMap ToMap(YamlMappingNode map) =>
        AttributeMap.From(map.Children.Select(static pair => KeyValuePair.Create(pair.Key.ToString(), ToValue(pair.Value))));

    private static AttributeValue ToValue(YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain) return AttributeValue.Of(text);
        return text switch
        {
            "" or "null" or "~" => AttributeValue.Null,
            "true" => AttributeValue.Of(true),
            "false" => AttributeValue.Of(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => AttributeValue.Of(whole),
            _ when Fraction().IsMatch(text) => AttributeValue.Of(double.Parse(text, CultureInfo.InvariantCulture)),
            _ => AttributeValue.Of(text),
        };
    }

    private static (Mark At, string Reason)? FindRefused(string text)
    {
        using var reader = new StringReader(text);
        var parser = new Parser(reader);
        int depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent found = parser.Current!;
            if (found is AnchorAlias) return (found.Start, "aliases are not allowed");
            if (found is NodeEvent { Anchor.IsEmpty: false }) return (found.Start, "anchors are not allowed");
            if (found is NodeEvent { Tag.IsEmpty: false }) return (found.Start, "tags are not allowed");
            depth += found.NestingIncrease;
            if (depth > DepthMax) return (found.Start, $"nesting is deeper than {DepthMax}");
        }

        return null;
    }

    private static Diagnostic Problem(string source, Mark at, string reason) =>
        new(MigrationErrors.CheckSyntax, DiagnosticSeverity.Error, reason, new SourcePosition(source, (int)at.Line, (int)at.Column));

    [GeneratedRegex(@"^-?[0-9]{1,15}\.[0-9]{1,15}$", RegexOptions.NonBacktracking)]
    private static partial Regex Fraction();
}
