using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Publishing;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>
/// Which task runs where, and what becomes of it. All that changes is changed under one lock, after it has been stored; attempts begin outside of the lock. Thread-safe.
/// </summary>
internal sealed partial class TaskDispatcher(AgentHost host, TaskOptions options)
{
    private readonly Lock _gate = new();
    private Dictionary<TaskId, SessionTask> _tasks = [];
    private readonly Dictionary<SessionId, SessionQueue> _sessions = [];
    private readonly Dictionary<TenantId, TenantShare> _tenants = [];
    private readonly FairQueue<TenantShare> _shares = new();
    private int _running;

    private TimeProvider Time => host.Environment.Time;

    /// <summary>Publishes what becomes of tasks; null when nobody is told.</summary>
    private EventRelay? Relay => options.PublishesEvents ? host.Relay : null;

    public SessionTask? Find(TaskId id)
    {
        lock (_gate) return _tasks.GetValueOrDefault(id);
    }

    /// <summary>The tasks of a session that are known, in the order of their submission.</summary>
    public SessionTask[] Of(Session session)
    {
        lock (_gate) return _sessions.TryGetValue(session.Id, out SessionQueue? queue) ? queue.Tasks.InOrder() : [];
    }

    /// <summary>Whether nothing is under way and nothing comes but by the clock; what pauses after a failed attempt is under way.</summary>
    public bool IsAtRest
    {
        get
        {
            lock (_gate) return _running == 0 && _retrying == 0;
        }
    }

    /// <summary>An agent that takes tasks is there.</summary>
    public void Add(Worker worker)
    {
        lock (_gate)
        {
            if (worker.Agent.Session.Status is SessionStatus.Open) QueueOf(worker.Agent.Session).AddIdle(worker);
        }

        Pump(worker.Agent.Session);
    }

    /// <summary>An agent goes on, or has ended.</summary>
    public void OnChanged(Worker worker)
    {
        lock (_gate)
        {
            if (worker.Agent.Session.Status is not SessionStatus.Open) return;
            SessionQueue queue = QueueOf(worker.Agent.Session);
            if (worker.Agent.CanWork) queue.AddIdle(worker);
            else queue.RemoveIdle(worker);
        }

        Pump(worker.Agent.Session);
    }

    /// <summary>The turn of an attempt is over, whatever came of it: the agent is free.</summary>
    public void OnFree(TaskAttempt attempt)
    {
        Worker worker = attempt.Worker;
        lock (_gate)
        {
            if (worker.Attempt != attempt) return;
            worker.Attempt = null;
            if (worker.Agent.Session.Status is not SessionStatus.Open) return;
            QueueOf(worker.Agent.Session).AddIdle(worker);
        }

        Pump(worker.Agent.Session);
    }

    /// <summary>An attempt says that it is at work.</summary>
    public bool Heard(TaskAttempt attempt, double done)
    {
        if (!attempt.IsCurrent) return false;
        attempt.Task.Progress = done;
        attempt.HeardAt = Time.GetTimestamp();
        return true;
    }

    private SessionTask? ParentOf(SessionTask task) => task.Parent.IsEmpty ? null : _tasks.GetValueOrDefault(task.Parent);

    /// <summary>Its parent knows of it, if that is known.</summary>
    private void Adopt(SessionTask task)
    {
        if (ParentOf(task) is { } parent) (parent.Children ??= []).Add(task);
    }

    private void Forget(SessionQueue queue, SessionTask task)
    {
        // One that was retried has ended twice.
        if (_tasks.Remove(task.Id)) queue.Tasks.Remove(task);
        ParentOf(task)?.Children?.Remove(task);
    }

    private SessionQueue QueueOf(Session session)
    {
        if (_sessions.TryGetValue(session.Id, out SessionQueue? queue)) return queue;
        TenantId tenant = session.Scope.Tenant;
        if (!_tenants.TryGetValue(tenant, out TenantShare? share))
            _tenants.Add(tenant, share = new TenantShare(Math.Clamp(options.TenantWeight?.Invoke(tenant) ?? 1, 1, 1_000)));
        _sessions.Add(session.Id, queue = new SessionQueue(session, share));
        return queue;
    }

    /// <summary>Begins what can begin, now that something of a session has changed.</summary>
    private void Pump(Session session)
    {
        List<TaskAttempt>? begun = null;
        lock (_gate)
        {
            if (session.Status is not SessionStatus.Open) return;
            SessionQueue changed = QueueOf(session);
            changed.Tenant.Sessions.Join(changed);
            _shares.Join(changed.Tenant);
            while (_running < options.RunningMax && !host.IsStopping && _shares.First is { } tenant)
            {
                if (tenant.Sessions.First is not { } queue)
                {
                    _shares.Leave(tenant);
                }
                else if (queue.Take(Time, options.AgeingTime) is var (task, worker))
                {
                    tenant.Sessions.Charge(queue);
                    _shares.Charge(tenant);
                    (begun ??= []).Add(Take(task, worker));
                }
                else
                {
                    tenant.Sessions.Leave(queue);
                }
            }
        }

        if (begun is not null) Begin(begun);
    }

    private TaskAttempt Take(SessionTask task, Worker worker)
    {
        task.Attempt++;
        task.Agent = worker.Agent.Id;
        task.Progress = 0;
        var attempt = new TaskAttempt(this, task, worker) { HeardAt = Time.GetTimestamp() };
        task.Current = attempt;
        worker.Attempt = attempt;
        _running++;
        task.Become(TaskState.Running, "");
        if (Relay is { } relay) TaskEvents.Started(relay, task, Time.GetElapsedTime(task.ReadySince));
        return attempt;
    }

    /// <summary>Stores that they begin, which nobody waits for: what they come to is behind it in the journal.</summary>
    private void Begin(List<TaskAttempt> begun)
    {
        if (host.Ledger is not null)
        {
            var facts = new FactRecords();
            foreach (TaskAttempt attempt in begun)
                facts.Next().Fact(FactKind.TaskBegun, attempt.Id).Put((long)attempt.Number).Put(attempt.Worker.Agent.Id.Value);
            BeginToStore(facts);
        }

        foreach (TaskAttempt attempt in begun)
        {
            attempt.Watch = new AttemptWatch(this, attempt);
            host.Timers.Add(attempt.Watch, attempt.Spec.Heartbeat ?? attempt.Spec.Timeout);
            long number = host.NextNumber();
            attempt.BegunAt = attempt.HeardAt;
            attempt.Worker.Agent.Enqueue(new AgentMessage(number, default, attempt.Spec.Type, attempt.Spec.Payload, host.BeginTrace(number)) { Kind = MessageKind.Task, Asker = attempt });
        }
    }

    /// <summary>An attempt may have taken too long, or been silent for too long.</summary>
    public void OnWatch(TaskAttempt attempt)
    {
        TaskSpec spec = attempt.Spec;
        TimeSpan left = spec.Timeout - Time.GetElapsedTime(attempt.BegunAt);
        if (spec.Heartbeat is { } silence)
        {
            TimeSpan untilSilent = silence - Time.GetElapsedTime(attempt.HeardAt);
            if (untilSilent < left) left = untilSilent;
        }

        if (!attempt.IsCurrent) return;
        if (left > TimeSpan.Zero)
        {
            host.Timers.Add(attempt.Watch!, left);
            return;
        }

        bool isSilent = Time.GetElapsedTime(attempt.BegunAt) < spec.Timeout;
        host.Own(host.Environment.Executor.RunAsync(() => FailAsync(
            attempt, "timeout", isSilent ? $"It was not heard of for {spec.Heartbeat}." : $"It took longer than {spec.Timeout}.", isFinal: false, isTakenAway: true)));
    }
}
