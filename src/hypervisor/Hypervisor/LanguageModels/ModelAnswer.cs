using System.Runtime.InteropServices;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Durability;

namespace Sirsi.Hypervisor.LanguageModels;

/// <summary>What came of a request to a language model.</summary>
public enum ModelOutcome
{
    /// <summary>The model answered.</summary>
    Completed,

    /// <summary>It was not asked: a capability is missing, there is no such model, the request is beyond a limit of the host, or the provider does not take it.</summary>
    Refused,

    /// <summary>The host or the provider takes no more requests now; the model was not asked.</summary>
    Busy,

    /// <summary>The provider cannot be reached; the model was not asked.</summary>
    Unreachable,

    /// <summary>It took longer than it may. It may have cost the most it could.</summary>
    TimedOut,

    /// <summary>The answer broke off or was none. It may have cost the most it could.</summary>
    Broken,

    /// <summary>The model answered with more than may be; the text is not there, what it cost is.</summary>
    TooLarge,
}

/// <summary>Why an answer ends where it does.</summary>
public enum ModelStop
{
    /// <summary>The model had no more to say.</summary>
    End,

    /// <summary>It had as many tokens as it was to have.</summary>
    OutputTokens,

    /// <summary>A text of <see cref="ModelRequest.Stop"/> would have come.</summary>
    StopText,

    /// <summary>The provider keeps the rest back.</summary>
    Filtered,
}

/// <summary>The answer of a language model, or why there is none.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Text">What the model said; empty unless it completed.</param>
/// <param name="Stop">Why it ends there.</param>
/// <param name="TokensIn">Tokens of the request, as the provider counted them.</param>
/// <param name="TokensOut">Tokens of the answer.</param>
/// <param name="Money">What it cost, in millionths of the currency of the host's budgets.</param>
/// <param name="Reason">Why there is no answer, a sentence for the user that holds nothing of a secret; empty when there is one.</param>
public sealed record ModelAnswer(ModelOutcome Outcome, string Text, ModelStop Stop, long TokensIn, long TokensOut, long Money, string Reason)
{
    /// <summary>The longest reason, in characters; more is cut.</summary>
    public const int ReasonLengthMax = 1_000;

    /// <summary>Whether there is an answer.</summary>
    public bool IsCompleted => Outcome is ModelOutcome.Completed;

    /// <summary>An answer.</summary>
    public static ModelAnswer Completed(string text, ModelStop stop, long tokensIn, long tokensOut, long money) => new(ModelOutcome.Completed, text, stop, tokensIn, tokensOut, money, "");

    /// <summary>None, and nothing that is known to have been used.</summary>
    public static ModelAnswer Without(ModelOutcome outcome, string reason) => new(outcome, "", ModelStop.End, 0, 0, 0, reason);

    /// <summary>The bytes a durable agent's journal keeps of it (<c>docs/agent-journal.md</c>): what a person who knows the answer gives to <see cref="Agents.Agent.SettleStepAsync"/>.</summary>
    public byte[] ToStepResult() => new FactWriter().Put((long)Outcome).Put(Text).Put((long)Stop).Put(TokensIn).Put(TokensOut).Put(Money).Put(Reason).Written.ToArray();

    /// <summary>What it is charged with; null when nobody knows.</summary>
    internal BudgetAmounts? Used => Outcome is ModelOutcome.TimedOut or ModelOutcome.Broken ? null : new BudgetAmounts { ModelTokens = TokensIn + TokensOut, Money = Money };

    /// <summary>Whether a provider may say so.</summary>
    internal bool IsSound =>
        Enum.IsDefined(Outcome) && Enum.IsDefined(Stop) && Text is not null && Reason is not null && TokensIn is >= 0 and <= TokensMax && TokensOut is >= 0 and <= TokensMax && Money >= 0;

    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static ModelAnswer Read(ReadOnlyMemory<byte> stored)
    {
        var facts = new FactReader(stored.Span);
        return new ModelAnswer((ModelOutcome)facts.Number(), facts.Text(), (ModelStop)facts.Number(), facts.Number(), facts.Number(), facts.Number(), facts.Text());
    }

    private const long TokensMax = 1L << 60;

    /// <summary>Outcome and counts; what was said is nobody's business.</summary>
    public override string ToString() => IsCompleted ? $"{Outcome}, {TokensIn} tokens in, {TokensOut} out" : $"{Outcome}: {Reason}";
}

/// <summary>What a host's requests to language models have come to so far.</summary>
/// <param name="Requests">That the provider was asked.</param>
/// <param name="Refused">Refused by host or provider.</param>
/// <param name="TokensIn">Tokens of requests.</param>
/// <param name="TokensOut">Tokens of answers.</param>
/// <param name="Money">What providers said they cost, in millionths.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ModelUse(long Requests, long Refused, long TokensIn, long TokensOut, long Money);
