namespace Sirsi.Hypervisor.LanguageModels;

/// <summary>How a host asks language models for its agents. Immutable.</summary>
public sealed record ModelOptions
{
    /// <summary>How long a request may take in all, waiting for its place included; default 2 min.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many requests are under way at once in the whole host; more wait within their time; default 64.</summary>
    public int RequestsMax { get; init; } = 64;

    /// <summary>How many requests wait for one of those to end; default 10,000.</summary>
    public int WaitingMax { get; init; } = 10_000;

    /// <summary>The longest request, all its texts together, in characters; default 1 Mi.</summary>
    public int RequestCharactersMax { get; init; } = 1 << 20;

    /// <summary>The longest answer, in characters; default and at most 256 Ki: it is bounded by <see cref="Turns.AgentTurn.StepResultBytesMax"/>.</summary>
    public int AnswerCharactersMax { get; init; } = AnswerCharactersLimit;

    /// <summary>The most tokens an answer may be asked to have; default 64 Ki.</summary>
    public int OutputTokensMax { get; init; } = 64 << 10;

    private const int AnswerCharactersLimit = 256 << 10;

    /// <summary>Every broken rule, in words for the one who wrote the options; empty when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromHours(1)) yield return $"Timeout is {Timeout}; it must be above 0 and at most an hour.";
        if (RequestsMax is < 1 or > 100_000) yield return $"RequestsMax is {RequestsMax}; it must be 1 to 100,000.";
        if (WaitingMax is < 0 or > 10_000_000) yield return $"WaitingMax is {WaitingMax}; it must be 0 to 10,000,000.";
        if (RequestCharactersMax < 1) yield return $"RequestCharactersMax is {RequestCharactersMax}; it must be at least 1.";
        if (AnswerCharactersMax is < 0 or > AnswerCharactersLimit) yield return $"AnswerCharactersMax is {AnswerCharactersMax}; it must be 0 to {AnswerCharactersLimit}.";
        if (OutputTokensMax < 1) yield return $"OutputTokensMax is {OutputTokensMax}; it must be at least 1.";
    }
}
