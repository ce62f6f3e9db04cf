using Sirsi.Clouds.Estates;
using Sirsi.Core.Documents;
using Sirsi.Migration.Assessing;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Migration.Tests.Assessing;

/// <summary>Facts written in tests as in the examples of checks: <c>size: m5.large, count: 2</c>.</summary>
internal static class Facts
{
    public static AttributeMap Of(string text)
    {
        YamlMappingNode? mapping = PlainYaml.ReadMapping("{ " + text + " }", "facts", depthMax: 8, out string reason, out _);
        Assert.Empty(reason);
        return YamlValues.ToMap(mapping!);
    }
}
