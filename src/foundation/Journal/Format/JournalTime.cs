namespace Sirsi.Journal.Format;

/// <summary>Instants as the files hold them: microseconds since 1970 UTC.</summary>
internal static class JournalTime
{
    private static readonly long Greatest = Of(DateTimeOffset.MaxValue);

    public static long Of(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToInstant(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Whether <see cref="ToInstant"/> can show it.</summary>
    public static bool IsPlausible(long microseconds) => microseconds >= 0 && microseconds <= Greatest;
}
