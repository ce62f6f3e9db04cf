using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Http;

namespace Sirsi.Hypervisor.Turns;

/// <summary>Requests to servers.</summary>
public sealed partial class AgentTurn
{
    /// <summary>
    /// Makes an HTTP request, with the capability <c>net.http:HOST[:PORT]</c> for its host and those it is redirected to, and <c>secret.use:NAME</c> for the secrets it refers to. It is a step
    /// (<see cref="StepAsync"/>), charged with the bytes of its body: of a durable agent the answer is stored, and what is not repeated (<see cref="HttpRequest.Policy"/>) has the step's key as its header <c>Idempotency-Key</c>. What else
    /// comes of it is a value too, see <see cref="HttpOutcome"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The request breaks rules; the message names every one.</exception>
    /// <exception cref="HypervisorException">
    /// <see cref="HypervisorErrors.HttpOutcomeUnknown"/>: of a durable agent, and not to be repeated; leave it alone, so that the turn runs again and asks with the same key.
    /// <see cref="HypervisorErrors.BudgetExhausted"/>: nothing was sent. Or the store of secrets failed.
    /// </exception>
    /// <exception cref="OperationCanceledException">The turn has taken as long as it may.</exception>
    public Task<HttpAnswer> HttpAsync(HttpRequest request) => HttpAsync(request, needsAnswer: false, CancellationToken.None);

    /// <summary>The same; no answer can be a failure of the turn, which is not stored.</summary>
    internal async Task<HttpAnswer> HttpAsync(HttpRequest request, bool needsAnswer, CancellationToken over)
    {
        ThrowIfOver();
        ArgumentNullException.ThrowIfNull(request);
        string problems = string.Join(' ', request.Problems());
        if (problems.Length > 0) throw new ArgumentException(problems, nameof(request));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Cancellation, over);
        StepPolicy policy = request.StepPolicy;
        var most = new BudgetAmounts { BytesSent = request.Body?.Length ?? 0 };
        return HttpAnswer.Read(await StepAsync(request.StepName, policy, async call =>
        {
            HttpAnswer answer = await Host.Http.SendAsync(_agent, request, policy is StepPolicy.Repeat ? null : call.Key, either.Token);
            if (answer.Outcome is HttpOutcome.Refused or HttpOutcome.Busy or HttpOutcome.Unreachable) call.Used = default(BudgetAmounts);
            if (_agent.Durable is not null && policy is not StepPolicy.Repeat && answer.Outcome is HttpOutcome.TimedOut or HttpOutcome.Broken)
                throw new HypervisorException(HypervisorErrors.HttpOutcomeUnknown, $"{answer.Reason} Nobody knows whether the server has acted.");
            return Fitted(Settled(answer, needsAnswer));
        }, most));
    }

    private static HttpAnswer Settled(HttpAnswer answer, bool needsAnswer) =>
        !needsAnswer || answer.Outcome is HttpOutcome.Answered ? answer : throw new InvalidOperationException(answer.Reason);

    private static byte[] Fitted(HttpAnswer answer)
    {
        byte[] result = answer.ToStepResult();
        return result.Length <= StepResultBytesMax
            ? result
            : (answer with { Outcome = HttpOutcome.TooLarge, Body = default, Reason = $"The answer and its headers are longer than {StepResultBytesMax} bytes, which a step may have." }).ToStepResult();
    }
}
