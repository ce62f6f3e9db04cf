using System.Collections.Immutable;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>What the journal says of one task.</summary>
internal sealed class TaskImage(TaskId id, SessionId session, TaskId parent, long number, TaskSpec spec, ImmutableArray<TaskDependency> after)
{
    public TaskId Id => id;

    public SessionId Session => session;

    public TaskId Parent => parent;

    public long Number => number;

    public TaskSpec Spec { get; set; } = spec;

    public ImmutableArray<TaskDependency> After => after;

    /// <summary>Blocked, running, or how it ended. What is blocked may be ready by now.</summary>
    public TaskState State { get; set; }

    public int Attempt { get; set; }

    public AgentId Agent { get; set; }

    public int Failed { get; set; }

    public int Lost { get; set; }

    public DateTimeOffset? Due { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public ReadOnlyMemory<byte> Result { get; set; }

    public string Reason { get; set; } = "";

    public List<TaskError>? Errors { get; private set; }

    public List<StepImage>? Steps { get; private set; }

    public static void WriteSubmitted(FactWriter facts, SessionTask task) =>
        WriteFields(facts.Fact(FactKind.TaskSubmitted, task.Id), task.Session.Id, task.Parent, task.Number, task.Spec, task.After);

    /// <summary>As one of a submission that counts when its end is stored as well.</summary>
    public static void WriteSubmitting(FactWriter facts, long submission, SessionTask task) =>
        WriteFields(facts.Fact(FactKind.TaskSubmitting, task.Id).Put(submission), task.Session.Id, task.Parent, task.Number, task.Spec, task.After);

    public static FactWriter WriteSubmissionEnded(FactWriter facts, long submission, bool isWhole) => facts.Fact(FactKind.SubmissionEnded).Put(submission).Put(isWhole ? 1L : 0L);

    public static void WriteEnded(FactWriter facts, TaskId id, TaskState state, TaskError? error, ReadOnlyMemory<byte> result, DateTimeOffset at)
    {
        facts.Fact(FactKind.TaskEnded, id).Put((long)state).Put(at).Put(result.Span);
        Put(facts, error);
    }

    public static void WriteRetried(FactWriter facts, TaskId id, TaskError error, DateTimeOffset due) => Put(facts.Fact(FactKind.TaskRetried, id).Put(due), error);

    public static FactWriter WriteReset(FactWriter facts, TaskId id) => facts.Fact(FactKind.TaskReset, id);

    public static void WriteForgotten(FactWriter facts, TaskId id) => facts.Fact(FactKind.TaskForgotten, id);

    public static void WriteStep(FactWriter facts, TaskId id, StepImage step)
    {
        facts.Fact(FactKind.TaskStep, id).Put((long)step.Index).Put(step.Name).Put(step.Result is null ? 0L : 1L);
        facts.Put(step.Result is { } result ? result.Span : default);
    }

    /// <summary>A spec without what it waits for.</summary>
    public static void WriteSpec(FactWriter facts, TaskSpec spec)
    {
        facts.Put(spec.Type).Put(spec.Payload.Span)
            .Put(spec.Name ?? "").Put((long)spec.Priority).Put(spec.AfterAny ? 1L : 0L).Put((long)spec.WhenDependencyFails).Put(spec.AgentType ?? "");
        Put(facts, spec.Labels);
        facts.Put(spec.Capability ?? "").Put(spec.Agent.Value).Put(spec.NotBefore ?? default).Put(spec.Deadline ?? default).Put(spec.Timeout).Put(spec.Heartbeat ?? default);
        TaskRetry retry = spec.Retry;
        facts.Put((long)retry.AttemptsMax).Put((long)retry.LossesMax).Put(retry.PauseMin).Put(retry.PauseMax).Put(BitConverter.DoubleToUInt64Bits(retry.Jitter));
        Put(facts, retry.Kinds);
        facts.Put(spec.ConcurrencyKey ?? "").Put(spec.IdempotencyKey ?? "");
        Put(facts, spec.Tags);
    }

    /// <summary>All of it as facts.</summary>
    public void Write(FactWriter facts)
    {
        WriteFields(facts.Fact(FactKind.TaskSubmitted, id), session, parent, number, Spec, after);
        facts.Fact(FactKind.TaskKept, id).Put((long)State).Put((long)Attempt).Put(Agent.Value).Put((long)Failed).Put((long)Lost)
            .Put(Due ?? default).Put(EndedAt ?? default).Put(Reason).Put(Result.Span).Put((long)(Errors?.Count ?? 0));
        foreach (TaskError error in Errors ?? []) Put(facts, error);
        foreach (StepImage step in Steps ?? []) WriteStep(facts, id, step);
    }

    /// <inheritdoc cref="WriteSubmitting(FactWriter, long, SessionTask)"/>
    public void WriteSubmitting(FactWriter facts, long submission) => WriteFields(facts.Fact(FactKind.TaskSubmitting, id).Put(submission), session, parent, number, Spec, after);

    /// <summary>Reads what <see cref="WriteSubmitted"/> wrote, behind the id.</summary>
    public static TaskImage ReadSubmitted(TaskId id, TextCache known, ref FactReader facts)
    {
        SessionId session = facts.Id<SessionKind>();
        TaskId parent = facts.Id<TaskKind>();
        long number = facts.Number();
        TaskSpec spec = ReadSpec(known, ref facts);
        long left = facts.Number();
        if (left == 0) return new TaskImage(id, session, parent, number, spec, []);
        var after = ImmutableArray.CreateBuilder<TaskDependency>();
        for (; left > 0; left--)
            after.Add(TaskDependency.On(facts.Id<TaskKind>()) with { IsOnEnd = facts.Number() != 0 });
        return new TaskImage(id, session, parent, number, spec, after.DrainToImmutable());
    }

    /// <summary>Reads what <see cref="WriteSpec"/> wrote.</summary>
    public static TaskSpec ReadSpec(TextCache known, ref FactReader facts)
    {
        string type = facts.Text(known);
        ReadOnlyMemory<byte> payload = facts.Bytes().ToArray();
        return new TaskSpec(type, payload)
        {
            Name = Optional(facts.Text(known)),
            Priority = (TaskPriority)facts.Number(),
            AfterAny = facts.Number() != 0,
            WhenDependencyFails = (WhenDependencyFails)facts.Number(),
            AgentType = Optional(facts.Text(known)),
            Labels = Texts(ref facts, known),
            Capability = Optional(facts.Text(known)),
            Agent = facts.Id<AgentKind>(),
            NotBefore = Optional(facts.Instant()),
            Deadline = Optional(facts.Instant()),
            Timeout = facts.Span(),
            Heartbeat = facts.Span() is { Ticks: > 0 } silence ? silence : null,
            Retry = ReadRetry(ref facts, known),
            ConcurrencyKey = Optional(facts.Text(known)),
            IdempotencyKey = Optional(facts.Text()),
            Tags = Texts(ref facts, known),
        };
    }

    /// <summary>Applies what happened to it.</summary>
    public void Apply(FactKind kind, ref FactReader facts)
    {
        switch (kind)
        {
            case FactKind.TaskBegun:
                // One that began again without an end was lost.
                if (State is TaskState.Running) Lost++;
                (State, Attempt, Agent, Due) = (TaskState.Running, (int)facts.Number(), facts.Id<AgentKind>(), null);
                break;
            case FactKind.TaskRetried:
                (State, Due) = (TaskState.Blocked, facts.Instant());
                Failed++;
                Add(ReadError(ref facts));
                break;
            case FactKind.TaskEnded:
                (State, EndedAt, Result) = ((TaskState)facts.Number(), facts.Instant(), facts.Bytes().ToArray());
                if (ReadError(ref facts) is { } error) (Reason, _) = (error.Text, Add(error));
                Steps = null;
                if (State is TaskState.Succeeded) Spec = Spec with { Payload = default };
                break;
            case FactKind.TaskReset:
                (State, Failed, Lost, Due, EndedAt) = (TaskState.Blocked, 0, 0, null, null);
                break;
            case FactKind.TaskStep:
                ApplyStep(ref facts);
                break;
            default:
                ApplyKept(ref facts);
                break;
        }
    }

    private static TaskRetry ReadRetry(ref FactReader facts, TextCache known)
    {
        (int attempts, int losses, TimeSpan shortest, TimeSpan longest) = ((int)facts.Number(), (int)facts.Number(), facts.Span(), facts.Span());
        double jitter = BitConverter.UInt64BitsToDouble(facts.Word());
        ImmutableArray<string> kinds = Texts(ref facts, known);
        TaskRetry usual = TaskRetry.Default;
        return attempts == usual.AttemptsMax && losses == usual.LossesMax && shortest == usual.PauseMin && longest == usual.PauseMax && jitter.Equals(usual.Jitter) && kinds.IsEmpty
            ? usual
            : new TaskRetry { AttemptsMax = attempts, LossesMax = losses, PauseMin = shortest, PauseMax = longest, Jitter = jitter, Kinds = kinds };
    }

    private void ApplyStep(ref FactReader facts)
    {
        int index = (int)facts.Number();
        string name = facts.Text();
        bool isSettled = facts.Number() != 0;
        ReadOnlyMemory<byte> result = facts.Bytes().ToArray();
        Steps ??= [];
        Steps.RemoveAll(step => step.Index == index);
        Steps.Add(new StepImage(0, index, name, isSettled ? result : (ReadOnlyMemory<byte>?)null));
    }

    private void ApplyKept(ref FactReader facts)
    {
        (State, Attempt, Agent, Failed, Lost) = ((TaskState)facts.Number(), (int)facts.Number(), facts.Id<AgentKind>(), (int)facts.Number(), (int)facts.Number());
        (Due, EndedAt, Reason, Result) = (Optional(facts.Instant()), Optional(facts.Instant()), facts.Text(), facts.Bytes().ToArray());
        for (long left = facts.Number(); left > 0; left--)
            if (ReadError(ref facts) is { } error) (Errors ??= []).Add(error);
    }

    private bool Add(TaskError? error)
    {
        if (error is null) return false;
        Errors ??= [];
        if (Errors.Count == SessionTask.ErrorsMax) Errors.RemoveAt(0);
        Errors.Add(error);
        return true;
    }

    private static void WriteFields(FactWriter facts, SessionId session, TaskId parent, long number, TaskSpec spec, ImmutableArray<TaskDependency> after)
    {
        facts.Put(session.Value).Put(parent.Value).Put(number);
        WriteSpec(facts, spec);
        facts.Put((long)after.Length);
        foreach (TaskDependency dependency in after) facts.Put(dependency.Task.Value).Put(dependency.IsOnEnd ? 1L : 0L);
    }

    private static void Put(FactWriter facts, TaskError? error)
    {
        if (error is null) facts.Put(-1L);
        else facts.Put((long)error.Attempt).Put(error.At).Put(error.Kind).Put(error.Text);
    }

    private static TaskError? ReadError(ref FactReader facts)
    {
        long attempt = facts.Number();
        return attempt < 0 ? null : new TaskError((int)attempt, facts.Instant(), facts.Text(), facts.Text());
    }

    private static void Put(FactWriter facts, ImmutableArray<string> texts)
    {
        facts.Put((long)texts.Length);
        foreach (string text in texts) facts.Put(text);
    }

    private static ImmutableArray<string> Texts(ref FactReader facts, TextCache known)
    {
        long count = facts.Number();
        if (count == 0) return [];
        var texts = ImmutableArray.CreateBuilder<string>();
        for (; count > 0; count--) texts.Add(facts.Text(known));
        return texts.DrainToImmutable();
    }

    private static string? Optional(string text) => text.Length == 0 ? null : text;

    private static DateTimeOffset? Optional(DateTimeOffset instant) => instant.Ticks == 0 ? null : instant;
}
