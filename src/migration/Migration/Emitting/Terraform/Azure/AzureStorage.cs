using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Disks, storage accounts and shares on Azure.</summary>
internal static class AzureStorage
{
    /// <summary>The disk type when it is one of Azure's, else the standard SSD.</summary>
    public static string DiskType(string? type) =>
        type is "Standard_LRS" or "StandardSSD_LRS" or "StandardSSD_ZRS" or "Premium_LRS" or "Premium_ZRS" ? type : "StandardSSD_LRS";

    public static void Disk(Emission e)
    {
        string? asked = e.Size ?? e.Text("type");
        string type = asked is "PremiumV2_LRS" or "UltraSSD_LRS" ? asked : DiskType(asked);
        bool provisioned = type is "PremiumV2_LRS" or "UltraSSD_LRS";
        TargetNode? vm = e.Node.First("compute.vm");
        Azure.Main(e, e.Name(80),
            ("storage_account_type", type),
            ("create_option", "Empty"),
            ("disk_size_gb", e.Number("sizeGiB") ?? 32),
            ("disk_iops_read_write", provisioned ? e.Number("iops") : null),
            ("disk_mbps_read_write", provisioned ? e.Number("throughputMiBs") : null),
            ("zone", (vm?.Facts["zone"].AsText ?? e.Text("zone")) is ("1" or "2" or "3") and var zone ? zone : null),
            ("public_network_access_enabled", false),
            ("network_access_policy", "DenyAll"),
            ("tags", Azure.Tags(e)));
        if (vm is null) return;
        // A machine numbers its inline disks from 0; attached ones come after them.
        int place = vm.Related("storage.disk").TakeWhile(disk => disk != e.Node).Take(40).Count();
        e.Extra("azurerm_virtual_machine_data_disk_attachment", "",
            ("managed_disk_id", e.Node["id"]), ("virtual_machine_id", vm["id"]), ("lun", 16 + place),
            ("caching", provisioned ? "None" : "ReadOnly"));
    }

    public static void Account(Emission e)
    {
        HclBody account = Secure(Azure.Main(e, e.GlobalCompactName(24)), e);
        HclBody blobs = account.Block("blob_properties", ("versioning_enabled", e.Flag("versioned") ?? false));
        long days = Math.Clamp(e.Number("softDeleteDays") ?? 14, 7, 365);
        blobs.Block("delete_retention_policy", ("days", days));
        blobs.Block("container_delete_retention_policy", ("days", days));
        if (e.Node.Source.Kind.Name == "storage.bucket" || e.Node.Kind == "storage.bucket")
            e.Extra("azurerm_storage_container", "",
                ("name", e.Module.CloudName("container", e.Name(40), 63, "-")), ("storage_account_id", e.Node["id"]),
                ("container_access_type", "private"));
        e.Output("blob_endpoint", "Address of the blobs", "primary_blob_endpoint");
    }

    public static void Share(Emission e)
    {
        HclValue account = e.Node.FirstOf("azurerm_storage_account")?["id"] ?? OwnAccount(e).Reference["id"];
        e.Main(
            ("name", e.Name(63)), ("storage_account_id", account), ("quota", Math.Clamp(e.Number("sizeGiB") ?? 100, 1, 102_400)));
    }

    /// <summary>A storage account of the resource's own.</summary>
    public static (HclBody Body, Reference Reference) OwnAccount(Emission e)
    {
        (HclBody body, Reference reference) = Azure.Extra(e, "azurerm_storage_account", "", e.GlobalCompactName(24));
        return (Secure(body, e), reference);
    }

    private static HclBody Secure(HclBody account, Emission e) => account.With(
        ("account_tier", "Standard"),
        ("account_kind", "StorageV2"),
        ("account_replication_type",
        e.Text("redundancy") is ("LRS" or "ZRS" or "GRS" or "RAGRS" or "GZRS" or "RAGZRS") and var redundancy ? redundancy : "ZRS"),
        ("min_tls_version", "TLS1_2"),
        ("https_traffic_only_enabled", true),
        ("allow_nested_items_to_be_public", false),
        ("infrastructure_encryption_enabled", true),
        ("tags", Azure.Tags(e, 12)));

    public static void BackupVault(Emission e) =>
        Azure.Main(e, e.Name(50), ("sku", "Standard"), ("soft_delete_enabled", true), ("tags", Azure.Tags(e)));
}
