using System.Globalization;
using Sirsi.Hypervisor.Schedules;

namespace Sirsi.Hypervisor.Tests.Schedules;

/// <summary>When schedules occur, above all in the hours in which clocks are changed.</summary>
public sealed class OccurrenceTests
{
    private static readonly TaskSpec Work = new("work");

    /// <summary>The occurrences after an instant, by the clocks of the zone.</summary>
    private static string[] Times(string zone, string after, int count, string? cron = null, TimeSpan? every = null, string? start = null)
    {
        var spec = new ScheduleSpec("it", Work) { Cron = cron, Every = every, Zone = zone, Start = start is null ? null : Instant(start) };
        return [.. spec.Preview(Instant(after), count).Select(time => TimeZoneInfo.ConvertTime(time, TimeZoneInfo.FindSystemTimeZoneById(zone)).ToString("MM-dd HH:mm zzz", CultureInfo.InvariantCulture))];
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    // Spring: 2:00 is not there that day in Berlin and New York, nor on Lord Howe, where the clocks go from 2:00 to 2:30: it occurs when they have been put forward.
    [Theory]
    [InlineData("Europe/Berlin", "2026-03-28T12:00+01:00", "03-29 03:00 +02:00", "03-30 02:00 +02:00")]
    [InlineData("America/New_York", "2026-03-07T12:00-05:00", "03-08 03:00 -04:00", "03-09 02:00 -04:00")]
    [InlineData("Australia/Lord_Howe", "2026-10-03T12:00+10:30", "10-04 02:30 +11:00", "10-05 02:00 +11:00")]
    public void A_time_that_the_spring_leaves_out_occurs_when_the_clocks_have_been_put_forward(string zone, string after, string first, string second)
    {
        Assert.Equal([first, second], Times(zone, after, 2, cron: "0 2 * * *"));
    }

    // Autumn: 2:00 comes twice in Berlin, once in New York, where 1:00 to 2:00 comes twice, and once on Lord Howe, where 1:30 to 2:00 does.
    [Theory]
    [InlineData("Europe/Berlin", "2026-10-24T12:00+02:00", "0 2 * * *", "10-25 02:00 +02:00", "10-26 02:00 +01:00")]
    [InlineData("America/New_York", "2026-10-31T12:00-04:00", "0 2 * * *", "11-01 02:00 -05:00", "11-02 02:00 -05:00")]
    [InlineData("America/New_York", "2026-10-31T12:00-04:00", "30 1 * * *", "11-01 01:30 -04:00", "11-02 01:30 -05:00")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T12:00+11:00", "0 2 * * *", "04-05 02:00 +10:30", "04-06 02:00 +10:30")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T12:00+11:00", "45 1 * * *", "04-05 01:45 +11:00", "04-06 01:45 +10:30")]
    public void A_time_that_comes_twice_in_autumn_occurs_the_first_time_only(string zone, string after, string cron, string first, string second)
    {
        Assert.Equal([first, second], Times(zone, after, 2, cron));
    }

    [Fact]
    public void Every_half_hour_is_half_an_hour_later_also_when_clocks_are_changed()
    {
        Assert.Equal(["03-29 01:30 +01:00", "03-29 03:00 +02:00", "03-29 03:30 +02:00"], Times("Europe/Berlin", "2026-03-29T01:00+01:00", 3, "*/30 * * * *"));
        Assert.Equal(["10-25 02:30 +02:00", "10-25 02:00 +01:00", "10-25 02:30 +01:00", "10-25 03:00 +01:00"], Times("Europe/Berlin", "2026-10-25T02:00+02:00", 4, "*/30 * * * *"));
        Assert.Equal(["03-08 01:30 -05:00", "03-08 03:00 -04:00", "03-08 03:30 -04:00"], Times("America/New_York", "2026-03-08T01:00-05:00", 3, "*/30 * * * *"));
        Assert.Equal(["11-01 01:30 -04:00", "11-01 01:00 -05:00", "11-01 01:30 -05:00", "11-01 02:00 -05:00"], Times("America/New_York", "2026-11-01T01:00-04:00", 4, "*/30 * * * *"));
        Assert.Equal(["10-04 01:30 +10:30", "10-04 02:30 +11:00", "10-04 03:00 +11:00"], Times("Australia/Lord_Howe", "2026-10-04T01:00+10:30", 3, "*/30 * * * *"));
        Assert.Equal(["04-05 01:30 +11:00", "04-05 01:30 +10:30", "04-05 02:00 +10:30"], Times("Australia/Lord_Howe", "2026-04-05T01:00+11:00", 3, "*/30 * * * *"));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-28T00:00Z"), InlineData("Europe/Berlin", "2026-10-24T00:00Z")]
    [InlineData("America/New_York", "2026-03-07T00:00Z"), InlineData("America/New_York", "2026-10-31T00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-10-03T00:00Z"), InlineData("Australia/Lord_Howe", "2026-04-04T00:00Z")]
    public void An_interval_is_elapsed_time_whatever_the_clocks_do(string zone, string start)
    {
        var spec = new ScheduleSpec("it", Work) { Every = TimeSpan.FromMinutes(45), Zone = zone, Start = Instant(start) };
        DateTimeOffset[] times = [.. spec.Preview(Instant(start) - TimeSpan.FromDays(1), 64)];
        Assert.Equal(Enumerable.Range(0, 64).Select(i => Instant(start) + i * TimeSpan.FromMinutes(45)), times);
        Assert.Equal(times[8..11], spec.Preview(times[7], 3));
    }

    [Fact]
    public void An_interval_without_a_start_is_counted_from_when_it_is_set()
    {
        Assert.Equal(["01-01 00:17 +00:00", "01-01 00:27 +00:00"], Times("Etc/UTC", "2026-01-01T00:07Z", 2, every: TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void Six_fields_begin_with_the_second_and_start_and_end_are_within()
    {
        DateTimeOffset start = Instant("2026-01-01T10:00:30Z");
        var spec = new ScheduleSpec("it", Work) { Cron = "*/30 * * * * *", Start = start, End = start + TimeSpan.FromMinutes(1) };
        Assert.Equal([start, start + TimeSpan.FromSeconds(30), start + TimeSpan.FromMinutes(1)], spec.Preview(start - TimeSpan.FromDays(3), 10));
        Assert.Empty(spec.Preview(start + TimeSpan.FromMinutes(1), 10));
    }

    [Theory]
    [InlineData("* * * *", "4 fields"), InlineData("61 * * * *", "61 * * * *"), InlineData("0 0 31 2 *", "never occurs"), InlineData("@daily", "1 fields"), InlineData("", "0 fields")]
    public void A_cron_expression_that_is_none_is_refused_with_the_reason(string cron, string reason)
    {
        Assert.Contains(reason, Assert.Single(new ScheduleSpec("it", Work) { Cron = cron }.Problems()), StringComparison.Ordinal);
    }

    [Theory, InlineData("Europe/Nowhere"), InlineData("../../etc/passwd"), InlineData(""), InlineData("W. Europe Standard Time")]
    public void A_time_zone_is_an_id_of_iana(string zone)
    {
        Assert.Contains("no time zone id of IANA", Assert.Single(new ScheduleSpec("it", Work) { Cron = "0 2 * * *", Zone = zone }.Problems()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_of_one_task_only_has_no_place_in_a_schedule_and_one_way_to_say_when_is_needed()
    {
        Assert.Contains("NotBefore", Assert.Single(new ScheduleSpec("it", Work with { IdempotencyKey = "k" }) { Every = TimeSpan.FromHours(1) }.Problems()), StringComparison.Ordinal);
        Assert.Contains("Either Cron or Every", Assert.Single(new ScheduleSpec("it", Work).Problems()), StringComparison.Ordinal);
        Assert.Contains("Either Cron or Every", Assert.Single(new ScheduleSpec("it", Work) { Every = TimeSpan.FromHours(1), Cron = "0 2 * * *" }.Problems()), StringComparison.Ordinal);
        Assert.Contains("1 s to 366 days", Assert.Single(new ScheduleSpec("it", Work) { Every = TimeSpan.FromMilliseconds(1) }.Problems()), StringComparison.Ordinal);
        Assert.Contains("Name", Assert.Single(new ScheduleSpec("", Work) { Every = TimeSpan.FromHours(1) }.Problems()), StringComparison.Ordinal);
    }
}
