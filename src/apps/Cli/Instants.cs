using System.CommandLine;
using System.Globalization;

namespace Sirsi.Cli;

/// <summary>Instants on the command line: a time from now, <c>30s</c> or <c>2h</c>, or a date with its time, <c>2026-12-24T18:00+01:00</c>; without an offset it is UTC.</summary>
internal static class Instants
{
    /// <summary>An option that takes an instant, or is not given.</summary>
    public static Option<string?> Option(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description + " A time from now, or a date such as 2026-12-24T18:00Z.", HelpName = "WHEN" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TryParse(token.Value, DateTimeOffset.UnixEpoch, out _)) result.AddError($"{name} is a time from now such as 30s or 2h, or a date such as 2026-12-24T18:00Z; '{token.Value}' is none.");
        });
        return option;
    }

    /// <summary>The instant that such an option gives; null for none.</summary>
    public static DateTimeOffset? Read(string? text, DateTimeOffset now) =>
        text is null ? null : TryParse(text, now, out DateTimeOffset instant) ? instant : throw new FormatException($"'{text}' is no instant.");

    /// <summary>Reads an instant; false when the text is none.</summary>
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset instant)
    {
        if (!Durations.TryParse(text, out TimeSpan time))
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
        instant = now + time;
        return true;
    }
}
