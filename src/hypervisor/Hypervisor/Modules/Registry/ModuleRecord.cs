using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sirsi.Core.Cryptography;
using Sirsi.Core.Documents;
using Sirsi.Core.Plugins;

namespace Sirsi.Hypervisor.Modules.Registry;

/// <summary>One version as the registry keeps it: the manifest as it was added, and what was decided on it since.</summary>
/// <param name="Manifest">What the text says.</param>
/// <param name="Text">The manifest's text.</param>
/// <param name="Object">The digest of the entry file.</param>
/// <param name="AddedAt">When it came.</param>
/// <param name="Grant">Who allowed what it asks for; null while it waits.</param>
internal sealed record ModuleRecord(ModuleManifest Manifest, string Text, Sha256 Object, DateTimeOffset AddedAt, ModuleGrant? Grant)
{
    private const string Schema = "sirsi.module-record/1";

    public string FileName => FileNameOf(Manifest.Name, Manifest.Version);

    /// <summary>Build metadata tells no versions apart, so it is no part of the name.</summary>
    public static string FileNameOf(string name, SemanticVersion version) =>
        $"{name}@{version.Major}.{version.Minor}.{version.Patch}{(version.PreRelease.Length > 0 ? "-" + version.PreRelease : "")}.json";

    public byte[] ToJson()
    {
        using var json = new MemoryStream();
        SchemaDocument.Write(json, Schema, members =>
        {
            members.WriteString("manifest", Text);
            members.WriteString("object", Object.ToString());
            members.WriteString("addedAt", AddedAt);
            if (Grant is null) return;
            members.WriteString("grantedAt", Grant.At);
            members.WriteString("grantedBy", Grant.By);
        });
        return json.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no record; the message says why.</exception>
    public static ModuleRecord Read(ReadOnlyMemory<byte> bytes, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            JsonElement root = document.RootElement;
            if (root.GetProperty("schema").GetString() is not Schema and var other) throw new FormatException($"its schema is '{other}'; this program reads {Schema}");
            string text = root.GetProperty("manifest").GetString() ?? "";
            ManifestResult result = ModuleManifest.Read(Encoding.UTF8.GetBytes(text), ModuleManifest.FileName);
            if (result.Manifest is not { } manifest) throw new FormatException(string.Join("; ", result.Problems.Select(static problem => $"{problem.Position}: {problem.Message}")));
            if (!Sha256.TryParse(root.GetProperty("object").GetString(), out Sha256 digest)) throw new FormatException("its object is no digest");
            ModuleGrant? grant = root.TryGetProperty("grantedAt", out JsonElement at) ? new ModuleGrant(at.GetDateTimeOffset(), root.GetProperty("grantedBy").GetString() ?? "") : null;
            var record = new ModuleRecord(manifest, text, digest, root.GetProperty("addedAt").GetDateTimeOffset(), grant);
            return record.FileName == file ? record : throw new FormatException($"it is the record of {manifest.Name}@{manifest.Version}");
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"it is no record: {failure.Message}", failure);
        }
    }

    /// <summary>The versions of a name that were active, the one that is now at the end.</summary>
    public static byte[] HistoryToJson(ImmutableArray<SemanticVersion> versions)
    {
        using var json = new MemoryStream();
        SchemaDocument.Write(json, "sirsi.module-activations/1", members => members.WriteTexts("versions", versions.Select(static version => version.ToString())));
        return json.ToArray();
    }

    /// <exception cref="FormatException">The bytes are no history.</exception>
    public static ImmutableArray<SemanticVersion> ReadHistory(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            return [.. document.RootElement.GetProperty("versions").EnumerateArray().Select(static version => SemanticVersion.Parse(version.GetString() ?? ""))];
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"it is no list of versions: {failure.Message}", failure);
        }
    }
}
