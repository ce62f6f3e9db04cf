using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Sirsi.Core.Logging;

/// <summary>An entry for people. None can look like two, or drive the terminal: control characters are shown, not sent.</summary>
internal static class TextEntry
{
    private const string Continuation = "\n    ";

    public static void Write(IBufferWriter<byte> output, in LogEntry entry, DateTimeOffset now, LogOptions options)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{now.UtcDateTime:HH:mm:ss.fff} ");
        if (options.Colour) line.Append(Colour(entry.Level));
        line.Append(entry.LevelWord.PadRight(5));
        if (options.Colour) line.Append("\x1b[0m");
        line.Append(' ');
        Append(line, entry.Category);
        line.Append(": ");
        Append(line, MaskedMessage.Shown(entry.Message, options.TextMax));
        foreach (object scope in entry.Scopes) AppendScope(line, scope, options.TextMax);
        if (entry.Exception is { } exception)
        {
            line.Append(Continuation);
            Append(line, MaskedMessage.Shown(exception.ToString(), options.TextMax));
        }
        line.Append('\n');
        foreach (ReadOnlyMemory<char> chunk in line.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, output);
    }

    private static void AppendScope(StringBuilder line, object scope, int textMax)
    {
        if (scope is not IEnumerable<KeyValuePair<string, object?>> fields)
        {
            line.Append(" [");
            Append(line, MaskedMessage.Shown(MaskedMessage.Text(scope), textMax));
            line.Append(']');
            return;
        }
        foreach ((string name, object? value) in fields)
        {
            if (MaskedMessage.IsTemplate(name)) continue;
            line.Append(" [");
            Append(line, name);
            line.Append('=');
            Append(line, MaskedMessage.Shown(name, value, textMax));
            line.Append(']');
        }
    }

    private static void Append(StringBuilder line, string text)
    {
        foreach (char c in text)
        {
            if (c == '\n') line.Append(Continuation);
            else if (c == '\t') line.Append(' ');
            else if (char.IsControl(c)) line.Append(c == '\r' ? "" : string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"));
            // Direction overrides make a line read as what it is not.
            else if (c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'))
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else line.Append(c);
        }
    }

    private static string Colour(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "\x1b[90m",
        LogLevel.Information => "\x1b[32m",
        LogLevel.Warning => "\x1b[33m",
        _ => "\x1b[31m",
    };
}
