using System.Text.Json;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>
/// Reads Terraform states (versions 3 and 4), what <c>terraform show -json</c> writes of states and plans, and flattened
/// resources, in one pass. The format is told by the content. One reader serves all inputs of an estate, one after the other; not
/// thread-safe.
/// </summary>
internal sealed class TerraformReader(TerraformReaderOptions options)
{
    private readonly TextCache _texts = new();
    private AttributeReader _attributes = new();
    private readonly InstanceCollector _collector = new(options);

    [Flags]
    private enum Seen
    {
        Nothing = 0,
        StateVersion = 1,
        ShowVersion = 2,
        FlattenedMark = 4,
        StateResources = 8,
        FlattenedResources = 16,
        WrongVersion = 32,
    }

    /// <summary>What was noticed in all inputs read.</summary>
    public List<Diagnostic> Diagnostics => _collector.Diagnostics;

    /// <summary>Reads one input to its end.</summary>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="stream">Its bytes; closed afterwards.</param>
    /// <param name="progress">Is told the bytes read so far.</param>
    /// <param name="cancellation">Ends the reading between two windows of the input.</param>
    /// <exception cref="CloudsException">It can not be read, is no JSON, or neither a state nor a plan.</exception>
    public TerraformContent Read(string name, Stream stream, IProgress<long>? progress, CancellationToken cancellation)
    {
        using var bytes = new JsonBytes(name, stream, options.FileBytesMax, progress);
        RefuseOtherThanText(bytes);
        var json = new JsonInput(bytes, _texts, options.DepthMax, cancellation);
        json.MustRead();
        if (json.Token is not JsonTokenType.StartObject) throw NotTerraform(json.Position, "it holds no object");
        SourcePosition start = json.Position;
        // A reader that failed half-way is not used again.
        _attributes = new AttributeReader();
        var show = new ShowReader(_attributes, _collector);
        Seen seen = Seen.Nothing;
        int diagnosticsBefore = Diagnostics.Count;
        try
        {
            while (json.NextProperty()) ReadMember(ref json, show, ref seen);
            json.Read();
            if (seen.HasFlag(Seen.WrongVersion | Seen.StateResources))
                throw new CloudsException(CloudsErrors.InputWrongShape, $"{start}: 'version' is no whole number.");
            if (!IsTerraform(seen)) throw NotTerraform(start, "it has no version of a state or plan");
            PlanConfiguration? configuration = show.Finish();
            return new TerraformContent(_collector.TakeInstances(), configuration);
        }
        catch
        {
            _collector.Discard();
            Diagnostics.RemoveRange(diagnosticsBefore, Diagnostics.Count - diagnosticsBefore);
            throw;
        }
    }

    private void ReadMember(ref JsonInput json, ShowReader show, ref Seen seen)
    {
        SourcePosition position = json.Position;
        string member = json.ReadName();
        JsonTokenType token = json.Token;
        switch (member)
        {
            case "version":
                seen |= ReadStateVersion(ref json, position);
                break;
            case "format_version":
                RequireShowVersion(ref json, position);
                seen |= Seen.ShowVersion;
                break;
            case "resources" when token is JsonTokenType.StartArray:
                seen |= Seen.StateResources;
                new StateReader(_attributes, _collector).ReadResources(ref json);
                break;
            case "resources" when token is JsonTokenType.StartObject && seen is Seen.Nothing or Seen.FlattenedMark:
                seen |= Seen.FlattenedResources;
                new FlattenedReader(_attributes, _collector).ReadResources(ref json);
                break;
            case "modules" when token is JsonTokenType.StartArray:
                seen |= Seen.StateResources;
                new LegacyStateReader(_attributes, _collector).ReadModules(ref json);
                break;
            case "pytest-terraform":
                seen |= Seen.FlattenedMark;
                json.Skip();
                break;
            case "values" or "planned_values" when token is JsonTokenType.StartObject:
                show.ReadValues(ref json);
                break;
            case "resource_changes" when token is JsonTokenType.StartArray:
                show.ReadChanges(ref json);
                break;
            case "configuration" when token is JsonTokenType.StartObject:
                show.ReadConfiguration(ref json);
                break;
            case "variables" when token is JsonTokenType.StartObject:
                show.ReadVariables(ref json);
                break;
            case "resources" or "modules" or "values" or "planned_values" or "resource_changes" or "configuration"
                when token is not JsonTokenType.Null && IsTerraform(seen):
                throw new CloudsException(CloudsErrors.InputWrongShape, $"{position}: '{member}' has the wrong type.");
            default:
                json.Skip();
                break;
        }
    }

    private static Seen ReadStateVersion(ref JsonInput json, SourcePosition position)
    {
        if (json.Token is JsonTokenType.Number && json.TryGetWhole(out long version))
        {
            if (version is 3 or 4) return Seen.StateVersion;
            throw new CloudsException(CloudsErrors.InputVersion,
                $"{position}: this is a state of version {version}; versions 3 and 4 are read.");
        }

        // Other JSON has versions too: what follows tells whether this one matters.
        json.Skip();
        return Seen.WrongVersion;
    }

    private static bool IsTerraform(Seen seen) =>
        seen.HasFlag(Seen.StateVersion) || seen.HasFlag(Seen.ShowVersion) || seen.HasFlag(Seen.FlattenedMark | Seen.FlattenedResources);

    private static void RequireShowVersion(ref JsonInput json, SourcePosition position)
    {
        if (json.Token is not JsonTokenType.String)
            throw new CloudsException(CloudsErrors.InputWrongShape, $"{position}: 'format_version' is no text.");
        string version = json.Text();
        string major = version.Split('.')[0];
        if (major is "0" or "1") return;
        throw new CloudsException(CloudsErrors.InputVersion,
            $"{position}: this has the format version '{Short(version)}'; 0.1 to 1.x are read.");
    }

    private static string Short(string text) => text.Length <= 20 ? text : text[..20] + "…";

    private static CloudsException NotTerraform(SourcePosition position, string why) =>
        new(CloudsErrors.InputNotTerraform, $"{position}: this is neither a Terraform state nor a plan: {why}.");

    /// <summary>Tells by the first bytes what can not be JSON, before any of it is parsed.</summary>
    private static void RefuseOtherThanText(JsonBytes bytes)
    {
        ReadOnlySpan<byte> head = bytes.Buffered;
        if (head.StartsWith("PK\u0003\u0004"u8))
            throw new CloudsException(CloudsErrors.InputNotJson,
                $"{bytes.Name}: this is a binary plan or an archive; write it as text with 'terraform show -json'.");
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            throw new CloudsException(CloudsErrors.InputNotJson, $"{bytes.Name}: this is UTF-16; save it as UTF-8.");
        int first = head.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0 && bytes.IsFinal) throw new CloudsException(CloudsErrors.InputEmpty, $"{bytes.Name}: the file is empty.");
        if (first >= 0 && head[first] is not ((byte)'{' or (byte)'['))
            throw new CloudsException(CloudsErrors.InputNotJson, $"{bytes.PositionOf(first)}: this is not JSON; it begins with neither {{ nor [.");
    }
}
