using System.Globalization;

namespace Sirsi.Cli.Output;

/// <summary>How amounts are shown to people.</summary>
internal static class Amounts
{
    /// <summary>US dollars with two decimals: <c>$1,234.50</c>; a dash for what is not known.</summary>
    public static string Dollars(this decimal? usd) => usd is { } known ? known.ToString("$#,##0.00", CultureInfo.InvariantCulture) : "–";

    /// <summary>US dollars with as many decimals as a unit price needs: <c>$0.096</c>, <c>$0.0000004</c>.</summary>
    public static string UnitDollars(double usd) => "$" + ((decimal)usd).ToString("0.00##########", CultureInfo.InvariantCulture);

    /// <summary>Days, hours and minutes, rounded up to the minute: <c>3 d 4 h</c>, <c>2 h 10 min</c>, <c>25 min</c>.</summary>
    public static string Span(TimeSpan span)
    {
        var rounded = TimeSpan.FromMinutes(Math.Ceiling(span.TotalMinutes));
        return rounded.TotalDays >= 1 ? $"{(int)rounded.TotalDays} d {rounded.Hours} h"
            : rounded.TotalHours >= 1 ? $"{(int)rounded.TotalHours} h {rounded.Minutes} min"
            : $"{rounded.Minutes} min";
    }

    /// <summary>GiB up to 1,024, then TiB.</summary>
    public static string Volume(double gib) =>
        gib >= 1024 ? (gib / 1024).ToString("#,##0.0 TiB", CultureInfo.InvariantCulture) : gib.ToString("#,##0 GiB", CultureInfo.InvariantCulture);

    /// <summary>A number with thousands separated.</summary>
    public static string Count(int count) => count.ToString("#,##0", CultureInfo.InvariantCulture);

    /// <summary>A word with its number: <c>1 wave</c>, <c>3 waves</c>.</summary>
    public static string Count(int count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";
}
