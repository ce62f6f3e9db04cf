using System.Collections.Immutable;
using Sirsi.Hypervisor.Publishing;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>How tasks come in.</summary>
internal sealed partial class TaskDispatcher
{
    /// <summary>Makes tasks of what is submitted, which nobody knows yet; the quota has been taken for them. What was submitted before under its key is given as it is.</summary>
    /// <exception cref="ArgumentException">Something breaks a rule; the message names every one, and a cycle by its names.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.QuotaExceeded"/>, <see cref="HypervisorErrors.SessionClosed"/>, or <see cref="HypervisorErrors.StorageBusy"/>: somebody else is submitting a task of one of the keys.
    /// </exception>
    public ImmutableArray<SessionTask> Create(Session session, ImmutableArray<TaskSpec> specs, TaskId parent) =>
        TryCreate(session, specs, parent, out ImmutableArray<SessionTask> tasks) is null ? tasks : throw UnderWay();

    /// <summary>As <see cref="Create"/>; when a task of one of the keys is on its way to the disk nothing is made, and what is given completes when it has arrived, or has come to nothing.</summary>
    private TaskCompletionSource? TryCreate(Session session, ImmutableArray<TaskSpec> specs, TaskId parent, out ImmutableArray<SessionTask> created)
    {
        ThrowIfInvalid(specs);
        created = [];
        lock (_gate)
        {
            if (session.Status is not SessionStatus.Open) throw new HypervisorException(HypervisorErrors.SessionClosed, $"The session {session.Id} takes no more tasks: it is closed.");
            if (UnderWayAmong(session, specs) is { } other) return other;
            SessionQueue queue = QueueOf(session);
            TakeRoom(queue, specs);
            var tasks = ImmutableArray.CreateBuilder<SessionTask>(specs.Length);
            var ids = new TaskId[specs.Length];
            for (int place = 0; place < specs.Length; place++)
                ids[place] = specs[place].IdempotencyKey is { } key && queue.Keyed.TryGetValue(key, out SessionTask? known) ? known.Id : host.Environment.Ids.Next<Core.Identity.TaskKind>();
            for (int place = 0; place < specs.Length; place++)
            {
                TaskSpec spec = specs[place];
                if (_tasks.TryGetValue(ids[place], out SessionTask? known))
                {
                    GiveRoomBack(queue, spec);
                    tasks.Add(known);
                    continue;
                }

                if (UnknownAmong(session, spec) is { } unknown)
                {
                    foreach (TaskSpec taken in specs[place..]) GiveRoomBack(queue, taken);
                    foreach (SessionTask made in tasks.Where(made => !_tasks.ContainsKey(made.Id))) GiveRoomBack(queue, made.Spec);
                    throw new ArgumentException($"'{spec.DisplayName}' waits for {unknown}, which is no task of this session, or is known no more.", nameof(specs));
                }

                ImmutableArray<TaskDependency> after = [.. spec.After.Select(dependency => dependency.Place >= 0 ? TaskDependency.On(ids[dependency.Place]) with { IsOnEnd = dependency.IsOnEnd } : dependency)];
                tasks.Add(new SessionTask(ids[place], session, after.IsEmpty ? spec : spec with { After = [] }, after, parent, host.NextNumber()));
            }

            created = tasks.MoveToImmutable();
            foreach (SessionTask task in created)
            {
                if (task.Spec.IdempotencyKey is { } key && !_tasks.ContainsKey(task.Id)) _underWay.Add((session.Id, key), null);
            }

            return null;
        }
    }

    /// <summary>Takes what <see cref="Create"/> made, and what is stored by now. When the session was closed meanwhile, they end with it.</summary>
    public void Add(Session session, ImmutableArray<SessionTask> tasks, AgentId awaitedBy = default)
    {
        lock (_gate)
        {
            Arrive(session, tasks);
            if (session.Status is not SessionStatus.Open)
            {
                foreach (SessionTask task in tasks.Where(task => !_tasks.ContainsKey(task.Id))) EndWithSession(task);
                return;
            }

            SessionQueue queue = QueueOf(session);
            if (!awaitedBy.IsEmpty) Await(tasks, awaitedBy);
            SessionTask[] made = [.. tasks.Where(task => !_tasks.ContainsKey(task.Id))];
            foreach (SessionTask task in made)
            {
                _tasks.Add(task.Id, task);
                queue.Tasks.Add(task);
                Adopt(task);
                if (task.Spec.IdempotencyKey is { } key) queue.Keyed[key] = task;
            }

            foreach (SessionTask task in made)
            {
                if (Relay is { } relay) TaskEvents.Submitted(relay, task);
                Connect(queue, task);
            }
        }

        Pump(session);
    }

    /// <summary>What <see cref="Create"/> made does not come to be after all.</summary>
    public void GiveUp(Session session, ImmutableArray<SessionTask> tasks)
    {
        lock (_gate)
        {
            Arrive(session, tasks);
            if (!_sessions.TryGetValue(session.Id, out SessionQueue? queue)) return;
            foreach (SessionTask task in tasks.Where(task => !_tasks.ContainsKey(task.Id))) GiveRoomBack(queue, task.Spec);
        }
    }

    /// <summary>Submits from outside: they are on disk when this completes.</summary>
    /// <param name="session">Whose they are.</param>
    /// <param name="specs">What is to be done.</param>
    /// <param name="awaitedBy">The agent that goes on with what comes of them; empty when none does.</param>
    public async ValueTask<ImmutableArray<SessionTask>> SubmitAsync(Session session, ImmutableArray<TaskSpec> specs, AgentId awaitedBy = default)
    {
        ImmutableArray<SessionTask> tasks;
        while (TryCreate(session, specs, parent: default, out tasks) is { } other) await UntilOverAsync(other.Task);
        if (host.Ledger is { } ledger)
        {
            try
            {
                await StoreAsync(ledger, Unknown(tasks));
            }
            catch
            {
                GiveUp(session, tasks);
                throw;
            }
        }

        Add(session, tasks, awaitedBy);
        return tasks;
    }

    private List<SessionTask> Unknown(ImmutableArray<SessionTask> tasks)
    {
        lock (_gate) return [.. tasks.Where(task => !_tasks.ContainsKey(task.Id))];
    }

    private static void ThrowIfInvalid(ImmutableArray<TaskSpec> specs)
    {
        if (specs.IsDefaultOrEmpty) throw new ArgumentException("There is nothing to submit.", nameof(specs));
        HashSet<string>? keys = null;
        for (int place = 0; place < specs.Length; place++)
        {
            TaskSpec spec = specs[place];
            string problems = string.Join(' ', spec.Problems());
            if (problems.Length > 0) throw new ArgumentException($"Task {place} ('{spec.DisplayName}'): {problems}", nameof(specs));
            if (spec.IdempotencyKey is { } key && !(keys ??= new HashSet<string>(StringComparer.Ordinal)).Add(key))
                throw new ArgumentException($"Task {place} ('{spec.DisplayName}') has the key '{key}', as one before it has.", nameof(specs));
            foreach (TaskDependency dependency in spec.After)
            {
                if (dependency.Place >= specs.Length || (dependency.Place < 0 && dependency.Task.IsEmpty))
                    throw new ArgumentException($"Task {place} ('{spec.DisplayName}') waits for place {dependency.Place} of {specs.Length}: there is none.", nameof(specs));
            }
        }

        ImmutableArray<int> cycle = TaskGraph.FindCycle(specs);
        if (cycle.IsEmpty) return;
        string names = string.Join(" → ", cycle.Append(cycle[0]).Select(place => $"'{specs[place].DisplayName}'"));
        throw new ArgumentException($"The tasks wait for each other in a cycle: {names}.", nameof(specs));
    }

    private TaskId? UnknownAmong(Session session, TaskSpec spec)
    {
        foreach (TaskDependency dependency in spec.After)
        {
            if (dependency.Place < 0 && (!_tasks.TryGetValue(dependency.Task, out SessionTask? known) || known.Session != session)) return dependency.Task;
        }

        return null;
    }

    private void TakeRoom(SessionQueue queue, ImmutableArray<TaskSpec> specs)
    {
        long bytes = specs.Sum(static spec => (long)spec.Payload.Length);
        if (queue.Open + specs.Length > options.WaitingMax)
            throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"The session has {queue.Open} tasks that have not ended; with {specs.Length} more there would be more than {options.WaitingMax}, which is its quota.");
        if (queue.PayloadBytes + bytes > options.PayloadBytesMax)
            throw new HypervisorException(HypervisorErrors.QuotaExceeded, $"The payloads of the session's tasks take {queue.PayloadBytes} bytes; with {bytes} more they would take more than {options.PayloadBytesMax}, which is its quota.");
        queue.Open += specs.Length;
        queue.PayloadBytes += bytes;
    }

    private static void GiveRoomBack(SessionQueue queue, TaskSpec spec)
    {
        queue.Open--;
        queue.PayloadBytes -= spec.Payload.Length;
    }

    /// <summary>It waits for what it is to wait for, or is ready.</summary>
    private void Connect(SessionQueue queue, SessionTask task)
    {
        if (task.Spec.Deadline is { } deadline)
        {
            task.DeadlineTimer = new TaskTimer(OnDeadline, task);
            host.Timers.Add(task.DeadlineTimer, deadline - Time.GetUtcNow());
        }

        // One that has been tried had all it waits for.
        task.Missing = task.Attempt > 0 ? 0 : task.After.Length;
        if (task.Missing == 0)
        {
            MakeReady(queue, task);
            return;
        }

        foreach (TaskDependency dependency in task.After)
        {
            // One that is forgotten has ended well: those that did not are kept as long as somebody waits for them.
            if (_tasks.TryGetValue(dependency.Task, out SessionTask? known) && !known.HasEnded)
            {
                (known.Dependents ??= []).Add((task, dependency.IsOnEnd));
                continue;
            }

            TaskState state = known?.State ?? (task.Spec.AfterAny ? TaskState.Failed : TaskState.Succeeded);
            if (OnDependencyEnded(queue, task, state, dependency.IsOnEnd) is not { } broken) continue;
            Settle(task, broken, $"{dependency.Task}, which it waits for, was {state.ToString().ToLowerInvariant()}.", DependencyKind);
            return;
        }
    }

    /// <summary>Nothing it waits for is missing any more.</summary>
    private void MakeReady(SessionQueue queue, SessionTask task)
    {
        task.Missing = 0;
        TimeSpan wait = (task.Due ?? task.Spec.NotBefore) is { } due ? due - Time.GetUtcNow() : TimeSpan.Zero;
        if (wait > TimeSpan.Zero)
        {
            task.Due ??= task.Spec.NotBefore;
            task.Become(TaskState.Delayed, task.Reason);
            task.Timer = new TaskTimer(OnDue, task);
            host.Timers.Add(task.Timer, wait);
            return;
        }

        task.Due = null;
        SetRetrying(task, false);
        task.ReadySince = Time.GetTimestamp();
        task.Become(TaskState.Ready, "");
        queue.Add(task);
    }

    private void OnDue(SessionTask task)
    {
        lock (_gate)
        {
            if (task.State is not TaskState.Delayed || task.IsSettling) return;
            MakeReady(QueueOf(task.Session), task);
        }

        Pump(task.Session);
    }

    private void OnDeadline(SessionTask task)
    {
        if (!task.HasEnded) host.Own(host.Environment.Executor.RunAsync(() => EndAsync(task, TaskState.Failed, "deadline", $"It had not ended by {task.Spec.Deadline:u}.")));
    }
}
