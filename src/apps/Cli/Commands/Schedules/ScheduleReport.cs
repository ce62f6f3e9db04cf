using System.Globalization;
using System.Text.Json;
using Sirsi.Cli.Commands.Agents;
using Sirsi.Cli.Output;
using Sirsi.Hypervisor.Schedules;
using Spectre.Console;

namespace Sirsi.Cli.Commands.Schedules;

/// <summary>Shows schedules.</summary>
internal static class ScheduleReport
{
    private const string Schema = "sirsi.schedule/1";
    private const int TimesShown = 3;

    public static void List(CommandCall call, IReadOnlyList<SessionSchedule> schedules)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson("sirsi.schedule-list/1", json => WriteList(json, schedules));
            return;
        }

        if (schedules.Count == 0)
        {
            call.Terminal.Results.WriteLine("There is no schedule. 'sirsi schedule set NAME --session ID --cron EXPRESSION --type TYPE' sets one.");
            return;
        }

        var table = new Listing("Schedule", "When", "Session", "Next times");
        foreach (SessionSchedule schedule in schedules)
            table.Row(PlainText.Of(schedule.Spec.Name), When(schedule.Spec), SessionReport.Label(schedule.Session), SessionReport.Text(string.Join(", ", Times(schedule))));
        table.WriteTo(call.Terminal.Results);
    }

    public static void Explain(CommandCall call, SessionSchedule schedule)
    {
        if (call.Json)
        {
            call.Terminal.WriteJson(Schema, json => Write(json, schedule));
            return;
        }

        call.Terminal.Results.MarkupLineInterpolated($"[bold]{PlainText.Of(schedule.Spec.Name)}[/] of {SessionReport.Label(schedule.Session)}: {When(schedule.Spec)}");
        ScheduleSpec spec = schedule.Spec;
        var facts = new Listing("", "");
        facts.Row("Submits", spec.Task.Name is { } name ? $"{PlainText.Of(spec.Task.Type)} ({PlainText.Of(name)})" : PlainText.Of(spec.Task.Type));
        if (spec.Start is { } start) facts.Row("Not before", SessionReport.Instant(start));
        if (spec.End is { } end) facts.Row("Not after", SessionReport.Instant(end));
        facts.Row("Missed", spec.Missed is MissedOccurrences.Skip ? "are let pass" : "are made up for by one task");
        facts.Row("Last", schedule.Last is { } last ? $"{Local(spec, last)}: {(schedule.LastTask.IsEmpty ? "let pass" : schedule.LastTask.ToString())}" : "–");
        string[] times = [.. Times(schedule)];
        for (int i = 0; i < Math.Max(1, times.Length); i++) facts.Row(i == 0 ? "Next" : "", times.Length > i ? times[i] : "never again");
        if (schedule.Problem.Length > 0) facts.Row("Waits", PlainText.Of(schedule.Problem));
        facts.WriteTo(call.Terminal.Results);
    }

    public static void ShowRemoved(CommandCall call, SessionSchedule schedule)
    {
        if (call.Json) call.Terminal.WriteJson(Schema, json => Write(json, schedule));
        else call.Terminal.Results.MarkupLineInterpolated($"Removed [bold]{PlainText.Of(schedule.Spec.Name)}[/] of {SessionReport.Label(schedule.Session)}.");
    }

    private static string When(ScheduleSpec spec) => spec.Cron is { } cron ? $"{PlainText.Of(cron)} in {spec.Zone}" : $"every {spec.Every:c}";

    private static IEnumerable<string> Times(SessionSchedule schedule) => schedule.Upcoming(TimesShown).Select(time => Local(schedule.Spec, time));

    /// <summary>An instant by the clocks of its zone.</summary>
    private static string Local(ScheduleSpec spec, DateTimeOffset instant) =>
        (TimeZoneInfo.TryFindSystemTimeZoneById(spec.Zone, out TimeZoneInfo? zone) ? TimeZoneInfo.ConvertTime(instant, zone) : instant).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private static void WriteList(Utf8JsonWriter json, IReadOnlyList<SessionSchedule> schedules)
    {
        json.WriteStartArray("schedules");
        foreach (SessionSchedule schedule in schedules)
        {
            json.WriteStartObject();
            Write(json, schedule);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, SessionSchedule schedule)
    {
        ScheduleSpec spec = schedule.Spec;
        json.WriteString("name", spec.Name);
        json.WriteString("session", schedule.Session.Id.ToString());
        json.WriteString("cron", spec.Cron);
        json.WriteString("every", spec.Every?.ToString("c", CultureInfo.InvariantCulture));
        json.WriteString("zone", spec.Zone);
        json.WriteString("missed", spec.Missed.ToString().ToLowerInvariant());
        json.WriteString("taskType", spec.Task.Type);
        json.WriteString("last", schedule.Last?.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("lastTask", schedule.LastTask.ToString());
        json.WriteString("problem", schedule.Problem);
        json.WriteStartArray("next");
        foreach (DateTimeOffset time in schedule.Upcoming(TimesShown)) json.WriteStringValue(time);
        json.WriteEndArray();
    }
}
