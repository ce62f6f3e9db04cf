using Cronos;

namespace Sirsi.Hypervisor.Schedules;

/// <summary>When a schedule occurs: a function of its spec and of the instant it was set first, and of nothing else. Immutable.</summary>
internal sealed class Occurrences
{
    private readonly CronExpression? _cron;
    private readonly TimeZoneInfo _zone;
    private readonly TimeSpan _every;
    private readonly DateTimeOffset _anchor;
    private readonly DateTimeOffset? _start;
    private readonly DateTimeOffset? _end;

    /// <param name="spec">Valid.</param>
    /// <param name="setAt">When it was set first: an interval without a start is counted from there.</param>
    public Occurrences(ScheduleSpec spec, DateTimeOffset setAt)
    {
        _zone = FindZone(spec.Zone) ?? throw new TimeZoneNotFoundException($"There is no time zone '{spec.Zone}' on this machine.");
        if (spec.Cron is { } cron) _cron = Parse(cron);
        _every = spec.Every ?? default;
        (_anchor, _start, _end) = ((spec.Start ?? setAt).ToUniversalTime(), spec.Start?.ToUniversalTime(), spec.End);
    }

    /// <summary>The zone of an id of IANA; null when there is none.</summary>
    public static TimeZoneInfo? FindZone(string? id) =>
        id is { Length: > 0 and <= 64 } && !id.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('/' or '_' or '-' or '+'))
        && TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone) && zone.HasIanaId ? zone : null;

    /// <summary>What is wrong with a cron expression; null when it is one that occurs.</summary>
    public static string? ProblemOf(string text)
    {
        if (text.Length > ScheduleSpec.CronLengthMax) return $"Cron is longer than {ScheduleSpec.CronLengthMax} characters.";
        if (FieldsOf(text) is not (5 or 6) and var fields) return $"Cron is '{text}', which has {fields} fields; it must have 5 (minute, hour, day, month, day of the week) or 6, the second first.";
        try
        {
            return Parse(text).GetNextOccurrence(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null ? $"Cron is '{text}', which never occurs." : null;
        }
        catch (CronFormatException failure)
        {
            return $"Cron is '{text}': {failure.Message}";
        }
    }

    /// <summary>The first occurrence after an instant; null when there is none any more.</summary>
    public DateTimeOffset? After(DateTimeOffset instant)
    {
        instant = instant.ToUniversalTime();
        bool isFirst = _start is { } start && instant < start;
        if (isFirst) instant = _start!.Value;
        DateTimeOffset? next = _cron is null ? AfterByInterval(instant, isFirst) : _cron.GetNextOccurrence(instant, _zone, inclusive: isFirst)?.ToUniversalTime();
        return next > _end ? null : next;
    }

    /// <summary>The first occurrences after an instant.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset instant, int count)
    {
        for (DateTimeOffset? next = After(instant); next is { } occurrence && count > 0; next = After(occurrence), count--) yield return occurrence;
    }

    private DateTimeOffset? AfterByInterval(DateTimeOffset instant, bool isInclusive)
    {
        if (instant < _anchor || (isInclusive && instant == _anchor)) return _anchor;
        long times = (instant - _anchor).Ticks / _every.Ticks + 1;
        return DateTimeOffset.MaxValue - _anchor < _every * times ? null : _anchor + _every * times;
    }

    private static CronExpression Parse(string text) => CronExpression.Parse(text, FieldsOf(text) == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);

    private static int FieldsOf(string text) => text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length;
}
