using Sirsi.Clouds.Estates;
using Sirsi.Core.Errors;

namespace Sirsi.Clouds.Terraform;

/// <summary>One instance of a managed resource as an input holds it, secrets masked.</summary>
internal sealed record TerraformInstance
{
    /// <summary>The whole address, unique in its input.</summary>
    public required string Address { get; init; }

    /// <summary>The provider's type name.</summary>
    public required string Type { get; init; }

    /// <summary>The name in the configuration.</summary>
    public required string Label { get; init; }

    /// <summary>The index with its brackets, or empty.</summary>
    public string Key { get; init; } = "";

    /// <summary>The provider's address, with its alias where it has one.</summary>
    public string Provider { get; init; } = "";

    /// <summary>All attributes, secrets masked.</summary>
    public required AttributeMap Attributes { get; init; }

    /// <summary>Addresses it depends on, without indexes, as written.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Where it starts.</summary>
    public SourcePosition Position { get; init; }
}

/// <summary>What one input holds.</summary>
/// <param name="Instances">The managed resources, in the order of the input.</param>
/// <param name="Configuration">The configuration, when the input is a plan.</param>
internal sealed record TerraformContent(IReadOnlyList<TerraformInstance> Instances, PlanConfiguration? Configuration);
