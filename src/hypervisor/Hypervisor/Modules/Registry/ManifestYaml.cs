using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>
/// The plain subset of YAML manifests are written in: one document of mappings, lists and scalars. What makes YAML surprising (anchors, aliases, tags, deep nesting) is refused before
/// a tree is built, because the tree is built by recursion.
/// </summary>
internal static class ManifestYaml
{
    private const int DepthMax = 8;

    /// <summary>The root mapping; null, with the reason and its place, when the text is none.</summary>
    public static YamlMappingNode? Read(string text, out string reason, out Mark at)
    {
        (reason, at) = ("", Mark.Empty);
        try
        {
            reason = Surprise(text, ref at) ?? "";
            if (reason.Length > 0) return null;
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            if (stream.Documents is [{ RootNode: YamlMappingNode root }]) return root;
            (reason, at) = ("the file must hold one mapping", new Mark(0, 1, 1));
        }
        catch (YamlException failure)
        {
            (reason, at) = ($"it is not YAML: {failure.Message}", failure.Start);
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner meets some malformed texts with these instead of its own exception.
            reason = "what follows is not YAML";
        }

        return null;
    }

    private static string? Surprise(string text, ref Mark at)
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
            if (found is MappingStart or SequenceStart or MappingEnd or SequenceEnd) depth += found.NestingIncrease;
            if (depth > DepthMax) return $"nesting is deeper than {DepthMax}";
        }

        return null;
    }
}
