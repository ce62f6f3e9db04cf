using System.Collections.Immutable;
using System.Text;
using Sirsi.Clouds;
using Sirsi.Migration.Designing;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>The texts that go with the code.</summary>
internal static class TerraformReadme
{
    /// <summary>How the module is used.</summary>
    public static StringBuilder Write(Design design, TargetGraph graph, TerraformModule module)
    {
        int required = module.Variables.Count(static body =>
            body.Items is [Hcl.HclBlock block] && !block.Body.Items.Any(static item => item is Hcl.HclAttribute { Name: "default" }));
        string login = design.Target switch
        {
            Cloud.Aws => "`aws configure sso` or the `AWS_…` environment variables",
            Cloud.Azure => "`az login`",
            _ => "`gcloud auth application-default login`",
        };
        var text = new StringBuilder();
        text.Append($"""
            # Terraform code for {design.Target.Title()}

            Builds the target of the migration plan in `{design.Region}`: {graph.Nodes.Length} resources of the source, with what belongs to each.

            1. Sign in: {login}.
            2. Give the values of `variables.tf` that have no default ({required}) in a `terraform.tfvars` file. Values marked sensitive are
               better given as `TF_VAR_…` environment variables. No secret of the source is in these files.
            3. `terraform init`, `terraform plan -out plan.bin`, read the plan, `terraform apply plan.bin`.
            4. Move data and traffic in the order of `../runbook.md`.

            State belongs in a remote backend with locking: add a `backend` block to `versions.tf` before the first apply.

            """.ReplaceLineEndings("\n"));
        if (graph.Omissions.Length > 0)
            text.Append($"\nNo code is written for {graph.Omissions.Length} resources; `not_generated.md` lists them with the reason.\n");
        return text;
    }

    /// <summary>What no code is written for.</summary>
    public static StringBuilder WriteOmissions(ImmutableArray<Omission> omissions)
    {
        var text = new StringBuilder("# Not generated\n\nThese resources of the source have no code here, and why.\n\n| resource | type | reason |\n| --- | --- | --- |\n");
        foreach (Omission omission in omissions)
            text.Append("| ").Append(MarkdownText.Cell(omission.ResourceId)).Append(" | ").Append(MarkdownText.Cell(omission.Type))
                .Append(" | ").Append(MarkdownText.Cell(omission.Reason)).Append(" |\n");
        return text;
    }
}
