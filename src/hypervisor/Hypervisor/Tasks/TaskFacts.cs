using System.Collections.Immutable;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>Tasks as the journal keeps them.</summary>
internal static class TaskFacts
{
    public static void WriteSubmitted(FactWriter facts, SessionTask task) => WriteTask(facts.Fact(FactKind.TaskSubmitted, task.Id), task);

    /// <summary>As one of a submission that counts when its end is stored as well.</summary>
    public static void WriteSubmitting(FactWriter facts, long submission, SessionTask task) => WriteTask(facts.Fact(FactKind.TaskSubmitting, task.Id).Put(submission), task);

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

    /// <summary>All of it, as far as it is stored.</summary>
    public static void WriteKept(FactWriter facts, SessionTask task)
    {
        WriteSubmitted(facts, task);
        facts.Fact(FactKind.TaskKept, task.Id).Put((long)task.State).Put((long)task.Attempt).Put(task.Agent.Value).Put((long)task.Failed).Put((long)task.Lost)
            .Put(task.Due ?? default).Put(task.EndedAt ?? default).Put(task.Reason).Put(task.Result.Span).Put((long)task.Errors.Length);
        foreach (TaskError error in task.Errors) Put(facts, error);
        foreach (StepImage step in task.Steps ?? []) WriteStep(facts, task.Id, step);
    }

    /// <summary>Reads what <see cref="WriteSubmitted"/> wrote, behind the id. Its session is set when that is there.</summary>
    public static SessionTask ReadSubmitted(TaskId id, SpecReader specs, ref FactReader facts)
    {
        SessionId session = facts.Id<SessionKind>();
        TaskId parent = facts.Id<TaskKind>();
        long number = facts.Number();
        TaskSpec spec = specs.Read(ref facts);
        long left = facts.Number();
        if (left == 0) return new SessionTask(id, session, spec, [], parent, number);
        var after = ImmutableArray.CreateBuilder<TaskDependency>();
        for (; left > 0; left--)
            after.Add(TaskDependency.On(facts.Id<TaskKind>()) with { IsOnEnd = facts.Number() != 0 });
        return new SessionTask(id, session, spec, after.DrainToImmutable(), parent, number);
    }

    /// <summary>Applies what happened to a task.</summary>
    public static void Apply(SessionTask task, FactKind kind, ref FactReader facts)
    {
        switch (kind)
        {
            case FactKind.TaskBegun:
                // One that began again without an end was lost.
                if (task.State is TaskState.Running) task.Lost++;
                task.Become(TaskState.Running, "");
                (task.Attempt, task.Agent, task.Due) = ((int)facts.Number(), facts.Id<AgentKind>(), null);
                break;
            case FactKind.TaskRetried:
                task.Become(TaskState.Blocked, "");
                task.Due = facts.Instant();
                task.Failed++;
                if (ReadError(ref facts) is { } why) task.Add(why);
                break;
            case FactKind.TaskEnded:
                ApplyEnded(task, ref facts);
                break;
            case FactKind.TaskReset:
                task.Become(TaskState.Blocked, "");
                (task.Failed, task.Lost, task.Due, task.EndedAt) = (0, 0, null, null);
                break;
            case FactKind.TaskStep:
                ApplyStep(task, ref facts);
                break;
            default:
                ApplyKept(task, ref facts);
                break;
        }
    }

    private static void ApplyEnded(SessionTask task, ref FactReader facts)
    {
        var state = (TaskState)facts.Number();
        (task.EndedAt, task.Result, task.Steps) = (facts.Instant(), facts.Bytes().ToArray(), null);
        TaskError? error = ReadError(ref facts);
        if (error is not null) task.Add(error);
        task.Become(state, error?.Text ?? "");
    }

    private static void ApplyStep(SessionTask task, ref FactReader facts)
    {
        int index = (int)facts.Number();
        string name = facts.Text();
        bool isSettled = facts.Number() != 0;
        ReadOnlyMemory<byte> result = facts.Bytes().ToArray();
        task.Steps ??= [];
        task.Steps.RemoveAll(step => step.Index == index);
        task.Steps.Add(new StepImage(0, index, name, isSettled ? result : (ReadOnlyMemory<byte>?)null));
    }

    private static void ApplyKept(SessionTask task, ref FactReader facts)
    {
        var state = (TaskState)facts.Number();
        (task.Attempt, task.Agent, task.Failed, task.Lost) = ((int)facts.Number(), facts.Id<AgentKind>(), (int)facts.Number(), (int)facts.Number());
        (task.Due, task.EndedAt, string reason, task.Result) = (Optional(facts.Instant()), Optional(facts.Instant()), facts.Text(), Copy(facts.Bytes()));
        for (long left = facts.Number(); left > 0; left--)
            if (ReadError(ref facts) is { } error) task.Add(error);
        task.Become(state, reason);
    }

    private static void WriteTask(FactWriter facts, SessionTask task)
    {
        facts.Put(task.SessionId.Value).Put(task.Parent.Value).Put(task.Number);
        SpecReader.Write(facts, task.Spec);
        facts.Put((long)task.After.Length);
        foreach (TaskDependency dependency in task.After) facts.Put(dependency.Task.Value).Put(dependency.IsOnEnd ? 1L : 0L);
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

    private static ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? default : bytes.ToArray();

    private static DateTimeOffset? Optional(DateTimeOffset instant) => instant.Ticks == 0 ? null : instant;
}
