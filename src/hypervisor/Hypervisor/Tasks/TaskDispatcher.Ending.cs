using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Publishing;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How attempts and tasks end.</summary>
internal sealed partial class TaskDispatcher
{
    private const string DependencyKind = "dependency";

    private int _retrying;

    /// <summary>The turn of an attempt has ended well: from here on nobody else can end the task. False when it counts no more.</summary>
    public bool TryEnd(TaskAttempt attempt)
    {
        lock (_gate)
        {
            if (!attempt.IsCurrent || attempt.Task.IsSettling) return false;
            attempt.Task.IsSettling = attempt.IsEnding = true;
            return true;
        }
    }

    /// <summary>What <see cref="TryEnd"/> began is on disk, or there is none.</summary>
    public void OnSucceeded(TaskAttempt attempt)
    {
        SessionTask task = attempt.Task;
        lock (_gate)
        {
            task.Result = attempt.Result;
            Settle(task, TaskState.Succeeded, "");
        }

        Pump(task.Session);
    }

    /// <summary>The turn of an attempt has failed, be it when its end was to be stored.</summary>
    public Task OnFailedAsync(TaskAttempt attempt, Exception failure, string text)
    {
        lock (_gate)
        {
            if (attempt.IsEnding) LetGo(attempt.Task);
            attempt.IsEnding = false;
        }

        return failure is TaskFailedException told
            ? FailAsync(attempt, told.Kind, told.Message, told.IsFinal, isTakenAway: false)
            : FailAsync(attempt, failure.GetType().Name, text, isFinal: failure is Turns.OutcomeUnknownException, isTakenAway: false);
    }

    /// <summary>The agent does not come to the attempt, or not to its end.</summary>
    public void OnLost(TaskAttempt attempt, string reason)
    {
        SessionTask task = attempt.Task;
        lock (_gate)
        {
            if (!attempt.IsCurrent || task.IsSettling || host.IsStopping) return;
            task.Lost++;
            task.Add(new TaskError(attempt.Number, Time.GetUtcNow(), "lost", reason));
            EndAttempt(task);
            MakeReadyUnlessLostTooOften(task, reason);
        }

        Pump(task.Session);
    }

    private void MakeReadyUnlessLostTooOften(SessionTask task, string reason)
    {
        if (task.Lost < task.Spec.Retry.LossesMax) MakeReady(QueueOf(task.Session), task);
        else Settle(task, TaskState.Failed, $"It was lost too often; last: {reason}", "lost");
    }

    private async Task FailAsync(TaskAttempt attempt, string kind, string text, bool isFinal, bool isTakenAway)
    {
        SessionTask task = attempt.Task;
        TaskRetry rules = task.Spec.Retry;
        TaskError error;
        bool isLast;
        lock (_gate)
        {
            if (!attempt.IsCurrent || task.IsSettling) return;
            task.IsSettling = true;
            error = new TaskError(attempt.Number, Time.GetUtcNow(), kind, text);
            isLast = isFinal || task.Failed + 1 >= rules.AttemptsMax || !rules.Repeats(kind);
        }

        DateTimeOffset due = error.At + rules.PauseAfter(task.Failed + 1, host.Environment.Random.Ordinary.NextDouble());
        var facts = new FactWriter();
        if (isLast) TaskFacts.WriteEnded(facts, task.Id, TaskState.Failed, error, default, error.At);
        else TaskFacts.WriteRetried(facts, task.Id, error, due);
        await StoreSettlingAsync(task, facts);
        lock (_gate)
        {
            task.Failed++;
            task.Add(error);
            if (isLast)
            {
                Settle(task, TaskState.Failed, text);
            }
            else if (LetGo(task))
            {
                EndAttempt(task);
                task.Due = due;
                task.Reason = text;
                if (Relay is { } relay) TaskEvents.Failed(relay, task, error, due);
                SetRetrying(task, true);
                MakeReady(QueueOf(task.Session), task);
            }
        }

        if (isTakenAway) attempt.Worker.Agent.CancelTurnOf(attempt);
        Pump(task.Session);
    }

    /// <summary>What was on the way to the disk has not ended it. False when it has ended meanwhile, with its session.</summary>
    private bool LetGo(SessionTask task)
    {
        task.IsSettling = false;
        if (_tasks.ContainsKey(task.Id)) return true;
        EndWithSession(task);
        return false;
    }

    /// <summary>It has no attempt any more; the agent is free when its turn is over.</summary>
    private void EndAttempt(SessionTask task)
    {
        if (task.Current is not { } attempt) return;
        attempt.Watch?.Cancel();
        task.Current = null;
        _running--;
        QueueOf(task.Session).GiveUpKey(task);
    }

    /// <summary>It has ended, and with it those that cannot come to be: they go by a list, because a chain of them may be long.</summary>
    /// <param name="first">The task.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="reason">Why, in words.</param>
    /// <param name="kind">The kind of its error, when that is not stored yet; null when its end is.</param>
    private void Settle(SessionTask first, TaskState state, string reason, string? kind = null)
    {
        if (!_tasks.ContainsKey(first.Id))
        {
            // Its session was closed meanwhile: nobody keeps it or waits for it.
            first.IsSettling = false;
            End(first, state, reason);
            return;
        }

        SessionQueue queue = QueueOf(first.Session);
        FactRecords? derived = null;
        Stack<(SessionTask Task, TaskState State, string Reason)>? broken = null;
        SettleOne(queue, first, state, reason, kind, ref derived, ref broken);
        while (broken is not null && broken.TryPop(out (SessionTask Task, TaskState State, string Reason) next))
        {
            if (!next.Task.HasEnded && !next.Task.IsSettling) SettleOne(queue, next.Task, next.State, next.Reason, DependencyKind, ref derived, ref broken);
        }

        ForgetOld(queue, ref derived);
        if (derived is not null) BeginToStore(derived);
    }

    private void SettleOne(
        SessionQueue queue, SessionTask task, TaskState state, string reason, string? kind, ref FactRecords? derived, ref Stack<(SessionTask Task, TaskState State, string Reason)>? broken)
    {
        if (kind is not null)
        {
            var error = new TaskError(task.Attempt, Time.GetUtcNow(), kind, reason);
            task.Add(error);
            TaskFacts.WriteEnded((derived ??= new FactRecords()).Next(), task.Id, state, error, default, error.At);
        }

        TimeSpan took = task.Current is { } attempt ? Time.GetElapsedTime(attempt.BegunAt) : default;
        SetRetrying(task, false);
        EndAttempt(task);
        task.Timer?.Cancel();
        task.DeadlineTimer?.Cancel();
        task.IsSettling = false;
        task.Class = null;
        task.Steps = null;
        GiveRoomBack(queue, task.Spec);
        End(task, state, reason, took);
        if (task.AwaitedBy.IsEmpty) queue.Ended.Enqueue(task);
        if (task.Waits is { } waits)
        {
            task.Waits = null;
            foreach (TaskWait wait in waits) wait.Note(task);
        }

        if (task.Dependents is null) return;
        foreach ((SessionTask dependent, bool isOnEnd) in task.Dependents)
        {
            if (OnDependencyEnded(queue, dependent, state, isOnEnd) is { } end)
                (broken ??= []).Push((dependent, end, $"'{task.Spec.DisplayName}' ({task.Id}), which it waits for, was {state.ToString().ToLowerInvariant()}."));
        }

        task.Dependents = null;
    }

    private void End(SessionTask task, TaskState state, string reason, TimeSpan took = default)
    {
        task.EndedAt = Time.GetUtcNow();
        task.Become(state, reason);
        if (Relay is { } relay) TaskEvents.Ended(relay, task, took);
    }

    /// <summary>Something a task waits for has ended. How the task ends when it cannot come to be; else null.</summary>
    private TaskState? OnDependencyEnded(SessionQueue queue, SessionTask task, TaskState state, bool isOnEnd)
    {
        if (task.State is not TaskState.Blocked || task.Missing == 0) return null;
        bool isMet = isOnEnd || state is TaskState.Succeeded;
        task.Missing--;
        if (isMet && (task.Spec.AfterAny || task.Missing == 0)) MakeReady(queue, task);
        if (isMet || (task.Spec.AfterAny && task.Missing > 0)) return null;
        return task.Spec.WhenDependencyFails is WhenDependencyFails.Fail ? TaskState.Failed : TaskState.Skipped;
    }

    private void SetRetrying(SessionTask task, bool isRetrying)
    {
        if (task.IsRetrying == isRetrying) return;
        task.IsRetrying = isRetrying;
        _retrying += isRetrying ? 1 : -1;
    }

    private void ForgetOld(SessionQueue queue, ref FactRecords? facts)
    {
        DateTimeOffset oldest = Time.GetUtcNow() - options.ResultsKept;
        while (queue.Ended.TryPeek(out SessionTask? task) && (queue.Ended.Count > options.ResultsMax || task.EndedAt is not { } ended || ended < oldest))
        {
            queue.Ended.Dequeue();
            if (!task.HasEnded) continue;
            // Whoever waits for it puts it back when that is over.
            if (!task.AwaitedBy.IsEmpty) continue;
            Forget(queue, task);
            if (task.Spec.IdempotencyKey is { } key && queue.Keyed.GetValueOrDefault(key) == task) queue.Keyed.Remove(key);
            TaskFacts.WriteForgotten((facts ??= new FactRecords()).Next(), task.Id);
        }
    }
}
