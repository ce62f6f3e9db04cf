using Sirsi.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Sirsi.Core.Documents;

/// <summary>
/// The plain subset of YAML that files of ours are written in: one document of mappings, lists and scalars. What makes YAML surprising (anchors, aliases, tags, deep nesting) is refused before
/// a tree is built, because the tree is built by recursion.
/// </summary>
public static class PlainYaml
{
    /// <summary>The root mapping of a text; null, with the reason and its place, when it has none or is refused.</summary>
    /// <param name="text">The text; the caller bounds its length.</param>
    /// <param name="source">What places call the text, for example its path.</param>
    /// <param name="depthMax">How many mappings and lists may be in each other.</param>
    /// <param name="reason">Why there is none, the end of a sentence; empty when there is one.</param>
    /// <param name="at">Where that is.</param>
    public static YamlMappingNode? ReadMapping(string text, string source, int depthMax, out string reason, out SourcePosition at)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(depthMax, 1);
        var place = new Mark(0, 1, 1);
        try
        {
            reason = Refusal(text, depthMax, ref place) ?? "";
            if (reason.Length == 0)
            {
                var stream = new YamlStream();
                using var reader = new StringReader(text);
                stream.Load(reader);
                at = default;
                if (stream.Documents is [{ RootNode: YamlMappingNode root }]) return root;
                (reason, place) = ("the file must hold one mapping", new Mark(0, 1, 1));
            }
        }
        catch (YamlException failure)
        {
            (reason, place) = ($"it is not YAML: {failure.Message}", failure.Start);
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner meets some malformed texts with these instead of its own exception.
            reason = "what follows is not YAML";
        }

        at = new SourcePosition(source, (int)place.Line, (int)place.Column);
        return null;
    }

    /// <summary>Why the text is refused, at the place left in <paramref name="at"/>; null when it may be read.</summary>
    private static string? Refusal(string text, int depthMax, ref Mark at)
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
            if (depth > depthMax) return $"nesting is deeper than {depthMax}";
        }

        return null;
    }
}
