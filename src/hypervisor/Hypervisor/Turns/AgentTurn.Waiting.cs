using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Turns;

/// <summary>Workflows: turns that have tasks done and go on with what came of them.</summary>
public sealed partial class AgentTurn
{
    private const string TasksStep = "tasks: ";

    /// <summary>Has a task done and goes on with what came of it; see <see cref="RunAsync(ImmutableArray{TaskSpec}, TaskQuorum, bool)"/>.</summary>
    /// <inheritdoc cref="RunAsync(ImmutableArray{TaskSpec}, TaskQuorum, bool)" path="/exception"/>
    public async ValueTask<TaskEnding> RunAsync(TaskSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (await RunAsync([spec]))[0];
    }

    /// <summary>
    /// Has tasks done by agents of the session, with the capability <c>task.submit:TYPE</c>, and goes on when so many have succeeded. It is a step (<see cref="StepAsync"/>): of a durable agent the tasks are submitted once, the turn is put aside
    /// until they have ended, without thread or memory, and runs again to here, also after a restart; the agent handles nothing else meanwhile. A volatile agent waits in its turn.
    /// </summary>
    /// <param name="specs">What is to be done. Their keys are the step's.</param>
    /// <param name="quorum">How many have to succeed; default all have to end.</param>
    /// <param name="cancelsRest">Whether those that have not ended by then are cancelled.</param>
    /// <returns>What came of each, in the order given.</returns>
    /// <exception cref="ArgumentException">Something breaks a rule; the message names every one.</exception>
    /// <exception cref="InvalidOperationException">The turn is an attempt of a task, the results together are longer than <see cref="StepResultBytesMax"/>, or the turn took another way than the one that stored its steps.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.CapabilityRefused"/>, <see cref="HypervisorErrors.QuotaExceeded"/> or <see cref="HypervisorErrors.SessionClosed"/>.</exception>
    public async ValueTask<ImmutableArray<TaskEnding>> RunAsync(ImmutableArray<TaskSpec> specs, TaskQuorum quorum = default, bool cancelsRest = false)
    {
        ThrowIfOver();
        AgentMessage message = _message!;
        if (message.Kind is MessageKind.Task) throw new InvalidOperationException("An attempt of a task does not wait for others: it submits them, and who submitted it waits for all.");
        if (specs.IsDefaultOrEmpty) throw new ArgumentException("There is nothing to run.", nameof(specs));
        ThrowUnlessMaySubmit(specs);
        int index = _stepCount++;
        string name = $"{TasksStep}{specs[0].DisplayName}{(specs.Length > 1 ? $" and {specs.Length - 1} more" : "")}";
        if (_agent.Durable is not null && StoredStep(message, index, name)?.Result is { } settled) return TaskEnding.Read(settled.Span);
        ImmutableArray<SessionTask> tasks = await SubmitOnceAsync(specs, KeyOf(Self, message.Number, index));
        if (!Host.Tasks.IsMet(tasks, quorum))
        {
            if (_agent.Durable is not null) throw new AwaitingTasksException(tasks, quorum);
            await WaitInTurnAsync(tasks, quorum);
        }

        ImmutableArray<TaskEnding> endings = TaskEnding.Of(tasks);
        if (_agent.Durable is not null) await StoreAsync(message, new StepImage(message.Number, index, name, Checked(TaskEnding.Write(endings))));
        Host.Tasks.Release(_agent.Session, Self);
        if (cancelsRest)
        {
            foreach (SessionTask task in tasks.Where(static task => !task.HasEnded)) await task.CancelAsync("The others were enough.");
        }

        return endings;
    }

    /// <summary>The tasks of a step: submitted by its first run, and found by all others.</summary>
    private async ValueTask<ImmutableArray<SessionTask>> SubmitOnceAsync(ImmutableArray<TaskSpec> specs, string key)
    {
        ImmutableArray<TaskSpec> keyed = [.. specs.Select((spec, place) => spec with { IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{key}.{place}") })];
        return await Host.Tasks.SubmitAsync(_agent.Session, keyed, awaitedBy: Self);
    }

    private async Task WaitInTurnAsync(ImmutableArray<SessionTask> tasks, TaskQuorum quorum)
    {
        var source = new TaskCompletionSource();
        Host.Tasks.Begin(new TaskWait(tasks, quorum, () => Host.Environment.Executor.Post(static source => ((TaskCompletionSource)source!).TrySetResult(), source)));
        await source.Task.WaitAsync(Cancellation);
    }
}

/// <summary>The turn is put aside until tasks have ended.</summary>
internal sealed class AwaitingTasksException(ImmutableArray<SessionTask> tasks, TaskQuorum quorum) : Exception("The turn waits for tasks.")
{
    public ImmutableArray<SessionTask> Tasks => tasks;

    public TaskQuorum Quorum => quorum;
}
