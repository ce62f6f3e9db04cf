using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Core.Documents;
using Sirsi.Hypervisor.Contexts;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Contexts;

/// <summary>Shows what is in a context.</summary>
internal static class ContextReport
{
    private const string Schema = "sirsi.context-entry/1";

    /// <summary>What a key holds.</summary>
    public static void Show(CommandCall call, ContextEntry entry)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson(Schema, json => WriteMembers(json, entry));
            return;
        }

        call.Terminal.OutputBytes.Write(entry.Value.Span);
        call.Terminal.OutputBytes.Flush();
    }

    /// <summary>What one write came to.</summary>
    public static void Show(CommandCall call, ContextWrite write, string done)
    {
        if (!call.Json)
        {
            string version = write.Version > 0 ? $", version {Number(write.Version)}" : "";
            call.Terminal.Results.MarkupLineInterpolated($"{done} [bold]{write.Key}[/]{version}{(write.Revision > 0 ? $", revision {Number(write.Revision)}" : "")}");
            return;
        }

        call.Terminal.WriteJson("sirsi.context-write/1", json =>
        {
            json.WriteString("key", write.Key);
            json.WriteNumber("version", write.Version);
            json.WriteNumber("revision", write.Revision);
        });
    }

    public static void List(CommandCall call, SessionContext context, ImmutableArray<ContextEntry> entries)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.context-list/1", json =>
            {
                json.WriteNumber("revision", context.Revision);
                json.WriteNumber("keys", context.Count);
                json.WriteNumber("bytes", context.Bytes);
                WriteEntries(json, entries);
            });
            return;
        }

        if (entries.IsEmpty)
        {
            call.Terminal.Results.WriteLine(context.Count == 0 ? "There are no keys. 'sirsi context put' sets one." : "There are no such keys.");
            return;
        }

        var table = new Listing("Key", ">Version", ">Bytes", "When", "By", "Value");
        foreach (ContextEntry entry in entries)
            table.Row(entry.Key, Number(entry.Version), Number(entry.Value.Length), SessionReport.Instant(entry.At), By(entry), PlainText.Of(entry.Value.Span));
        table.WriteTo(call.Terminal.Results);
    }

    public static void History(CommandCall call, string key, ImmutableArray<ContextEntry> entries)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.context-history/1", json =>
            {
                json.WriteString("key", key);
                WriteEntries(json, entries);
            });
            return;
        }

        if (entries.IsEmpty) throw new CliException(CliErrors.NotFound, $"Nothing is known of a key '{PlainText.Of(key)}'.");
        var table = new Listing(">Revision", ">Version", ">Bytes", "When", "By", "Value");
        foreach (ContextEntry entry in entries)
            table.Row(Number(entry.Revision), entry.IsDeleted ? "–" : Number(entry.Version), Number(entry.Value.Length), SessionReport.Instant(entry.At), By(entry), Value(entry));
        table.WriteTo(call.Terminal.Results);
    }

    /// <summary>A change as a line for people.</summary>
    public static string Line(ContextEntry entry) => string.Create(CultureInfo.InvariantCulture, $"{entry.At:HH:mm:ss.fff}  {entry.Revision}  {entry.Key}  {(entry.IsDeleted ? "" : $"version {entry.Version}: ")}{Value(entry)}");

    /// <summary>A change as a line for programs.</summary>
    public static string Document(ContextEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, SchemaDocument.Layout with { Indented = false }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            WriteMembers(json, entry);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteEntries(Utf8JsonWriter json, ImmutableArray<ContextEntry> entries)
    {
        json.WriteStartArray("entries");
        foreach (ContextEntry entry in entries)
        {
            json.WriteStartObject();
            WriteMembers(json, entry);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter json, ContextEntry entry)
    {
        json.WriteString("key", entry.Key);
        json.WriteNumber("version", entry.Version);
        json.WriteNumber("revision", entry.Revision);
        json.WriteBoolean("deleted", entry.IsDeleted);
        json.WriteString("at", entry.At);
        if (!entry.By.IsEmpty) json.WriteString("by", entry.By.ToString());
        json.WriteBase64String("value", entry.Value.Span);
    }

    private static string Value(ContextEntry entry) => entry.IsDeleted ? "deleted" : PlainText.Of(entry.Value.Span);

    private static string By(ContextEntry entry) => entry.By.IsEmpty ? "–" : entry.By.ToString();

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
