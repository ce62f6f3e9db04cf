using System.Runtime.InteropServices;
using System.Collections.Immutable;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Turns;

/// <summary>Tasks that a turn submits, and the one that it does.</summary>
public sealed partial class AgentTurn
{
    private List<SessionTask>? _tasks;

    /// <summary>Submits a task to the session, with the capability <c>task.submit:TYPE</c>: when the turn has ended well, together with its other effects.</summary>
    /// <returns>Its id, or that of the one that was submitted before under its <see cref="TaskSpec.IdempotencyKey"/>.</returns>
    /// <inheritdoc cref="Submit(ImmutableArray{TaskSpec})" path="/exception"/>
    public TaskId Submit(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Submit([spec])[0];
    }

    /// <summary>Submits tasks that may wait for each other (<see cref="TaskDependency.On(int)"/>), all or none.</summary>
    /// <returns>Their ids, in the order given.</returns>
    /// <exception cref="ArgumentException">Something breaks a rule; the message names every one.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.CapabilityRefused"/>, <see cref="HypervisorErrors.QuotaExceeded"/> or <see cref="HypervisorErrors.SessionClosed"/>.</exception>
    public ImmutableArray<TaskId> Submit(ImmutableArray<TaskSpec> specs)
    {
        ThrowIfOver();
        if (specs.IsDefault) throw new ArgumentException("There is nothing to submit.", nameof(specs));
        ThrowUnlessMaySubmit(specs);
        foreach (TaskSpec spec in specs)
        {
            ThrowIfTooMany();
            if (spec.IdempotencyKey is { } key && _tasks?.Exists(task => task.Spec.IdempotencyKey == key) is true)
                throw new ArgumentException($"This turn has submitted a task with the key '{key}' already.", nameof(specs));
        }

        ImmutableArray<SessionTask> tasks = Host.Tasks.Create(_agent.Session, specs, (_message!.Asker as TaskAttempt)?.Id ?? default);
        (_tasks ??= []).AddRange(tasks);
        _hasEffects = true;
        return [.. tasks.Select(static task => task.Id)];
    }

    private void ThrowUnlessMaySubmit(ImmutableArray<TaskSpec> specs)
    {
        foreach (TaskSpec spec in specs)
        {
            if (!_agent.May("task.submit", spec.Type))
                throw new HypervisorException(HypervisorErrors.CapabilityRefused, $"An agent of '{_agent.Type.Name}' may not submit '{spec.Type}': it has no capability task.submit:{spec.Type}.");
        }
    }

    /// <summary>Whether something about tasks is to be stored although the agent is not.</summary>
    internal bool HasTasks => Host.Ledger is not null && (_message!.Kind is MessageKind.Task || _tasks is { Count: > 0 });

    /// <summary>As <see cref="CommitAsync"/>, for a volatile agent: only what outlives it.</summary>
    internal ValueTask CommitTasksAsync()
    {
        FactWriter facts = WriteTasks();
        return facts.Length == 0 ? ValueTask.CompletedTask : Host.Ledger!.CommitAsync(facts.Written);
    }

    private FactWriter WriteTasks()
    {
        var facts = new FactWriter();
        WriteTasks(facts);
        ThrowIfTooLarge(facts);
        return facts;
    }

    private void WriteTasks(FactWriter facts)
    {
        foreach (SessionTask task in CollectionsMarshal.AsSpan(_tasks))
        {
            if (Host.Tasks.Find(task.Id) is null) TaskFacts.WriteSubmitted(facts, task);
        }

        if (_message!.Asker is TaskAttempt attempt) TaskFacts.WriteEnded(facts, attempt.Id, TaskState.Succeeded, null, attempt.Result, Now);
    }

    private void ReleaseTasks()
    {
        if (_tasks is not { Count: > 0 }) return;
        Host.Tasks.Add(_agent.Session, [.. _tasks]);
        _tasks.Clear();
    }

    private void GiveTasksUp()
    {
        if (_tasks is not { Count: > 0 }) return;
        Host.Tasks.GiveUp(_agent.Session, [.. _tasks]);
        _tasks.Clear();
    }
}
