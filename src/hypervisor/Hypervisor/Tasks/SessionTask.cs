using System.Collections.Immutable;
using Sirsi.Hypervisor.Sessions;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>Where a task is in its life.</summary>
public enum TaskState
{
    /// <summary>It waits for other tasks.</summary>
    Blocked,

    /// <summary>It waits for a time: its own, or the pause after a failed attempt.</summary>
    Delayed,

    /// <summary>It waits for an agent.</summary>
    Ready,

    /// <summary>An agent has it.</summary>
    Running,

    /// <summary>It is done.</summary>
    Succeeded,

    /// <summary>It failed for good: a dead letter, with all its errors.</summary>
    Failed,

    /// <summary>Somebody ended it.</summary>
    Cancelled,

    /// <summary>What it waited for did not succeed.</summary>
    Skipped,
}

/// <summary>A unit of scheduled work of a session. Thread-safe to read; what is read is as of that moment.</summary>
public sealed class SessionTask
{
    /// <summary>How many errors are kept; the oldest go.</summary>
    public const int ErrorsMax = 16;

    private TaskCompletionSource? _ended;
    private volatile TaskState _state;
    private ImmutableArray<TaskError> _errors = [];

    /// <summary>One that was just submitted.</summary>
    internal SessionTask(TaskId id, Session session, TaskSpec spec, ImmutableArray<TaskDependency> after, TaskId parent, long number)
        : this(id, session.Id, spec, after, parent, number) => Session = session;

    /// <summary>One that the journal tells of; it is in no session before <see cref="ComeBack"/>.</summary>
    internal SessionTask(TaskId id, SessionId session, TaskSpec spec, ImmutableArray<TaskDependency> after, TaskId parent, long number)
    {
        (Id, SessionId, Spec, After, Parent, Number) = (id, session, spec, after, parent, number);
    }

    /// <summary>Its name in the world.</summary>
    public TaskId Id { get; }

    /// <summary>Whose it is.</summary>
    public Session Session { get; private set; } = null!;

    /// <summary>What it is to do. After it has ended the payload is empty.</summary>
    public TaskSpec Spec { get; private set; }

    /// <summary>What it waits for, by id.</summary>
    public ImmutableArray<TaskDependency> After { get; }

    /// <summary>The task whose attempt submitted it; empty when none did.</summary>
    public TaskId Parent { get; }

    /// <summary>Where it is in its life.</summary>
    public TaskState State => _state;

    /// <summary>Whether it is over.</summary>
    public bool HasEnded => _state >= TaskState.Succeeded;

    /// <summary>The number of its last attempt; 0 before the first. Whoever acts for an attempt acts under this number, and what another says comes to nothing.</summary>
    public int Attempt { get; internal set; }

    /// <summary>The agent that has it, or had it last; empty before the first attempt.</summary>
    public AgentId Agent { get; internal set; }

    /// <summary>What came of it; empty unless it succeeded.</summary>
    public ReadOnlyMemory<byte> Result { get; internal set; }

    /// <summary>Why it is where it is, in words; empty when there is nothing to say.</summary>
    public string Reason { get; internal set; } = "";

    /// <summary>How far the attempt under way is, 0 to 1, as it said last.</summary>
    public double Progress { get; internal set; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; internal set; }

    /// <summary>When it is due, while it is <see cref="TaskState.Delayed"/>.</summary>
    public DateTimeOffset? Due { get; internal set; }

    /// <summary>The errors of its attempts, the oldest first; the last <see cref="ErrorsMax"/>.</summary>
    public ImmutableArray<TaskError> Errors => _errors;

    /// <summary>Waits until it has ended.</summary>
    /// <returns>True when it has; false when it had not in time.</returns>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        if (HasEnded) return true;
        TaskCompletionSource ended = Volatile.Read(ref _ended) ?? MakeEnded();
        // Who ends it looks for waiters after it has said so.
        if (HasEnded) return true;
        try
        {
            await ended.Task.WaitAsync(timeout, Session.Host.Environment.Time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return HasEnded;
        }
    }

    /// <summary>
    /// Ends it, and the tasks that it submitted, and those that these did, also when it has ended itself; turns of attempts under way are cancelled, and come to nothing. False when all of them have ended already, or
    /// are ending at this moment.
    /// </summary>
    /// <exception cref="HypervisorException">It could not be stored.</exception>
    public ValueTask<bool> CancelAsync(string reason) => Session.Host.Tasks.CancelAsync(this, reason);

    /// <summary>Has one that failed, was cancelled or skipped run again, from its first attempt. False when it is none of these, or what it waits for is no longer known.</summary>
    /// <exception cref="HypervisorException">It could not be stored.</exception>
    public ValueTask<bool> RetryAsync(string reason) => Session.Host.Tasks.RetryAsync(this, reason);

    internal SessionId SessionId { get; }

    /// <summary>Its place in the order of submission.</summary>
    internal long Number { get; }

    /// <summary>Its place among those of its session (<see cref="TaskBag"/>).</summary>
    internal int Place { get; set; }

    /// <summary>How many of <see cref="After"/> it still waits for.</summary>
    internal int Missing { get; set; }

    /// <summary>Who waits for it, and whether its end is enough for that one. Null when nobody does.</summary>
    internal List<(SessionTask Task, bool IsOnEnd)>? Dependents { get; set; }

    /// <summary>The tasks that it submitted, as far as they are known; null when there are none.</summary>
    internal HashSet<SessionTask>? Children { get; set; }

    /// <summary>Waits to be told of its end; null as a rule.</summary>
    internal List<TaskWait>? Waits { get; set; }

    /// <summary>The agent that goes on with what comes of it, so that it is not forgotten before; empty as a rule.</summary>
    internal AgentId AwaitedBy { get; set; }

    /// <summary>It pauses after an attempt that failed.</summary>
    internal bool IsRetrying { get; set; }

    /// <summary>A change of its state is on the way to the disk: no other can begin.</summary>
    internal bool IsSettling { get; set; }

    /// <summary>How many of its attempts failed, and how many were lost.</summary>
    internal int Failed { get; set; }

    internal int Lost { get; set; }

    /// <summary>When it became ready, for ageing.</summary>
    internal long ReadySince { get; set; }

    /// <summary>The attempt under way.</summary>
    internal TaskAttempt? Current { get; set; }

    /// <summary>What comes next by the clock: it is due, or its deadline passes.</summary>
    internal TaskTimer? Timer { get; set; }

    internal TaskTimer? DeadlineTimer { get; set; }

    /// <summary>Which queue it waits in; null while its constraints were not looked at.</summary>
    internal WorkClass? Class { get; set; }

    /// <summary>Steps of its attempts, which the next finds.</summary>
    internal List<Durability.StepImage>? Steps { get; set; }

    internal void Add(TaskError error) => _errors = (_errors.Length == ErrorsMax ? _errors.RemoveAt(0) : _errors).Add(error);

    /// <summary>It is back in its session, as the journal left it. What had not ended waits again, and an attempt that was under way ended with its process.</summary>
    internal void ComeBack(Session session, DateTimeOffset now)
    {
        Session = session;
        if (HasEnded) return;
        if (State is TaskState.Running)
        {
            Lost++;
            Add(new TaskError(Attempt, now, "lost", "Its process ended."));
        }

        Become(TaskState.Blocked, "");
    }

    internal void Become(TaskState state, string reason)
    {
        Reason = reason;
        _state = state;
        if (!HasEnded) return;
        if (state is TaskState.Succeeded && !Spec.Payload.IsEmpty) Spec = Spec with { Payload = default };
        if (Interlocked.Exchange(ref _ended, null) is { } ended)
            Session.Host.Environment.Executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), ended);
    }

    private TaskCompletionSource MakeEnded()
    {
        var made = new TaskCompletionSource();
        return Interlocked.CompareExchange(ref _ended, made, null) ?? made;
    }
}
