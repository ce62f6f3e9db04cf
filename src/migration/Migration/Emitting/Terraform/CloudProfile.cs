using Sirsi.Clouds;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>What the code of each cloud begins with: the provider, its version, and its settings.</summary>
internal static class CloudProfile
{
    /// <summary><c>versions.tf</c>.</summary>
    public static HclBody Versions(TerraformModule module)
    {
        var body = new HclBody();
        HclBody terraform = body.Block("terraform", ("required_version", ">= 1.5"));
        HclBody providers = terraform.Block("required_providers");
        (string name, string version) = module.Cloud switch
        {
            Cloud.Aws => ("aws", "~> 5.100"),
            Cloud.Azure => ("azurerm", "~> 4.0"),
            _ => ("google", "~> 6.0"),
        };
        providers[name] = Map(("source", $"hashicorp/{name}"), ("version", version));
        if (module.NeedsGoogleBeta) providers["google-beta"] = Map(("source", "hashicorp/google-beta"), ("version", version));
        return body;
    }

    /// <summary><c>providers.tf</c>; declares the variables it reads.</summary>
    public static HclBody Providers(TerraformModule module)
    {
        var body = new HclBody();
        HclValue region = module.Variable("region", "string", "The region most resources are built in.", initial: module.Region);
        switch (module.Cloud)
        {
            case Cloud.Aws:
                body.Labelled("provider", ["aws"], ("region", region)).Block("default_tags",
                    ("tags", module.Variable("tags", "map(string)", "Tags put on everything.", initial: Map())));
                foreach (string other in module.OtherRegions)
                    body.Labelled("provider", ["aws"], ("alias", Alias(other)), ("region", other));
                break;
            case Cloud.Azure:
                body.Labelled("provider", ["azurerm"],
                    ("subscription_id", module.Variable("subscription_id", "string", "The Azure subscription everything is built in.")))
                    .Block("features");
                break;
            default:
                foreach (string provider in module.NeedsGoogleBeta ? ["google", "google-beta"] : (ReadOnlySpan<string>)["google"])
                    body.Labelled("provider", [provider],
                        ("project", module.Variable("project_id", "string", "The Google Cloud project everything is built in.")),
                        ("region", region),
                        ("default_labels", module.Variable("labels", "map(string)", "Labels put on everything.", initial: Map())));
                break;
        }

        return body;
    }

    /// <summary>The provider a node must name because it lies outside the main region; null for all others.</summary>
    public static HclValue? ProviderOf(TerraformModule module, TargetNode node)
    {
        if (module.Cloud is not Cloud.Aws || node.Target.Region == module.Region || node.Target.Region is "" or "global") return null;
        module.OtherRegions.Add(node.Target.Region);
        return Expr($"aws.{Alias(node.Target.Region)}");
    }

    /// <summary>The region of a node: the variable for the main region, else its name.</summary>
    public static HclValue RegionOf(Emission emission)
    {
        string region = emission.Node.Target.Region;
        return region == emission.Module.Region || region is "" or "global" ? Expr("var.region") : ((HclValue?)region)!;
    }

    private static string Alias(string region) => region.Replace('-', '_');
}
