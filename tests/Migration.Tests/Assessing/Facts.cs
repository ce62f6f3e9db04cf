using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;
using Sirsi.Migration.Assessing;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Migration.Tests.Assessing;

/// <summary>Facts written in tests as in the examples of checks: <c>size: m5.large, count: 2</c>.</summary>
internal static class Facts
{
    public static AttributeMap Of(string text)
    {
        var problems = new List<Diagnostic>();
        YamlMappingNode? mapping = BoundedYaml.ReadMapping("{ " + text + " }", "facts", problems);
        Assert.Empty(problems);
        return BoundedYaml.ToMap(mapping!);
    }
}
