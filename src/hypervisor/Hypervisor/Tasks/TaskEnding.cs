using System.Collections.Immutable;

namespace Sirsi.Hypervisor.Tasks;

/// <summary>What came of a task that a turn waited for.</summary>
/// <param name="Id">The task.</param>
/// <param name="State">Where it was when the wait ended; not ended when the others were enough.</param>
/// <param name="Result">What came of it; empty unless it succeeded.</param>
/// <param name="Reason">Why it did not; empty when there is nothing to say.</param>
public sealed record TaskEnding(TaskId Id, TaskState State, ReadOnlyMemory<byte> Result, string Reason)
{
    /// <summary>Whether it is done.</summary>
    public bool HasSucceeded => State is TaskState.Succeeded;

    internal static ImmutableArray<TaskEnding> Of(ImmutableArray<SessionTask> tasks) => [.. tasks.Select(static task => new TaskEnding(task.Id, task.State, task.Result, task.Reason))];

    internal static ReadOnlyMemory<byte> Write(ImmutableArray<TaskEnding> endings)
    {
        var facts = new Durability.FactWriter();
        facts.Put((long)endings.Length);
        foreach (TaskEnding ending in endings) facts.Put(ending.Id.Value).Put((long)ending.State).Put(ending.Result.Span).Put(ending.Reason);
        return facts.Written;
    }

    internal static ImmutableArray<TaskEnding> Read(ReadOnlySpan<byte> bytes)
    {
        var facts = new Durability.FactReader(bytes);
        var endings = ImmutableArray.CreateBuilder<TaskEnding>();
        for (long left = facts.Number(); left > 0; left--)
            endings.Add(new TaskEnding(facts.Id<Core.Identity.TaskKind>(), (TaskState)facts.Number(), facts.Bytes().ToArray(), facts.Text()));
        return endings.DrainToImmutable();
    }
}

/// <summary>How many of several tasks have to succeed for a wait to end. It ends too when they cannot any more.</summary>
public readonly record struct TaskQuorum
{
    private TaskQuorum(int needed) => Needed = needed;

    /// <summary>Until all have ended, however: fan-out and fan-in. The default.</summary>
    public static TaskQuorum All => default;

    /// <summary>Until one has succeeded: a race.</summary>
    public static TaskQuorum Any => new(1);

    /// <summary>How many; 0 for all.</summary>
    public int Needed { get; }

    /// <summary>Until so many have succeeded.</summary>
    public static TaskQuorum Of(int needed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(needed);
        return new TaskQuorum(needed);
    }

    internal bool IsMet(int total, int ended, int succeeded) => ended == total || (Needed > 0 && (succeeded >= Needed || total - ended + succeeded < Needed));
}

/// <summary>Somebody waits for several tasks. Told of each end under the dispatcher's lock; calls back once.</summary>
internal sealed class TaskWait(ImmutableArray<SessionTask> tasks, TaskQuorum quorum, Action met)
{
    private int _ended;
    private int _succeeded;
    private bool _isMet;

    public ImmutableArray<SessionTask> Tasks => tasks;

    /// <summary>One of them has ended.</summary>
    public void Note(SessionTask task)
    {
        _ended++;
        if (task.State is TaskState.Succeeded) _succeeded++;
        if (_isMet || !quorum.IsMet(tasks.Length, _ended, _succeeded)) return;
        _isMet = true;
        met();
    }
}
