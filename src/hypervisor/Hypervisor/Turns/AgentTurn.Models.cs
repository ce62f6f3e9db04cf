using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.LanguageModels;

namespace Sirsi.Hypervisor.Turns;

/// <summary>Requests to language models.</summary>
public sealed partial class AgentTurn
{
    /// <summary>
    /// Asks a language model, with the capability <c>model.complete:MODEL</c>. It is a step (<see cref="StepAsync"/>): the most it can cost is set aside before it, and what it did cost is charged; of a durable agent the answer is stored, and a
    /// turn that runs again is given the same. One that was asked for when the power went is asked for again with the same key, and paid for again unless the provider knows keys. What else comes of it is a value too,
    /// see <see cref="ModelOutcome"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The request breaks rules; the message names every one.</exception>
    /// <exception cref="InvalidOperationException">The host has no language model.</exception>
    /// <exception cref="HypervisorException"><see cref="HypervisorErrors.BudgetExhausted"/>: the model was not asked.</exception>
    /// <exception cref="OperationCanceledException">The turn has taken as long as it may.</exception>
    public Task<ModelAnswer> CompleteAsync(ModelRequest request) => CompleteAsync(request, CancellationToken.None);

    internal async Task<ModelAnswer> CompleteAsync(ModelRequest request, CancellationToken over)
    {
        ThrowIfOver();
        ArgumentNullException.ThrowIfNull(request);
        string problems = string.Join(' ', request.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(request));
        AgentModels models = Host.Models ?? throw new InvalidOperationException("The host has no language model: see AgentHostOptions.Model.");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Cancellation, over);
        ModelCost most = models.Most(request) ?? default;
        var amounts = new BudgetAmounts { ModelTokens = most.Tokens, Money = most.Money };
        return ModelAnswer.Read(await TakeStepAsync(request.StepName, StepPolicy.SameKey, async call =>
        {
            ModelAnswer answer = await models.CompleteAsync(_agent, request, call.Key, either.Token);
            call.Used = answer.Used ?? amounts;
            return answer.ToStepResult();
        }, amounts, costsAgain: !models.HonoursKeys));
    }
}
