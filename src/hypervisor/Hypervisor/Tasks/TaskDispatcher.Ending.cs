using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How attempts and tasks end.</summary>
internal sealed partial class TaskDispatcher
{
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
            if (attempt.IsEnding) attempt.Task.IsSettling = attempt.IsEnding = false;
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
        else Settle(task, TaskState.Failed, $"It was lost too often; last: {reason}", isStored: false);
    }

    /// <inheritdoc cref="SessionTask.CancelAsync"/>
    public async ValueTask<bool> CancelAsync(SessionTask task, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        if (!await EndAsync(task, TaskState.Cancelled, "cancelled", reason)) return false;
        SessionTask[] children;
        lock (_gate) children = [.. _tasks.Values.Where(child => child.Parent == task.Id && !child.HasEnded)];
        foreach (SessionTask child in children) await CancelAsync(child, $"The task that submitted it was cancelled: {reason}");
        return true;
    }

    /// <inheritdoc cref="SessionTask.RetryAsync"/>
    public async ValueTask<bool> RetryAsync(SessionTask task, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        lock (_gate)
        {
            if (task.State is not (TaskState.Failed or TaskState.Cancelled or TaskState.Skipped) || task.IsSettling || !_tasks.ContainsKey(task.Id)) return false;
            task.IsSettling = true;
        }

        await StoreSettlingAsync(task, TaskImage.WriteReset(new FactWriter(), task.Id));
        lock (_gate)
        {
            SessionQueue queue = QueueOf(task.Session);
            task.IsSettling = false;
            (task.Failed, task.Lost, task.EndedAt, task.Due) = (0, 0, null, null);
            queue.Open++;
            queue.PayloadBytes += task.Spec.Payload.Length;
            task.Become(TaskState.Blocked, reason);
            Connect(queue, task);
        }

        Pump(task.Session);
        return true;
    }

    /// <summary>The session ends: so do its tasks.</summary>
    public void Close(SessionId session)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(session, out SessionQueue? queue)) return;
            foreach (SessionTask task in _tasks.Values.Where(task => task.Session == queue.Session).ToArray())
            {
                SetRetrying(task, false);
                EndAttempt(task);
                task.Timer?.Cancel();
                task.DeadlineTimer?.Cancel();
                if (!task.HasEnded) task.Become(TaskState.Cancelled, "Its session was closed.");
                _tasks.Remove(task.Id);
            }

            queue.Tenant.Sessions.Leave(queue);
            _sessions.Remove(session);
        }
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
        if (isLast) TaskImage.WriteEnded(facts, task.Id, TaskState.Failed, error, default, error.At);
        else TaskImage.WriteRetried(facts, task.Id, error, due);
        await StoreSettlingAsync(task, facts);
        lock (_gate)
        {
            task.Failed++;
            task.Add(error);
            if (isLast)
            {
                Settle(task, TaskState.Failed, text);
            }
            else
            {
                task.IsSettling = false;
                EndAttempt(task);
                task.Due = due;
                task.Reason = text;
                SetRetrying(task, true);
                MakeReady(QueueOf(task.Session), task);
            }
        }

        if (isTakenAway) attempt.Worker.Agent.CancelTurnOf(attempt);
        Pump(task.Session);
    }

    private async Task<bool> EndAsync(SessionTask task, TaskState state, string kind, string text)
    {
        TaskError error;
        lock (_gate)
        {
            if (task.HasEnded || task.IsSettling || !_tasks.ContainsKey(task.Id)) return false;
            task.IsSettling = true;
            error = new TaskError(task.Attempt, Time.GetUtcNow(), kind, text);
        }

        TaskAttempt? attempt = task.Current;
        var facts = new FactWriter();
        TaskImage.WriteEnded(facts, task.Id, state, error, default, error.At);
        await StoreSettlingAsync(task, facts);
        lock (_gate)
        {
            task.Add(error);
            Settle(task, state, text);
        }

        attempt?.Worker.Agent.CancelTurnOf(attempt);
        Pump(task.Session);
        return true;
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
    private void Settle(SessionTask first, TaskState state, string reason, bool isStored = true)
    {
        SessionQueue queue = QueueOf(first.Session);
        FactRecords? derived = null;
        Stack<(SessionTask Task, TaskState State, string Reason)>? broken = null;
        SettleOne(queue, first, state, reason, isStored, ref derived, ref broken);
        while (broken is not null && broken.TryPop(out (SessionTask Task, TaskState State, string Reason) next))
        {
            if (!next.Task.HasEnded && !next.Task.IsSettling) SettleOne(queue, next.Task, next.State, next.Reason, isStored: false, ref derived, ref broken);
        }

        ForgetOld(queue, ref derived);
        if (derived is not null) BeginToStore(derived);
    }

    private void SettleOne(
        SessionQueue queue, SessionTask task, TaskState state, string reason, bool isStored, ref FactRecords? derived, ref Stack<(SessionTask Task, TaskState State, string Reason)>? broken)
    {
        task.EndedAt = Time.GetUtcNow();
        if (!isStored)
        {
            var error = new TaskError(task.Attempt, task.EndedAt.Value, "dependency", reason);
            task.Add(error);
            TaskImage.WriteEnded((derived ??= new FactRecords()).Next(), task.Id, state, error, default, error.At);
        }

        SetRetrying(task, false);
        EndAttempt(task);
        task.Timer?.Cancel();
        task.DeadlineTimer?.Cancel();
        task.IsSettling = false;
        task.Class = null;
        task.Steps = null;
        GiveRoomBack(queue, task.Spec);
        task.Become(state, reason);
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
            _tasks.Remove(task.Id);
            if (task.Spec.IdempotencyKey is { } key && queue.Keyed.GetValueOrDefault(key) == task) queue.Keyed.Remove(key);
            TaskImage.WriteForgotten((facts ??= new FactRecords()).Next(), task.Id);
        }
    }
}
