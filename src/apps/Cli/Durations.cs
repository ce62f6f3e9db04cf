using System.Buffers;
using System.CommandLine;
using System.Globalization;

namespace Sirsi.Cli;

/// <summary>Times on the command line: a number and its unit, <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
internal static class Durations
{
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789.");
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];

    /// <summary>An option that takes a time above zero and has a default; <see cref="Read"/> reads it.</summary>
    public static Option<string> Option(string name, string description, string byDefault)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "TIME", DefaultValueFactory = _ => byDefault };
        RefuseOthers(option);
        return option;
    }

    /// <summary>An option that takes a time above zero, or is not given.</summary>
    public static Option<string?> Option(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "TIME" };
        RefuseOthers(option);
        return option;
    }

    /// <summary>The time that such an option gives.</summary>
    public static TimeSpan Read(string text) => TryParse(text, out TimeSpan time) ? time : throw new FormatException($"'{text}' is no time.");

    /// <summary>Reads a time above zero and of at most 100 years; false when the text is none.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        int digits = text.AsSpan().IndexOfAnyExcept(OfNumbers);
        if (digits < 1 || !double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return false;
        double seconds = number * Array.Find(Units, unit => unit.Unit == text[digits..]).Seconds;
        if (seconds is not (>= 0.001 and <= 36_525.0 * 86_400)) return false;
        time = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static void RefuseOthers(Option option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !TryParse(token.Value, out _)) result.AddError($"{option.Name} is a time such as 500ms, 30s, 5m, 2h or 1d; '{token.Value}' is none.");
    });
}
