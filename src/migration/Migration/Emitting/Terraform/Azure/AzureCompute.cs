using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Machines and scale sets on Azure.</summary>
internal static class AzureCompute
{
    private const string User = "azureadmin";

    public static void Machine(Emission e)
    {
        bool windows = e.Node.Type == "azurerm_windows_virtual_machine";
        HclValue? image = ImageId(e);
        HclValue interfaces = Interfaces(e);
        HclBody vm = Azure.Main(e, e.Name(windows ? 15 : 64),
            ("size", e.Size ?? e.Variable("size", "Size of the machine")),
            ("admin_username", User),
            ("admin_password", windows ? e.Variable("admin_password", "Password of the administrator", sensitive: true) : null),
            ("disable_password_authentication", windows ? null : true),
            ("network_interface_ids", interfaces),
            ("zone", e.Text("zone") is "1" or "2" or "3" ? e.Text("zone") : null),
            ("secure_boot_enabled", image is null),
            ("vtpm_enabled", image is null),
            ("source_image_id", image),
            ("tags", Azure.Tags(e)));
        if (!windows) vm.Block("admin_ssh_key", ("username", User), ("public_key", PublicKey(e)));
        vm.Block("os_disk", ("caching", "ReadWrite"), ("storage_account_type", AzureStorage.DiskType(e.Text("rootDiskType"))),
            ("disk_size_gb", e.Number("rootDiskGiB")));
        ImageReference(vm, e);
        Identity(vm, e);
        int lun = 0;
        foreach (AttributeMap disk in e.Maps("dataDisks").Take(16)) DataDisk(e, disk, lun++);
    }

    public static void ScaleSet(Emission e)
    {
        bool windows = e.Node.Type == "azurerm_windows_virtual_machine_scale_set";
        HclValue? image = ImageId(e);
        HclBody set = Azure.Main(e, e.Name(windows ? 9 : 64),
            ("sku", e.Size ?? e.Variable("size", "Size of the machines")),
            ("instances", e.Number("desiredCount") ?? e.Number("minCount") ?? 2),
            ("admin_username", User),
            ("admin_password", windows ? e.Variable("admin_password", "Password of the administrator", sensitive: true) : null),
            ("disable_password_authentication", windows ? null : true),
            ("source_image_id", image),
            ("tags", Azure.Tags(e)));
        if (!windows) set.Block("admin_ssh_key", ("username", User), ("public_key", PublicKey(e)));
        ImageReference(set, e);
        set.Block("os_disk", ("caching", "ReadWrite"), ("storage_account_type", "Premium_LRS"));
        TargetNode? pool = e.Node.FirstOf("azurerm_lb_backend_address_pool");
        TargetNode? balancer = e.Node.FirstOf("azurerm_lb");
        TargetNode? gateway = e.Node.FirstOf("azurerm_application_gateway");
        HclBody nic = set.Block("network_interface",
            ("name", "main"), ("primary", true), ("network_security_group_id", e.Node.FirstOf("azurerm_network_security_group")?["id"]));
        nic.Block("ip_configuration",
            ("name", "main"), ("primary", true), ("subnet_id", Azure.Subnet(e)),
            ("load_balancer_backend_address_pool_ids",
                pool is not null ? List(pool["id"]) : balancer is not null
                    ? List(balancer.Companion("azurerm_lb_backend_address_pool", "id")) : null),
            ("application_gateway_backend_address_pool_ids",
                gateway is not null ? Expr($"{gateway.Type}.{gateway.Label}.backend_address_pool[*].id") : null));
        set.Block("identity", ("type", "SystemAssigned"));
        Autoscale(e);
    }

    private static void Autoscale(Emission e)
    {
        long minimum = e.Number("minCount") ?? 1;
        long maximum = Math.Max(e.Number("maxCount") ?? 3, minimum);
        HclBody profile = Azure.Extra(e, "azurerm_monitor_autoscale_setting", "", e.Node["name"], ("target_resource_id", e.Node["id"])).Body
            .Block("profile", ("name", "load"));
        profile.Block("capacity",
            ("default", Math.Clamp(e.Number("desiredCount") ?? minimum, minimum, maximum)), ("minimum", minimum), ("maximum", maximum));
        ReadOnlySpan<(string, string, int)> scalings = [("Increase", "GreaterThan", 70), ("Decrease", "LessThan", 30)];
        foreach ((string direction, string comparison, int threshold) in scalings)
        {
            HclBody rule = profile.Block("rule");
            rule.Block("metric_trigger",
                ("metric_name", "Percentage CPU"), ("metric_resource_id", e.Node["id"]), ("time_grain", "PT1M"), ("statistic", "Average"),
                ("time_window", "PT5M"), ("time_aggregation", "Average"), ("operator", comparison), ("threshold", threshold));
            rule.Block("scale_action", ("direction", direction), ("type", "ChangeCount"), ("value", "1"), ("cooldown", "PT5M"));
        }
    }

    public static void KeyPair(Emission e) => Azure.Main(e, e.Name(80),
        ("public_key", e.Variable("public_key", "Public half of the login key, in OpenSSH form")), ("tags", Azure.Tags(e)));

    private static HclValue PublicKey(Emission e) =>
        e.Node.FirstOf("azurerm_ssh_public_key")?["public_key"]
        ?? e.Module.Variable("admin_public_key", "string", "Public half of the administrators' login key, in OpenSSH form (RSA).");

    private static HclValue Interfaces(Emission e)
    {
        HclValue[] related =
            [.. e.Node.Related("network.interface").Where(static node => node.Type == "azurerm_network_interface").Select(static node => node["id"])];
        if (related.Length > 0) return List(related);
        HclValue? address = e.Node.FirstOf("azurerm_public_ip")?["id"];
        if (address is null && e.Flag("publicIp") is true)
            address = Azure.Extra(e, "azurerm_public_ip", "", $"{e.Node.Label.Replace('_', '-')}-ip", ("allocation_method", "Static"),
                ("sku", "Standard")).Reference["id"];
        (HclBody nic, Reference reference) = Azure.Extra(e, "azurerm_network_interface", "", $"{e.Node.Label.Replace('_', '-')}-nic",
            ("ip_forwarding_enabled", e.Flag("ipForwarding") is true ? true : null), ("tags", Azure.Tags(e)));
        nic.Block("ip_configuration",
            ("name", "main"), ("subnet_id", Azure.Subnet(e)), ("private_ip_address_allocation", "Dynamic"),
            ("public_ip_address_id", address));
        TargetNode[] groups = [.. e.Node.Related("network.firewall").Where(static node => node.Type == "azurerm_network_security_group")];
        if (groups.Length > 1)
            e.Blocks.Comment(
                $"An interface has one security group: merge into it the rules of {string.Join(", ", groups.Skip(1).Select(static node => node.Label))}.");
        if (groups.Length > 0)
            e.Extra("azurerm_network_interface_security_group_association", "",
                ("network_interface_id", reference["id"]), ("network_security_group_id", groups[0]["id"]));
        return List(reference["id"]);
    }

    private static HclValue? ImageId(Emission e) =>
        Azure.Image(e.Text("image")) is null ? e.Variable("image_id", "Id of the machine image to start from") : null;

    private static void ImageReference(HclBody body, Emission e)
    {
        if (Azure.Image(e.Text("image")) is not { } image) return;
        body.Block("source_image_reference", ("publisher", image.Publisher), ("offer", image.Offer), ("sku", image.Sku),
            ("version", "latest"));
    }

    private static void Identity(HclBody body, Emission e)
    {
        if (e.Node.FirstOf("azurerm_user_assigned_identity") is { } identity)
            body.Block("identity", ("type", "UserAssigned"), ("identity_ids", List(identity["id"])));
        else
            body.Block("identity", ("type", "SystemAssigned"));
    }

    private static void DataDisk(Emission e, AttributeMap disk, int lun)
    {
        (_, Reference reference) = Azure.Extra(e, "azurerm_managed_disk", $"data{lun}", $"{e.Node.Label.Replace('_', '-')}-data{lun}",
            ("storage_account_type", AzureStorage.DiskType(disk["type"].AsText)), ("create_option", "Empty"),
            ("disk_size_gb", (long)Math.Ceiling(disk["sizeGiB"].AsNumber ?? 32)),
            ("zone", e.Text("zone") is "1" or "2" or "3" ? e.Text("zone") : null), ("tags", Azure.Tags(e)));
        e.Extra("azurerm_virtual_machine_data_disk_attachment", $"data{lun}",
            ("managed_disk_id", reference["id"]), ("virtual_machine_id", e.Node["id"]), ("lun", lun), ("caching", "ReadOnly"));
    }
}
