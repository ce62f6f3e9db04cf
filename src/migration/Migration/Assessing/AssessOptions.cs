namespace Sirsi.Migration.Assessing;

/// <summary>What an assessment rests on beside the estate and the prices. Immutable.</summary>
public sealed record AssessOptions
{
    /// <summary>The moment the estate is judged at: certificates expire relative to it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The checks. Default: those that come with the program.</summary>
    public CheckCatalogue Checks { get; init; } = CheckCatalogue.Embedded;
}
