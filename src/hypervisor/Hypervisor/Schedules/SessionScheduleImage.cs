using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Schedules;

/// <summary>What the journal says of a schedule of a session.</summary>
internal sealed record SessionScheduleImage(ScheduleSpec Spec, DateTimeOffset SetAt, SessionSchedule.Moment Moment)
{
    public static FactWriter WriteSet(FactWriter facts, SessionId session, ScheduleSpec spec, DateTimeOffset setAt, DateTimeOffset? next)
    {
        facts.Fact(FactKind.SessionScheduleSet, session).Put(spec.Name).Put(spec.Cron ?? "").Put(spec.Every ?? default).Put(spec.Zone).Put(spec.Start ?? default).Put(spec.End ?? default)
            .Put((long)spec.Missed).Put(setAt).Put(next ?? default);
        SpecReader.Write(facts, spec.Task);
        return facts;
    }

    public static FactWriter WriteMoved(FactWriter facts, SessionId session, string name, SessionSchedule.Moment moment) =>
        facts.Fact(FactKind.SessionScheduleMoved, session).Put(name).Put(moment.Next ?? default).Put(moment.Last ?? default).Put(moment.LastTask.Value);

    public static FactWriter WriteRemoved(FactWriter facts, SessionId session, string name) => facts.Fact(FactKind.SessionScheduleRemoved, session).Put(name);

    /// <summary>All of it as facts.</summary>
    public void Write(FactWriter facts, SessionId session)
    {
        WriteSet(facts, session, Spec, SetAt, Moment.Next);
        if (Moment.Last is not null) WriteMoved(facts, session, Spec.Name, Moment);
    }

    /// <summary>Applies a fact, behind the session's id, to the schedules of the session.</summary>
    public static void Apply(FactKind kind, SortedDictionary<string, SessionScheduleImage> schedules, SpecReader specs, ref FactReader facts)
    {
        string name = facts.Text();
        switch (kind)
        {
            case FactKind.SessionScheduleSet:
                // Of one that was set again the past stays.
                SessionSchedule.Moment? before = schedules.GetValueOrDefault(name)?.Moment;
                SessionScheduleImage set = ReadSet(name, specs, ref facts);
                schedules[name] = set with { Moment = set.Moment with { Last = before?.Last, LastTask = before?.LastTask ?? default } };
                break;
            case FactKind.SessionScheduleMoved:
                var moment = new SessionSchedule.Moment(Optional(facts.Instant()), Optional(facts.Instant()), facts.Id<TaskKind>());
                if (schedules.TryGetValue(name, out SessionScheduleImage? moved)) schedules[name] = moved with { Moment = moment };
                break;
            case FactKind.SessionScheduleRemoved:
                schedules.Remove(name);
                break;
            default:
                throw FactReader.Broken();
        }
    }

    private static SessionScheduleImage ReadSet(string name, SpecReader specs, ref FactReader facts)
    {
        string cron = facts.Text();
        TimeSpan every = facts.Span();
        string zone = facts.Text();
        DateTimeOffset? start = Optional(facts.Instant()), end = Optional(facts.Instant());
        var missed = (MissedOccurrences)facts.Number();
        DateTimeOffset setAt = facts.Instant();
        DateTimeOffset? next = Optional(facts.Instant());
        var spec = new ScheduleSpec(name, specs.Read(ref facts))
        {
            Cron = cron.Length > 0 ? cron : null,
            Every = every > TimeSpan.Zero ? every : null,
            Zone = zone,
            Start = start,
            End = end,
            Missed = missed,
        };
        return new SessionScheduleImage(spec, setAt, new SessionSchedule.Moment(next, null, default));
    }

    private static DateTimeOffset? Optional(DateTimeOffset instant) => instant.Ticks == 0 ? null : instant;
}
