using System.Collections.Immutable;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Assessing;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Planning;

namespace Sirsi.Migration;

/// <summary>All that one run of a migration worked out: what every output is written from. Immutable.</summary>
/// <param name="Estate">What there is.</param>
/// <param name="Assessment">What it costs and what is wrong with it.</param>
/// <param name="Design">What becomes of it.</param>
/// <param name="Plan">How it gets there.</param>
public sealed record MigrationResult(Estate Estate, Assessment Assessment, Design Design, Plan Plan)
{
    /// <summary>The instant shown in outputs; the only time they hold.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The inputs the estate was read from, as the user named them.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];
}
