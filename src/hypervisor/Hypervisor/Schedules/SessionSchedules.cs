using System.Collections.Immutable;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Scheduling;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Schedules;

/// <summary>
/// The schedules of a session. One change at a time, after it has been stored; that a task is submitted and that its schedule has moved on are one record. Thread-safe.
/// </summary>
internal sealed class SessionSchedules(Session session, TaskOptions options)
{
    /// <summary>The longest wait for an occurrence, so that a clock that was set, or stood still while the machine slept, is seen.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMinutes(1);

    /// <summary>How long an occurrence waits that did not find room.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SessionSchedule> _schedules = new(StringComparer.Ordinal);
    private Task _last = Task.CompletedTask;
    private bool _isClosed;

    private AgentHost Host => session.Host;

    private TimeProvider Time => Host.Environment.Time;

    public ImmutableArray<SessionSchedule> All()
    {
        lock (_gate) return [.. _schedules.Values];
    }

    public SessionSchedule? Find(string name)
    {
        lock (_gate) return _schedules.GetValueOrDefault(name);
    }

    /// <inheritdoc cref="Session.SetScheduleAsync"/>
    public Task<SessionSchedule> SetAsync(ScheduleSpec spec) => InTurnAsync(async () =>
    {
        SessionSchedule? before = Find(spec.Name);
        if (before is null && All().Length >= options.SchedulesMax)
            throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"The session has {options.SchedulesMax} schedules, which is its quota.");
        bool goesOn = before?.Spec.HasTimesOf(spec) is true;
        DateTimeOffset now = Time.GetUtcNow(), setAt = goesOn ? before!.SetAt : now;
        var occurrences = new Occurrences(spec, setAt);
        // One whose times stay as they were has missed nothing by being set again.
        DateTimeOffset? next = goesOn ? before!.Next : occurrences.After(now);
        if (next is null && !goesOn) throw new ArgumentException($"Schedule '{spec.Name}': it has no occurrence after {now:u}.", nameof(spec));
        if (Host.Ledger is { } ledger) await ledger.AppendAsync(SessionScheduleImage.WriteSet(new FactWriter(), session.Id, spec, setAt, next).Written);
        var schedule = new SessionSchedule(session, spec, setAt, occurrences, new SessionSchedule.Moment(next, before?.Last, before?.LastTask ?? default));
        Put(schedule);
        return schedule;
    });

    /// <inheritdoc cref="Session.RemoveScheduleAsync"/>
    public Task<bool> RemoveAsync(string name) => InTurnAsync(async () =>
    {
        if (Find(name) is not { } schedule) return false;
        if (Host.Ledger is { } ledger) await ledger.AppendAsync(SessionScheduleImage.WriteRemoved(new FactWriter(), session.Id, name).Written);
        lock (_gate)
        {
            schedule.Timer?.Cancel();
            _schedules.Remove(name);
        }

        return true;
    });

    /// <summary>Schedules as the journal left them; <see cref="Begin"/> lets them go on.</summary>
    public void Restore(IEnumerable<SessionScheduleImage> images)
    {
        DateTimeOffset now = Time.GetUtcNow();
        foreach (SessionScheduleImage image in images)
        {
            SessionSchedule.Moment moment = image.Moment;
            Occurrences? occurrences = null;
            if (Occurrences.FindZone(image.Spec.Zone) is null) moment = moment with { Problem = $"There is no time zone '{image.Spec.Zone}' on this machine." };
            else occurrences = new Occurrences(image.Spec, image.SetAt);
            // The rules of its time zone may be others by now.
            if (occurrences is not null && moment.Next > now) moment = moment with { Next = occurrences.After(now) };
            lock (_gate) _schedules.Add(image.Spec.Name, new SessionSchedule(session, image.Spec, image.SetAt, occurrences, moment));
        }
    }

    /// <summary>Lets those that were restored go on.</summary>
    public void Begin()
    {
        foreach (SessionSchedule schedule in All()) Arm(schedule);
    }

    /// <summary>Nothing occurs any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (SessionSchedule schedule in _schedules.Values) schedule.Timer?.Cancel();
        }
    }

    private void Put(SessionSchedule schedule)
    {
        lock (_gate)
        {
            if (_schedules.TryGetValue(schedule.Spec.Name, out SessionSchedule? before)) before.Timer?.Cancel();
            _schedules[schedule.Spec.Name] = schedule;
        }

        Arm(schedule);
    }

    private void Arm(SessionSchedule schedule, TimeSpan atLeast = default)
    {
        TimeSpan wait;
        lock (_gate)
        {
            if (_isClosed || schedule.Occurrences is null || schedule.Next is not { } next || _schedules.GetValueOrDefault(schedule.Spec.Name) != schedule) return;
            wait = next - Time.GetUtcNow();
            if (wait < atLeast) wait = atLeast;
            if (wait > TimeSpan.Zero)
            {
                schedule.Timer = new Look(this, schedule);
                Host.Timers.Add(schedule.Timer, wait < LookPeriod ? wait : LookPeriod);
                return;
            }
        }

        Occur(schedule);
    }

    private void OnLook(SessionSchedule schedule)
    {
        if (schedule.Next > Time.GetUtcNow()) Arm(schedule);
        else Occur(schedule);
    }

    private void Occur(SessionSchedule schedule)
    {
        if (!Host.IsStopping) Host.Own(Host.Environment.Executor.RunAsync(() => OccurAsync(schedule)));
    }

    private async Task OccurAsync(SessionSchedule schedule)
    {
        try
        {
            bool isDone = await InTurnAsync(() => MoveOnAsync(schedule));
            Arm(schedule, isDone ? default : RetryPause);
        }
        catch (HypervisorException failure)
        {
            // The journal takes nothing any more: the occurrence comes when the folder is opened again.
            schedule.Now = schedule.Now with { Problem = failure.Message };
        }
    }

    /// <summary>Submits the task of the occurrence that is due, which stands for those that came after it and have passed. False when there was no room for it.</summary>
    private async ValueTask<bool> MoveOnAsync(SessionSchedule schedule)
    {
        DateTimeOffset now = Time.GetUtcNow();
        if (_isClosed || Host.IsStopping || Find(schedule.Spec.Name) != schedule || schedule.Next is not { } due || due > now) return true;
        ImmutableArray<SessionTask> tasks = [];
        bool isSkipped = schedule.Spec.Missed is MissedOccurrences.Skip && now - due > options.ScheduleLatenessMax;
        try
        {
            if (!isSkipped) tasks = Host.Tasks.Create(session, [TaskOf(schedule.Spec, due)], parent: default);
        }
        catch (HypervisorException refusal)
        {
            schedule.Now = schedule.Now with { Problem = refusal.Message };
            return refusal.Code == HypervisorErrors.SessionClosed;
        }

        var moment = new SessionSchedule.Moment(schedule.Occurrences!.After(now), due, tasks.IsEmpty ? default : tasks[0].Id);
        if (Host.Ledger is { } ledger)
        {
            try
            {
                var facts = new FactWriter();
                if (!isSkipped && Host.Tasks.Find(moment.LastTask) is null) TaskFacts.WriteSubmitted(facts, tasks[0]);
                await ledger.CommitAsync(SessionScheduleImage.WriteMoved(facts, session.Id, schedule.Spec.Name, moment).Written);
            }
            catch
            {
                Host.Tasks.GiveUp(session, tasks);
                throw;
            }
        }

        schedule.Now = moment;
        if (!isSkipped) Host.Tasks.Add(session, tasks);
        return true;
    }

    private static TaskSpec TaskOf(ScheduleSpec spec, DateTimeOffset due) => spec.Task with
    {
        Name = spec.Task.Name ?? spec.Name,
        NotBefore = due,
        IdempotencyKey = $"schedule:{spec.Name}:{due.UtcDateTime:O}",
    };

    /// <summary>Does one change after the other, in the order in which they came.</summary>
    private async Task<T> InTurnAsync<T>(Func<ValueTask<T>> change)
    {
        var over = new TaskCompletionSource();
        Task before;
        lock (_gate) (before, _last) = (_last, over.Task);
        try
        {
            await before;
            return await change();
        }
        finally
        {
            Host.Environment.Executor.Post(static source => ((TaskCompletionSource)source!).SetResult(), over);
        }
    }

    private sealed class Look(SessionSchedules schedules, SessionSchedule schedule) : TimerEntry
    {
        public override void Fire() => schedules.OnLook(schedule);
    }
}
