using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Designing;
using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>
/// Writes the Terraform code that builds a design. Relations between sources become references between targets; what the design does
/// not tell becomes a variable; what has no code is listed with its reason. The layout is that of <c>terraform fmt</c>. Time and memory
/// are linear in the design.
/// </summary>
internal static class TerraformEmitter
{
    /// <summary>The file each family of kinds is written to; all others go to <c>main.tf</c>.</summary>
    private static readonly Dictionary<string, string> FileByFamily = new(StringComparer.Ordinal)
    {
        ["network"] = "network.tf",
        ["dns"] = "dns.tf",
        ["cdn"] = "edge.tf",
        ["api"] = "edge.tf",
        ["compute"] = "compute.tf",
        ["container"] = "containers.tf",
        ["storage"] = "storage.tf",
        ["database"] = "database.tf",
        ["cache"] = "database.tf",
        ["queue"] = "messaging.tf",
        ["topic"] = "messaging.tf",
        ["subscription"] = "messaging.tf",
        ["stream"] = "messaging.tf",
        ["secret"] = "secrets.tf",
        ["key"] = "secrets.tf",
        ["certificate"] = "secrets.tf",
        ["parameter"] = "secrets.tf",
        ["identity"] = "identity.tf",
        ["logs"] = "monitoring.tf",
        ["alarm"] = "monitoring.tf",
    };

    /// <summary>The files of the module: name and text, sorted by name.</summary>
    public static ImmutableArray<TerraformFile> Emit(Estate estate, Design design, CancellationToken cancellation)
    {
        EmitterTable emitters = EmitterTable.For(design.Target);
        TargetGraph graph = TargetGraph.Of(estate, design, emitters);
        var module = new TerraformModule(design);
        foreach (TargetNode node in graph.Nodes) module.Reserve(node);
        foreach (TargetNode node in graph.Nodes)
        {
            cancellation.ThrowIfCancellationRequested();
            var emission = new Emission(module, node);
            emitters[node.Type](emission);
            module.Append(FileByFamily.GetValueOrDefault(node.Target.Kind.Family, "main.tf"), emission.Blocks);
        }

        module.Append("versions.tf", CloudProfile.Versions(module));
        module.Append("providers.tf", CloudProfile.Providers(module));
        foreach (HclBody variable in module.Variables) module.Append("variables.tf", variable);
        foreach (HclBody output in module.Outputs) module.Append("outputs.tf", output);

        var files = module.Files.Select(static file => new TerraformFile(file.Key, file.Value)).ToList();
        files.Add(new("README.md", TerraformReadme.Write(design, graph, module)));
        if (graph.Omissions.Length > 0) files.Add(new("not_generated.md", TerraformReadme.WriteOmissions(graph.Omissions)));
        files.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return [.. files];
    }
}

/// <summary>A file of the module.</summary>
internal sealed record TerraformFile(string Name, StringBuilder Text);
