using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Schedules;

/// <summary>A schedule of a session. Thread-safe to read; what is read is as of that moment.</summary>
public sealed class SessionSchedule
{
    private volatile Moment _moment;

    internal SessionSchedule(Session session, ScheduleSpec spec, DateTimeOffset setAt, Occurrences? occurrences, Moment moment)
    {
        (Session, Spec, SetAt, Occurrences, _moment) = (session, spec, setAt, occurrences, moment);
    }

    /// <summary>Whose it is.</summary>
    public Session Session { get; }

    /// <summary>What is submitted when.</summary>
    public ScheduleSpec Spec { get; }

    /// <summary>When it was set with these times first.</summary>
    public DateTimeOffset SetAt { get; }

    /// <summary>The occurrence whose task comes next; in the past while it waits for being submitted, null when there is none any more.</summary>
    public DateTimeOffset? Next => _moment.Next;

    /// <summary>The last occurrence; null before the first.</summary>
    public DateTimeOffset? Last => _moment.Last;

    /// <summary>The task of the last occurrence; empty when it was skipped, and before the first.</summary>
    public TaskId LastTask => _moment.LastTask;

    /// <summary>Why the task of <see cref="Next"/> could not be submitted when it was tried last; empty when nothing is in its way.</summary>
    public string Problem => _moment.Problem;

    /// <summary>The next occurrences, <see cref="Next"/> first.</summary>
    /// <param name="count">How many, 1 to 1,000; there may be fewer.</param>
    public IEnumerable<DateTimeOffset> Upcoming(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1_000);
        if (Next is not { } next) return [];
        return Occurrences is null ? [next] : Occurrences.After(next, count - 1).Prepend(next);
    }

    /// <summary>When it occurs; null when its time zone is not on this machine.</summary>
    internal Occurrences? Occurrences { get; }

    internal Moment Now
    {
        get => _moment;
        set => _moment = value;
    }

    /// <summary>What looks at it next; null when nothing does.</summary>
    internal TimerEntry? Timer { get; set; }

    /// <summary>Where it is.</summary>
    internal sealed record Moment(DateTimeOffset? Next, DateTimeOffset? Last, TaskId LastTask, string Problem = "");
}
