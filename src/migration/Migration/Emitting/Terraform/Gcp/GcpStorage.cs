using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Disks, buckets and file shares on Google Cloud.</summary>
internal static class GcpStorage
{
    /// <summary>The disk type when it is one of Google's, else the balanced one.</summary>
    public static string DiskType(string? type) =>
        type is not null && (type.StartsWith("pd-", StringComparison.Ordinal) || type.StartsWith("hyperdisk-", StringComparison.Ordinal))
            ? type : "pd-balanced";

    public static void Disk(Emission e)
    {
        TargetNode? vm = e.Node.FirstOf("google_compute_instance");
        string type = DiskType(e.Size ?? e.Text("type"));
        bool provisioned = type.StartsWith("hyperdisk-", StringComparison.Ordinal) || type == "pd-extreme";
        HclBody disk = e.Main(
            ("name", e.Name()),
            ("zone", vm?["zone"] ?? Gcp.Zone(e)),
            ("type", type),
            ("size", Math.Max(10, e.Number("sizeGiB") ?? 10)),
            ("provisioned_iops", provisioned ? e.Number("iops") : null),
            ("labels", Gcp.Labels(e)));
        if (Gcp.Key(e) is { } key) disk.Block("disk_encryption_key", ("kms_key_self_link", key));
        if (vm is not null) e.Extra("google_compute_attached_disk", "", ("disk", e.Node["id"]), ("instance", vm["id"]));
    }

    public static void Bucket(Emission e)
    {
        HclBody bucket = e.Main(
            ("name", e.GlobalName()),
            ("location", Gcp.Region(e)),
            ("storage_class", e.Text("class")?.ToUpperInvariant() is ("STANDARD" or "NEARLINE" or "COLDLINE" or "ARCHIVE") and var known
                ? known : "STANDARD"),
            ("uniform_bucket_level_access", true),
            ("public_access_prevention", "enforced"),
            ("labels", Gcp.Labels(e)));
        if (e.Number("retentionDays") is > 0 and var days)
            bucket.Block("retention_policy", ("retention_period", $"{days * 86_400}"));
        else
            bucket.Block("versioning", ("enabled", e.Flag("versioned") ?? false));
        if (Gcp.Key(e) is { } key) bucket.Block("encryption", ("default_kms_key_name", key));
        e.Output("url", "Address", "url");
    }

    public static void Filestore(Emission e)
    {
        HclBody share = e.Main(("name", e.Name()), ("location", Gcp.Zone(e)), ("tier", "BASIC_HDD"), ("labels", Gcp.Labels(e)));
        share.Block("file_shares", ("name", "share"), ("capacity_gb", Math.Clamp(e.Number("sizeGiB") ?? 1_024, 1_024, 65_433)));
        share.Block("networks",
            ("network", Gcp.NetworkOf(e.Node)?["name"] ?? e.Variable("network", "Name of the network it is mounted from")),
            ("modes", Texts("MODE_IPV4")));
    }

    public static void BackupVault(Emission e) => e.Main(
        ("location", Gcp.Region(e)), ("backup_vault_id", e.Name()), ("backup_minimum_enforced_retention_duration", "86400s"),
        ("labels", Gcp.Labels(e)));
}
