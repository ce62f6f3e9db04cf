using Microsoft.Extensions.Logging;

namespace Sirsi.Core.Logging;

/// <summary>How log entries are written.</summary>
public enum LogFormat
{
    /// <summary>One line for people: time, level, category, message; an exception follows, indented.</summary>
    Text,

    /// <summary>One JSON object a line, for machines. The schema is in decision record 0013.</summary>
    JsonLines,
}

/// <summary>What is logged, and how. Immutable: derive a variant with <c>with</c>.</summary>
public sealed record LogOptions
{
    /// <summary>Entries below this level are not written. Default Information.</summary>
    public LogLevel LevelMin { get; init; } = LogLevel.Information;

    /// <summary>How entries are written. Default JSON lines; see <see cref="ForTerminal"/>.</summary>
    public LogFormat Format { get; init; } = LogFormat.JsonLines;

    /// <summary>Whether text is coloured by level with ANSI sequences. Default false.</summary>
    public bool Colour { get; init; }

    /// <summary>
    /// Most characters of one message, value or exception; the rest is cut off and said so. 256 to 1,048,576; default 16,384.
    /// </summary>
    public int TextMax { get; init; } = 16_384;

    /// <summary>Text when a person looks on, coloured unless they wish not; JSON lines otherwise.</summary>
    /// <param name="isTerminal">Whether the output is a terminal.</param>
    /// <param name="noColour">Whether colours are unwanted: the environment has <c>NO_COLOR</c>.</param>
    public static LogOptions ForTerminal(bool isTerminal, bool noColour) => new()
    {
        Format = isTerminal ? LogFormat.Text : LogFormat.JsonLines,
        Colour = isTerminal && !noColour,
    };

    /// <summary>Every broken rule, not only the first.</summary>
    internal IEnumerable<string> Problems()
    {
        if (TextMax is < 256 or > 1_048_576) yield return $"TextMax is {TextMax}; it must be 256 to 1,048,576 characters.";
        if (LevelMin is < LogLevel.Trace or > LogLevel.None) yield return $"there is no level {LevelMin}.";
        if (Format is not (LogFormat.Text or LogFormat.JsonLines)) yield return $"there is no format {Format}.";
    }
}
