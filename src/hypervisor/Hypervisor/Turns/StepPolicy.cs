using Sirsi.Hypervisor.Budgets;

namespace Sirsi.Hypervisor.Turns;

/// <summary>What becomes of a step that was begun and whose outcome nobody stored, because the process ended or the step failed.</summary>
public enum StepPolicy
{
    /// <summary>It changes nothing outside: it is done again. Nothing is stored before it, so it costs one write less.</summary>
    Repeat,

    /// <summary>It is asked for again with the same idempotency key; whoever carries it out does it once.</summary>
    SameKey,

    /// <summary>
    /// It is not asked for again by itself: the agent rests with the outcome unknown until a person says what came of it (<see cref="Agents.Agent.SettleStepAsync"/>) or that it
    /// is to be asked for again (<see cref="Agents.Agent.RepeatStepAsync"/>).
    /// </summary>
    AskPerson,
}

/// <summary>A step as the code that carries it out sees it.</summary>
/// <param name="Key">
/// Names the effect in the world: the same whenever this very step is asked for again, and for no other step. Hand it on as an idempotency key.
/// </param>
/// <param name="Cancellation">Called for when the turn has taken as long as it may.</param>
public sealed record StepCall(string Key, CancellationToken Cancellation)
{
    /// <summary>
    /// What it used of the agent's budget, the one call that it is not counted. When it is not said, a step that ended well used the most that was asked for it.
    /// </summary>
    public BudgetAmounts? Used { get; set; }
}

/// <summary>A step whose outcome nobody knows.</summary>
/// <param name="Message">The number of the message whose turn it belongs to.</param>
/// <param name="Index">Which step of the turn, from 0.</param>
/// <param name="Name">What the turn calls it.</param>
/// <param name="Key">Its idempotency key.</param>
public sealed record UnknownStep(long Message, int Index, string Name, string Key);
