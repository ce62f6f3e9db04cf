using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>What Azure resources have in common.</summary>
internal static class Azure
{
    /// <summary>Writes the main resource with name, resource group and location before its own attributes.</summary>
    public static HclBody Main(Emission e, HclValue? name, params ReadOnlySpan<(string Name, HclValue? Value)> attributes)
    {
        Reference group = Group(e);
        HclValue location = Location(e);
        return e.Main(("name", name), ("resource_group_name", group["name"]), ("location", location)).With(attributes);
    }

    /// <summary>Writes a resource that goes with the main one, with name, resource group and location.</summary>
    public static (HclBody Body, Reference Reference) Extra(
        Emission e, string type, string suffix, HclValue? name, params ReadOnlySpan<(string Name, HclValue? Value)> attributes)
    {
        (HclBody body, Reference reference) = e.Extra(type, suffix, ("name", name), ("resource_group_name", Group(e)["name"]),
            ("location", Location(e)));
        return (body.With(attributes), reference);
    }

    /// <summary>The resource group a node lies in: the one it is related to, else one for all.</summary>
    public static Reference Group(Emission e) =>
        e.Node.FirstOf("azurerm_resource_group") is { } group ? new(group.Type, group.Label) : MainGroup(e.Module);

    /// <summary>The region of a node.</summary>
    public static HclValue Location(Emission e) => CloudProfile.RegionOf(e);

    private static Reference MainGroup(TerraformModule module) => module.Shared("main.tf", "azurerm_resource_group", (body, _) => body.With(
        ("name", module.Variable("resource_group_name", "string", "Name of the resource group everything is put into.",
        initial: "migrated")),
        ("location", Expr("var.region")),
        ("tags", Expr(CommonTags(module)))));

    /// <summary>The tags, with those that are put on everything.</summary>
    public static HclValue Tags(Emission e, int countMax = 40)
    {
        (string Key, HclValue? Value)[] own =
            [.. e.Tags().Where(static tag => tag.Value.Length <= 256).Take(countMax).Select(static tag => (Key(tag.Key),
                (HclValue?)tag.Value))
                .DistinctBy(static tag => tag.Item1, StringComparer.OrdinalIgnoreCase)];
        HclValue common = Expr(CommonTags(e.Module));
        return own.Length == 0 ? common : Call("merge", common, Map(own));
    }

    private static string CommonTags(TerraformModule module) =>
        ((HclExpression)module.Variable("tags", "map(string)", "Tags put on everything.", initial: Map())).Source;

    // Azure takes none of these in the name of a tag.
    private static string Key(string key) =>
        new([.. key.Take(200).Select(static c => "<>%&\\?/".Contains(c, StringComparison.Ordinal) ? '_' : c)]);

    /// <summary>The id of the subnet; a variable when it is not known.</summary>
    public static HclValue Subnet(Emission e) =>
        Near(e.Node)?["id"] ?? e.Variable("subnet_id", "Id of the subnet it is built in");

    /// <summary>The subnet of a node, else the first of its network.</summary>
    public static TargetNode? Near(TargetNode node) =>
        node.First("network.subnet") ?? node.First("network.vpc")?.First("network.subnet")
            ?? node.First("compute.vm")?.First("network.subnet");

    /// <summary>The public image behind a word such as <c>ubuntu-22.04</c>: publisher, offer and sku; null when it names none.</summary>
    public static (string Publisher, string Offer, string Sku)? Image(string? word) => word switch
    {
        "ubuntu-24.04" => ("Canonical", "ubuntu-24_04-lts", "server"),
        "ubuntu-22.04" => ("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2"),
        "ubuntu-20.04" => ("Canonical", "0001-com-ubuntu-server-focal", "20_04-lts-gen2"),
        "debian-12" => ("Debian", "debian-12", "12-gen2"),
        "debian-11" => ("Debian", "debian-11", "11-gen2"),
        "rhel-9" => ("RedHat", "RHEL", "9-lvm-gen2"),
        "rhel-8" => ("RedHat", "RHEL", "8-lvm-gen2"),
        "windows-2025" => ("MicrosoftWindowsServer", "WindowsServer", "2025-datacenter-g2"),
        "windows-2022" => ("MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-g2"),
        "windows-2019" => ("MicrosoftWindowsServer", "WindowsServer", "2019-datacenter-gensecond"),
        "windows-2016" => ("MicrosoftWindowsServer", "WindowsServer", "2016-datacenter-gensecond"),
        _ => null,
    };

    /// <summary>A private endpoint in the related subnet; nothing when there is none.</summary>
    public static void PrivateEndpoint(Emission e, HclValue resource, string subresource)
    {
        if (e.Node.First("network.subnet") is not { } subnet) return;
        Extra(e, "azurerm_private_endpoint", "", e.Module.CloudName("azurerm_private_endpoint", e.Node.Label.Replace('_', '-'), 60, "-"),
            ("subnet_id", subnet["id"]), ("tags", Tags(e))).Body
            .Block("private_service_connection",
                ("name", "main"), ("private_connection_resource_id", resource), ("is_manual_connection", false),
                ("subresource_names", Texts(subresource)));
    }
}
