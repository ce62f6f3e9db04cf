using System.Globalization;
using System.Text.RegularExpressions;
using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Migration.Assessing;

/// <summary>What nodes of YAML are as values.</summary>
internal static partial class YamlValues
{
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

    [GeneratedRegex(@"^-?[0-9]{1,15}\.[0-9]{1,15}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Fraction();
}
