using System.Runtime.InteropServices;

namespace Sirsi.Hypervisor.LanguageModels;

/// <summary>
/// Where completions come from: a provider of one or many language models. The host asks it for agents that may, within their budgets. Safe for any number of threads; time, chance and the way out are its own, so it takes
/// them from the host's environment. What it is configured with, keys above all, never reaches an answer or an exception.
/// </summary>
public interface ILanguageModel
{
    /// <summary>
    /// The most that a request can cost, which is set aside before it is made: prompt and all tokens it may answer with, rounded up where it is an estimate. Null when there is no model of that name. Quick, and the same
    /// for the same request.
    /// </summary>
    ModelCost? Most(ModelRequest request);

    /// <summary>Whether a request that comes again with its key is answered from the first time and costs nothing more; default false: it is paid for each time it is asked.</summary>
    bool HonoursKeys => false;

    /// <summary>Asks for a completion. What comes of it is a value; an exception counts as <see cref="ModelOutcome.Broken"/>, and its text goes nowhere.</summary>
    /// <param name="request">A valid one, for a model that <see cref="Most"/> knows.</param>
    /// <param name="key">The same whenever this very request is made again, and for no other.</param>
    /// <param name="cancellation">Called for when the time is up or the turn is over; the answer is not waited for any more.</param>
    Task<ModelAnswer> CompleteAsync(ModelRequest request, string key, CancellationToken cancellation);
}

/// <summary>What a request costs.</summary>
/// <param name="Tokens">In and out.</param>
/// <param name="Money">In millionths of the currency of the host's budgets.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ModelCost(long Tokens, long Money);
