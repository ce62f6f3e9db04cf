using System.Globalization;

namespace Sirsi.Migration.Emitting;

/// <summary>Numbers and times as people read them, in invariant form.</summary>
internal static class Wording
{
    /// <summary>Dollars, without cents from 1,000 on: <c>$1,240</c>, <c>$12.50</c>.</summary>
    public static string Usd(decimal amount)
    {
        string sign = amount < 0 ? "−" : "";
        decimal size = Math.Abs(amount);
        return size >= 1_000 ? $"{sign}${size.ToString("#,0", CultureInfo.InvariantCulture)}" : $"{sign}${size.ToString("#,0.00", CultureInfo.InvariantCulture)}";
    }

    /// <summary>A span in its two largest units: <c>3 d 4 h</c>, <c>45 min</c>; <c>none</c> for zero.</summary>
    public static string Span(TimeSpan span)
    {
        if (span <= TimeSpan.Zero) return "none";
        if (span < TimeSpan.FromMinutes(1)) return "under 1 min";
        long minutes = (long)Math.Ceiling(span.TotalMinutes);
        (long days, long hours, long rest) = (minutes / 1_440, minutes % 1_440 / 60, minutes % 60);
        if (days > 0) return hours > 0 ? $"{days} d {hours} h" : $"{days} d";
        if (hours > 0) return rest > 0 ? $"{hours} h {rest} min" : $"{hours} h";
        return $"{rest} min";
    }

    /// <summary>A moment counted from the start: <c>day 2, 03:15</c>.</summary>
    public static string Moment(TimeSpan start) => $"day {(long)start.TotalDays + 1}, {start.Hours:00}:{start.Minutes:00}";

    /// <summary>An amount of data: <c>1.2 TiB</c>, <c>300 GiB</c>.</summary>
    public static string Data(double giB) => giB switch
    {
        >= 1_024 => $"{(giB / 1_024).ToString("#,0.0", CultureInfo.InvariantCulture)} TiB",
        >= 10 or 0 => $"{giB.ToString("#,0", CultureInfo.InvariantCulture)} GiB",
        _ => $"{giB.ToString("0.0", CultureInfo.InvariantCulture)} GiB",
    };

    /// <summary>A count with its noun: <c>1 resource</c>, <c>1,200 resources</c>.</summary>
    public static string Count(long count, string noun, string? plural = null) =>
        $"{Number(count)} {(count == 1 ? noun : plural ?? $"{noun}s")}";

    /// <summary>A whole number with separators.</summary>
    public static string Number(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>The instant shown in outputs.</summary>
    public static string Instant(DateTimeOffset now) =>
        now.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
