using System.Collections.Immutable;
using Sirsi.Clouds;

namespace Sirsi.Migration.Assessing;

/// <summary>A configuration check, read from the YAML files in <c>Data/checks</c> (<c>docs/checks.md</c>). Immutable.</summary>
public sealed record Check
{
    /// <summary>Stable and unique: <c>storage-bucket-public</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What is wrong when it fails, as a short sentence.</summary>
    public required string Title { get; init; }

    /// <summary>How bad that is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>The area: <c>storage</c>, <c>network</c>, <c>identity</c>, …</summary>
    public required string Category { get; init; }

    /// <summary>The kinds it applies to, in the order of its file.</summary>
    public required ImmutableArray<string> Kinds { get; init; }

    /// <summary>The clouds it applies to, by word (<c>aws</c>, <c>azure</c>, <c>gcp</c>).</summary>
    public required ImmutableArray<string> Clouds { get; init; }

    /// <summary>The expression over facts that is true when the check fails.</summary>
    public required string Condition { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Remediation { get; init; }

    /// <summary>The Terraform setting that mends it, where there is one to name; at most one per cloud, AWS first, then Azure.</summary>
    public ImmutableArray<TerraformHint> Terraform { get; init; } = [];

    /// <summary>Controls it is evidence for, by framework: <c>cis-aws-3.0: 2.1.4</c>, <c>soc2: CC6.1</c>, <c>gdpr: Art. 32</c>.</summary>
    public ImmutableArray<string> References { get; init; } = [];

    /// <summary>The Terraform setting that mends it in <paramref name="cloud"/>; null when none is named.</summary>
    public string? TerraformFor(Cloud cloud) => Terraform.FirstOrDefault(hint => hint.Cloud == cloud)?.Setting;

    /// <summary>The controls that concern <paramref name="cloud"/>: those of frameworks for another cloud are left out.</summary>
    public ImmutableArray<string> ReferencesFor(Cloud cloud) =>
        [.. References.Where(reference => ControlFrameworks.CloudOf(reference) is not { } only || only == cloud)];
}

/// <summary>How a failed check is mended in Terraform code.</summary>
/// <param name="Cloud">In which cloud.</param>
/// <param name="Setting">The resource and attribute to set, for people: <c>aws_ebs_volume.encrypted = true</c>.</param>
public sealed record TerraformHint(Cloud Cloud, string Setting);
