using System.Collections.Immutable;
using Sirsi.Clouds;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Assessing;

namespace Sirsi.Migration.Designing;

/// <summary>The target of a migration: what becomes of each resource, in which cloud and region. Immutable.</summary>
/// <param name="Target">The cloud everything goes to.</param>
/// <param name="Mappings">One entry per resource, in the order of the estate.</param>
public sealed record Design(Cloud Target, ImmutableArray<Mapping> Mappings)
{
    /// <summary>The region most resources go to.</summary>
    public required string Region { get; init; }

    /// <summary>US dollars a month of all target resources that have a price.</summary>
    public decimal MonthlyUsd { get; } = Mappings.Sum(static mapping => mapping.Cost.MonthlyUsd ?? 0);
}

/// <summary>What becomes of a resource.</summary>
public enum MappingOutcome
{
    /// <summary>The target has the same thing.</summary>
    Equivalent,

    /// <summary>The target has something that does the job, with the listed differences.</summary>
    Adapted,

    /// <summary>A setting: it is applied to what its owner becomes.</summary>
    Folded,

    /// <summary>Not needed on the target: it comes with the platform, or the target does the job elsewhere.</summary>
    NotNeeded,

    /// <summary>The target has nothing like it; a person decides.</summary>
    NoEquivalent,

    /// <summary>It is there already: it lives in the target cloud today and stays.</summary>
    Stays,

    /// <summary>We do not know the resource; a person decides.</summary>
    Unknown,
}

/// <summary>What becomes of one resource.</summary>
public sealed record Mapping
{
    /// <summary>The resource of the estate.</summary>
    public required string ResourceId { get; init; }

    /// <summary>What becomes of it.</summary>
    public required MappingOutcome Outcome { get; init; }

    /// <summary>The target, for <see cref="MappingOutcome.Equivalent"/> and <see cref="MappingOutcome.Adapted"/>; else null.</summary>
    public TargetResource? Target { get; init; }

    /// <summary>
    /// For <see cref="MappingOutcome.Folded"/>: the resource whose target this becomes part of. It is never itself folded; null when
    /// the estate does not tell the owner.
    /// </summary>
    public string? OwnerId { get; init; }

    /// <summary>Why this target, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The closest other choices, best first: with price and what differs. At most three.</summary>
    public ImmutableArray<Alternative> Alternatives { get; init; } = [];

    /// <summary>What will be different on the target, each a sentence.</summary>
    public ImmutableArray<string> Differences { get; init; } = [];

    /// <summary>What a person must decide or do before the move, each a sentence.</summary>
    public ImmutableArray<string> Decisions { get; init; } = [];

    /// <summary>Monthly cost on the target.</summary>
    public CostEstimate Cost { get; init; } = CostEstimate.Free;
}

/// <summary>A resource to be built on the target.</summary>
public sealed record TargetResource
{
    /// <summary>Unique in the design: a Terraform-safe name derived from the source resource (<c>web_0</c>).</summary>
    public required string Name { get; init; }

    /// <summary>Canonical kind of what is built; usually the source's.</summary>
    public required ResourceKind Kind { get; init; }

    /// <summary>The service in the target's own words: <c>Azure Virtual Machines</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The main Terraform type that is written for it: <c>azurerm_linux_virtual_machine</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The target region.</summary>
    public required string Region { get; init; }

    /// <summary>The target size (<c>Standard_D2s_v5</c>, <c>db.m5.large</c>, <c>gp3</c>) where the kind has sizes; else null.</summary>
    public string? Size { get; init; }

    /// <summary>
    /// What the code must say, in the facts of <c>docs/estate-model.md</c>: the source's facts, with those replaced that the target
    /// names otherwise (<c>size</c>, <c>engine</c>, <c>type</c>, <c>zone</c>), and weak settings made strong where that breaks nothing.
    /// <c>zone</c> is in the target's words (<c>us-east-1a</c>, <c>1</c>, <c>us-central1-b</c>), and <c>image</c> is a word of
    /// <c>docs/schemas/design.md</c> (<c>ubuntu-22.04</c>, <c>windows-2022</c>), not an id.
    /// </summary>
    public AttributeMap Facts { get; init; } = AttributeMap.Empty;
}

/// <summary>Another target that was considered.</summary>
/// <param name="Choice">The size or service: <c>Standard_D2as_v5</c>.</param>
/// <param name="MonthlyUsd">Its monthly price; null when unknown.</param>
/// <param name="Difference">What is different from the chosen one, in a few words: <c>AMD, 16 GiB, 12 % cheaper</c>.</param>
public sealed record Alternative(string Choice, decimal? MonthlyUsd, string Difference);
