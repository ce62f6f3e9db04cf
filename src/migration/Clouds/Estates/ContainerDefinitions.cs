using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Sirsi.Core.Secrets;

namespace Sirsi.Clouds.Estates;

/// <summary>
/// Container definitions as AWS keeps them: a JSON text with commands, environment and secrets among sizes and ports. Only members
/// known to be harmless are kept; of environments the names.
/// </summary>
internal static class ContainerDefinitions
{
    private const int CharactersMax = 1 << 20;

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 32 };

    private static readonly FrozenSet<string> KnownHarmless = FrozenSet.ToFrozenSet(
        [
            "name", "image", "cpu", "memory", "memoryReservation", "essential", "portMappings", "containerPort", "hostPort", "protocol",
            "environment", "secrets", "valueFrom", "logConfiguration", "logDriver", "mountPoints", "sourceVolume", "containerPath",
            "readOnly", "readonlyRootFilesystem", "privileged", "user", "healthCheck", "interval", "retries", "timeout", "startPeriod",
            "dependsOn", "containerName", "condition", "ulimits", "hardLimit", "softLimit", "volumesFrom", "vcpus", "resourceRequirements",
            "type", "fargatePlatformConfiguration", "platformVersion", "executionRoleArn", "jobRoleArn", "networkConfiguration",
            "assignPublicIp", "runtimePlatform", "cpuArchitecture", "operatingSystemFamily", "linuxParameters", "initProcessEnabled",
            "volumes", "host", "sourcePath", "efsVolumeConfiguration", "fileSystemId",
        ],
        StringComparer.Ordinal);

    /// <summary>The text without what may be secret; null when it is no such text.</summary>
    public static string? Harmless(string text)
    {
        if (text.Length > CharactersMax) return null;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, Strict);
        var output = new ArrayBufferWriter<byte>(bytes.Length);
        using var writer = new Utf8JsonWriter(output);
        try
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) return null;
            Copy(ref reader, writer);
            // Anything after the value makes this throw.
            while (reader.Read())
            {
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }

        writer.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray) Copy(ref reader, writer);
                writer.WriteEndArray();
                break;
            case JsonTokenType.StartObject:
                CopyObject(ref reader, writer);
                break;
            case JsonTokenType.String:
                string text = reader.GetString()!;
                writer.WriteStringValue(SecretDetector.LooksSecret(text) ? SecretDetector.Replacement : text);
                break;
            case JsonTokenType.Number:
                writer.WriteRawValue(reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                writer.WriteBooleanValue(reader.TokenType is JsonTokenType.True);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static void CopyObject(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            // The API is case-insensitive in the first letter, and so are people's files.
            if (!KnownHarmless.Contains(name.Length > 0 ? char.ToLowerInvariant(name[0]) + name[1..] : name))
            {
                reader.Skip();
                continue;
            }

            writer.WritePropertyName(name);
            Copy(ref reader, writer);
        }

        writer.WriteEndObject();
    }
}
