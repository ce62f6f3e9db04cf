using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sirsi.Wasm.Wasi;

namespace Sirsi.Wasm.Extism;

/// <summary>The JSON form of manifests. What it does not know it refuses, so that no limit is lost to a misspelling.</summary>
internal static class ManifestJson
{
    private const long ModuleFileBytesMax = 1L << 30;

    internal static ExtismManifest Read(string json, string? folder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(document.RootElement, folder);
        }
        catch (JsonException malformed)
        {
            throw new ExtismException("The manifest is no JSON: " + malformed.Message, cause: malformed);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException)
        {
            throw new ExtismException("The manifest has a value of the wrong kind: " + wrong.Message, cause: wrong);
        }
    }

    internal static string Write(ExtismManifest manifest)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("wasm");
            foreach (ExtismModule module in manifest.Modules)
            {
                json.WriteStartObject();
                json.WriteBase64String("data", module.Bytes.Span);
                if (module.Name is not null) json.WriteString("name", module.Name);
                if (module.Sha256 is not null) json.WriteString("hash", module.Sha256);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("memory");
            if (manifest.MemoryPagesMax is { } pages) json.WriteNumber("max_pages", pages);
            json.WriteNumber("max_var_bytes", manifest.VariableBytesMax);
            json.WriteNumber("max_http_response_bytes", manifest.HttpResponseBytesMax);
            json.WriteEndObject();
            WriteTexts(json, "config", manifest.Config.OrderBy(static pair => pair.Key, StringComparer.Ordinal));
            json.WriteStartArray("allowed_hosts");
            foreach (string host in manifest.AllowedHosts) json.WriteStringValue(host);
            json.WriteEndArray();
            WriteTexts(json, "allowed_paths", manifest.AllowedPaths.Select(static path =>
                KeyValuePair.Create((path.IsWritable ? "" : "ro:") + path.HostPath, path.GuestPath)));
            if (manifest.Timeout == Timeout.InfiniteTimeSpan) json.WriteNull("timeout_ms");
            else json.WriteNumber("timeout_ms", (long)manifest.Timeout.TotalMilliseconds);
            json.WriteBoolean("wasi", manifest.UsesWasi);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static ExtismManifest Read(JsonElement root, string? folder)
    {
        var manifest = new ExtismManifest();
        foreach (JsonProperty member in root.EnumerateObject())
        {
            JsonElement value = member.Value;
            if (value.ValueKind == JsonValueKind.Null && member.Name != "timeout_ms") continue;
            manifest = member.Name switch
            {
                "wasm" => manifest with { Modules = [.. value.EnumerateArray().Select(module => Module(module, folder))] },
                "memory" => Memory(manifest, value),
                "config" => manifest with { Config = Texts(value).ToImmutableDictionary(StringComparer.Ordinal) },
                "allowed_hosts" => manifest with { AllowedHosts = [.. value.EnumerateArray().Select(static host => host.GetString()!)] },
                "allowed_paths" => manifest with { AllowedPaths = [.. Texts(value).Select(Folder)], UsesWasi = true },
                "timeout_ms" => manifest with
                {
                    Timeout = value.ValueKind == JsonValueKind.Null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(value.GetUInt32()),
                },
                "wasi" => manifest with { UsesWasi = value.GetBoolean() },
                _ => throw Unknown(member.Name),
            };
        }

        string problems = string.Join(' ', manifest.Problems());
        return problems.Length == 0 ? manifest : throw new ExtismException(problems);
    }

    private static ExtismManifest Memory(ExtismManifest manifest, JsonElement memory)
    {
        foreach (JsonProperty member in memory.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null) continue;
            int number = member.Value.GetInt32();
            manifest = member.Name switch
            {
                "max_pages" or "max" => manifest with { MemoryPagesMax = number },
                "max_var_bytes" => manifest with { VariableBytesMax = number },
                "max_http_response_bytes" => manifest with { HttpResponseBytesMax = number },
                _ => throw Unknown("memory." + member.Name),
            };
        }

        return manifest;
    }

    private static ExtismModule Module(JsonElement module, string? folder)
    {
        ReadOnlyMemory<byte>? bytes = null;
        string? name = null, hash = null;
        foreach (JsonProperty member in module.EnumerateObject())
        {
            switch (member.Name)
            {
                case "data": bytes = member.Value.GetBytesFromBase64(); break;
                case "path": bytes = File(member.Value.GetString()!, folder); break;
                case "name": name = member.Value.GetString(); break;
                case "hash": hash = member.Value.GetString(); break;
                case "url":
                    throw new ExtismException("The manifest names a module by its address. Fetch it first, and give its bytes.");
                default: throw Unknown("wasm." + member.Name);
            }
        }

        return new(bytes ?? throw new ExtismException("A module of the manifest has neither \"data\" nor \"path\"."), name, hash);
    }

    private static byte[] File(string path, string? folder)
    {
        if (folder is null) throw new ExtismException("The manifest names a module by its path, and no folder of modules was given.");
        string root = Path.GetFullPath(folder + Path.DirectorySeparatorChar);
        string full = Path.GetFullPath(path, root);
        if (!full.StartsWith(root, StringComparison.Ordinal))
            throw new ExtismException($"The module path \"{path}\" leads out of the folder of modules.");
        try
        {
            if (new FileInfo(full).Length > ModuleFileBytesMax) throw new ExtismException($"The module \"{path}\" is too large.");
            return System.IO.File.ReadAllBytes(full);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ExtismException($"The module \"{path}\" cannot be read: {failure.Message}", cause: failure);
        }
    }

    private static WasiFolder Folder(KeyValuePair<string, string> path) => path.Key.StartsWith("ro:", StringComparison.Ordinal)
        ? new(path.Key[3..], path.Value)
        : new(path.Key, path.Value, IsWritable: true);

    private static IEnumerable<KeyValuePair<string, string>> Texts(JsonElement value) =>
        value.EnumerateObject().Select(static pair => KeyValuePair.Create(pair.Name, pair.Value.GetString()!));

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, string>> texts)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in texts) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static ExtismException Unknown(string member) => new($"The manifest has an unknown member \"{member}\".");
}
