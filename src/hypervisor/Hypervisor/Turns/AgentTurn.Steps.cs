using System.Globalization;
using Sirsi.Hypervisor.Approvals;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Tasks;

namespace Sirsi.Hypervisor.Turns;

/// <summary>
/// Steps: what a turn does to the outside, or takes from it. The intent of a step is stored before it and its result after, so a turn that runs again goes through the steps it has
/// settled without doing them. (Write-ahead intents with idempotency keys.)
/// </summary>
public sealed partial class AgentTurn
{
    /// <summary>The longest name of a step, in characters.</summary>
    public const int StepNameLengthMax = 128;

    /// <summary>The longest result of a step, in bytes.</summary>
    public const int StepResultBytesMax = 1 << 20;

    private int _stepCount;

    /// <summary>
    /// Does something outside of the agent, once as far as the world allows. A turn of a durable agent that runs again, after a failure or a restart, must come to the same steps in
    /// the same order; what it decides by is the message, its variables and the results of earlier steps. A volatile agent's steps are not stored.
    /// </summary>
    /// <param name="name">What the step is called, for people and to notice a turn that takes another way.</param>
    /// <param name="policy">What becomes of it when its outcome was not stored.</param>
    /// <param name="effect">Does it and gives its result. What it throws fails the turn.</param>
    /// <param name="most">
    /// The most it may use of the agent's budget beside the one call that it is: set aside before it, and charged after it with what <see cref="StepCall.Used"/> says. While nobody knows what came of it, it stays set aside; when nobody will, it
    /// counts as used.
    /// </param>
    /// <returns>The result, from this run of the turn or from an earlier one.</returns>
    /// <exception cref="InvalidOperationException">The turn took another way than the one that stored its steps.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>: nothing was done.</exception>
    public ValueTask<ReadOnlyMemory<byte>> StepAsync(
        string name, StepPolicy policy, Func<StepCall, ValueTask<ReadOnlyMemory<byte>>> effect, BudgetAmounts most = default) => TakeStepAsync(name, policy, effect, most, costsAgain: false);

    /// <summary>The same; when it costs again, each time it is asked for is paid for, also when nobody knows what came of it.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> TakeStepAsync(
        string name, StepPolicy policy, Func<StepCall, ValueTask<ReadOnlyMemory<byte>>> effect, BudgetAmounts most, bool costsAgain)
    {
        ThrowIfOver();
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(effect);
        if (name.Length > StepNameLengthMax) throw new ArgumentException($"A step's name is at most {StepNameLengthMax} characters.", nameof(name));
        int index = _stepCount++;
        AgentMessage message = _message!;
        var attempt = message.Asker as TaskAttempt;
        var call = new StepCall(attempt is null ? KeyOf(Self, message.Number, index) : KeyOf(attempt.Id, index), Cancellation);
        bool isDurable = _agent.Durable is not null || (attempt is not null && Host.Ledger is not null);
        StepImage? stored = isDurable ? StoredStep(message, index, name) : null;
        if (stored?.Result is { } settled) return settled;
        if (stored is not null && policy is StepPolicy.AskPerson) throw new OutcomeUnknownException(new UnknownStep(message.Number, index, name, call.Key));
        if (costsAgain && _agent.Durable?.SettleUnknown(index) is true)
        {
            _hasSpent = true;
            await StoreAsync(message, new StepImage(message.Number, index, name, null));
        }

        // What nobody knows of an attempt of a task counts as used: the next may be another agent's.
        BudgetReservation reservation = (attempt is null ? TakeUnsettled(index) : null) ?? Reserve(most);
        ReadOnlyMemory<byte> result;
        bool isDone = false;
        try
        {
            if (isDurable && (stored is null || costsAgain) && policy is not StepPolicy.Repeat)
                await StoreAsync(message, new StepImage(message.Number, index, name, null) { SetAside = SetAside(most) });
            result = Checked(await effect(call));
            isDone = true;
        }
        finally
        {
            if (isDone || call.Used is not null) Settle(reservation, call.Used ?? most);
            else if (policy is StepPolicy.Repeat) Settle(reservation, default);
            else if (isDurable && attempt is null) Keep(index, reservation, most);
            else Settle(reservation, most);
        }

        if (isDurable) await StoreAsync(message, new StepImage(message.Number, index, name, result));
        return result;
    }

    private static string KeyOf(TaskId task, int index) => string.Create(CultureInfo.InvariantCulture, $"{task}.{index}");

    internal static string KeyOf(AgentId agent, long message, int index) => string.Create(CultureInfo.InvariantCulture, $"{agent}.{message}.{index}");

    private StepImage? StoredStep(AgentMessage message, int index, string name)
    {
        StepImage? stored = message.Asker is TaskAttempt attempt
            ? attempt.Task.Steps?.Find(step => step.Index == index)
            : _agent.Durable!.Steps.Find(step => step.Message == message.Number && step.Index == index);
        return stored is null || stored.Name == name ? stored : throw new InvalidOperationException(
            $"Step {index} of this turn was '{stored.Name}' when it was stored and is '{name}' now: a turn that runs again takes the same steps.");
    }

    private async ValueTask StoreAsync(AgentMessage message, StepImage step, ApprovalRequest? approval = null)
    {
        var facts = new FactWriter();
        if (message.Asker is TaskAttempt attempt)
        {
            TaskFacts.WriteStep(facts, attempt.Id, step);
            WriteSpent(facts);
            await Host.Ledger!.CommitAsync(facts.Written);
            List<StepImage> taken = attempt.Task.Steps ??= [];
            taken.RemoveAll(other => other.Index == step.Index);
            taken.Add(step);
            return;
        }

        List<StepImage> steps = _agent.Durable!.Steps;
        // A step is a step of a message: one that came from a volatile sender is stored with the first.
        if (!message.IsStored) _agent.Write(facts, message);
        step.Write(facts, Self);
        if (approval is not null) new ApprovalImage(approval).Write(facts);
        WriteSpent(facts);
        await Host.Ledger!.CommitAsync(facts.Written);
        int place = steps.FindIndex(other => other.Message == step.Message && other.Index == step.Index);
        if (place < 0) steps.Add(step);
        else steps[place] = step;
    }

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> result) => result.Length <= StepResultBytesMax
        ? result
        : throw new InvalidOperationException($"A step's result is at most {StepResultBytesMax} bytes; this one has {result.Length}.");
}

/// <summary>The turn cannot go on before a person has said what came of a step.</summary>
internal sealed class OutcomeUnknownException(UnknownStep step) : Exception($"Nobody knows what came of the step '{step.Name}' ({step.Key}).")
{
    public UnknownStep Step => step;
}
