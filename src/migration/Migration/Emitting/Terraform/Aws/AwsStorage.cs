using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Disks, buckets and file systems on AWS.</summary>
internal static class AwsStorage
{
    public static void Disk(Emission e)
    {
        TargetNode? vm = e.Node.First("compute.vm");
        string type = Aws.DiskType(e.Size ?? e.Text("type"));
        e.Main(
            ("availability_zone", vm?["availability_zone"] ?? (HclValue?)e.Text("zone")
                ?? e.Variable("zone", "Availability zone of the disk")),
            ("size", e.Number("sizeGiB") ?? 20),
            ("type", type),
            ("iops", type is "io1" or "io2"
                ? e.Number("iops") ?? 3_000 : type is "gp3" && e.Number("iops") is > 3_000 and <= 16_000 and var iops ? iops : null),
            ("throughput", type is "gp3" && e.Number("throughputMiBs") is > 125 and <= 1_000 and var throughput ? throughput : null),
            ("encrypted", true),
            ("kms_key_id", Aws.Key(e)),
            ("tags", Aws.Tags(e)));
        if (vm is null) return;
        // A machine has its inline disks from /dev/sdf on; attached ones count back from /dev/sdz.
        int place = vm.Related("storage.disk").TakeWhile(disk => disk != e.Node).Take(14).Count();
        e.Extra("aws_volume_attachment", "",
            ("device_name", $"/dev/sd{(char)('z' - place)}"), ("volume_id", e.Node["id"]), ("instance_id", vm["id"]));
    }

    public static void Bucket(Emission e)
    {
        e.Main(("bucket", e.GlobalName()), ("object_lock_enabled", e.Number("retentionDays") is > 0 ? true : null), ("tags", Aws.Tags(e)));
        HclValue id = e.Node["id"];
        e.Extra("aws_s3_bucket_public_access_block", "", ("bucket", id),
            ("block_public_acls", true), ("block_public_policy", true), ("ignore_public_acls", true), ("restrict_public_buckets", true));
        HclBody rule = e.Extra("aws_s3_bucket_server_side_encryption_configuration", "", ("bucket", id)).Body.Block("rule",
            ("bucket_key_enabled", true));
        rule.Block("apply_server_side_encryption_by_default",
            ("sse_algorithm", Aws.Key(e) is null ? "AES256" : "aws:kms"), ("kms_master_key_id", Aws.Key(e)));
        e.Extra("aws_s3_bucket_ownership_controls", "", ("bucket", id)).Body.Block("rule", ("object_ownership", "BucketOwnerEnforced"));
        if (e.Flag("versioned") is true || e.Number("softDeleteDays") is > 0 || e.Number("retentionDays") is > 0)
            e.Extra("aws_s3_bucket_versioning", "", ("bucket", id)).Body.Block("versioning_configuration", ("status", "Enabled"));
        e.Extra("aws_s3_bucket_policy", "", ("bucket", id), ("policy", TlsOnly(e)));
        e.Output("name", "Name", "bucket");
    }

    private static HclValue TlsOnly(Emission e) => Call("jsonencode", Map(
        ("Version", "2012-10-17"),
        ("Statement", List(Map(
            ("Sid", "DenyInsecureTransport"),
            ("Effect", "Deny"),
            ("Principal", "*"),
            ("Action", "s3:*"),
            ("Resource", List(e.Node["arn"], Template(e.Node["arn"], ((HclValue?)"/*")!))),
            ("Condition", Map(("Bool", Map(("aws:SecureTransport", "false"))))))))));

    public static void FileSystem(Emission e)
    {
        e.Main(
            ("creation_token", e.Name(64)), ("encrypted", true), ("kms_key_id", Aws.Key(e)), ("throughput_mode", "elastic"),
            ("tags", Aws.Tags(e)));
        foreach (TargetNode subnet in e.Node.Related("network.subnet"))
            e.Extra("aws_efs_mount_target", subnet.Label,
                ("file_system_id", e.Node["id"]), ("subnet_id", subnet["id"]), ("security_groups", Aws.SecurityGroups(e)));
        e.Extra("aws_efs_backup_policy", "", ("file_system_id", e.Node["id"])).Body.Block("backup_policy", ("status", "ENABLED"));
    }

    public static void BackupVault(Emission e) => e.Main(("name", e.Name(50)), ("kms_key_arn", Aws.Key(e)), ("tags", Aws.Tags(e)));
}
