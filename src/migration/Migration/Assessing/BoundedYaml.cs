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
        Mark at = Mark.Empty;
        try
        {
            if (FindRefused(text, ref at) is { } reason)
            {
                problems.Add(Problem(source, at, reason));
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
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner meets some malformed texts with these instead of its own exception.
            problems.Add(Problem(source, at, "what follows is not YAML"));
        }

        return null;
    }

    /// <summary>Where a node begins.</summary>
    public static SourcePosition PositionOf(YamlNode node, string source) => new(source, (int)node.Start.Line, (int)node.Start.Column);

    /// <summary>A node as a value: plain <c>true</c>, <c>null</c> and numbers are what they look like, what is quoted is a text.</summary>
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
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) =>
                AttributeValue.Of(whole),
            _ when Fraction().IsMatch(text) => AttributeValue.Of(double.Parse(text, CultureInfo.InvariantCulture)),
            _ => AttributeValue.Of(text),
        };
    }

    /// <summary>Why the text is refused, at the place left in <paramref name="at"/>; null when it may be read.</summary>
    private static string? FindRefused(string text, ref Mark at)
    {
        using var reader = new StringReader(text);
        var parser = new Parser(reader);
        int depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent found = parser.Current!;
            at = found.Start;
            if (found is AnchorAlias) return "aliases are not allowed";
            if (found is NodeEvent { Anchor.IsEmpty: false }) return "anchors are not allowed";
            if (found is NodeEvent { Tag.IsEmpty: false }) return "tags are not allowed";
            depth += found.NestingIncrease;
            if (depth > DepthMax) return $"nesting is deeper than {DepthMax}";
        }

        return null;
    }

    private static Diagnostic Problem(string source, Mark at, string reason) =>
        new(MigrationErrors.CheckSyntax, DiagnosticSeverity.Error, reason, new SourcePosition(source, (int)at.Line, (int)at.Column));

    [GeneratedRegex(@"^-?[0-9]{1,15}\.[0-9]{1,15}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Fraction();
}
