using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Machines and groups on Google Cloud.</summary>
internal static class GcpCompute
{
    public static void Instance(Emission e)
    {
        List<Reference> disks = [];
        foreach (AttributeMap disk in e.Maps("dataDisks").Take(16))
            disks.Add(e.Extra("google_compute_disk", $"data{disks.Count}",
                ("name", e.Module.CloudName("google_compute_disk", $"{e.Node.Label.Replace('_', '-').ToLowerInvariant()}-data{disks.Count}",
                63, "-")),
                ("zone", Gcp.Zone(e)), ("type", GcpStorage.DiskType(disk["type"].AsText)),
                ("size", (long)Math.Ceiling(disk["sizeGiB"].AsNumber ?? 32)),
                ("labels", Gcp.Labels(e))).Reference);
        HclBody vm = e.Main(
            ("name", e.Name()),
            ("machine_type", e.Size ?? e.Variable("machine_type", "Machine type")),
            ("zone", Gcp.Zone(e)),
            ("tags", Gcp.NetworkTags(e)),
            ("can_ip_forward", e.Flag("ipForwarding") is true ? true : null),
            ("deletion_protection", e.Flag("deletionProtection")),
            ("allow_stopping_for_update", true),
            ("labels", Gcp.Labels(e)),
            ("metadata", Map(("block-project-ssh-keys", "TRUE"), ("enable-oslogin", "TRUE"), ("serial-port-enable", "FALSE"))));
        HclBody boot = vm.Block("boot_disk", ("kms_key_self_link", Gcp.Key(e)));
        boot.Block("initialize_params",
            ("image", Gcp.ImageOrVariable(e)), ("size", e.Number("rootDiskGiB")), ("type", GcpStorage.DiskType(e.Text("rootDiskType"))));
        foreach (Reference disk in disks) vm.Block("attached_disk", ("source", disk["id"]));
        HclBody nic = vm.Block("network_interface", ("subnetwork", Gcp.SubnetId(e)));
        TargetNode? address = e.Node.Related("network.ip").FirstOrDefault(static node => node.Type == "google_compute_address");
        if (address is not null || e.Flag("publicIp") is true) nic.Block("access_config", ("nat_ip", address?["address"]));
        Shielded(vm);
        ServiceAccount(vm, e);
        // Disks of their own are attached by resources of their own.
        if (e.Node.First("storage.disk") is not null) vm.Block("lifecycle", ("ignore_changes", List(Expr("attached_disk"))));
    }

    public static void Template(Emission e) => WriteTemplate(e, e.Main(("name_prefix", $"{e.Name(36)}-")));

    public static void Group(Emission e)
    {
        const string Type = "google_compute_instance_template";
        HclValue template = e.RelatedOrOwn(e.Node.FirstOf(Type), "self_link", Type, $"{e.Name(36)}-", WriteTemplate);
        HclBody group = e.Main(
            ("name", e.Name()), ("region", Gcp.Region(e)),
            ("base_instance_name", e.Node.Label.Replace('_', '-').ToLowerInvariant() is var name
                ? name[..Math.Min(name.Length, 58)].TrimEnd('-') : ""));
        group.Block("version", ("instance_template", template));
        group.Block("named_port", ("name", "http"), ("port", e.Node.First("network.backend")?.Facts["port"].AsWhole ?? 80));
        long minimum = Math.Max(1, e.Number("minCount") ?? 1);
        HclBody policy = e.Extra("google_compute_region_autoscaler", "",
            ("name", e.Node["name"]), ("region", Gcp.Region(e)), ("target", e.Node["id"])).Body
            .Block("autoscaling_policy", ("min_replicas", minimum), ("max_replicas", Math.Max(minimum, e.Number("maxCount") ?? 3)),
                ("cooldown_period", 60));
        policy.Block("cpu_utilization", ("target", Expr("0.6")));
    }

    private static void WriteTemplate(Emission e, HclBody template)
    {
        template.With(
            ("machine_type", e.Size ?? e.Variable("machine_type", "Machine type")),
            ("tags", Gcp.NetworkTags(e)),
            ("labels", Gcp.Labels(e)),
            ("metadata", Map(("block-project-ssh-keys", "TRUE"), ("enable-oslogin", "TRUE"))));
        template.Block("disk", ("source_image", Gcp.ImageOrVariable(e)), ("boot", true), ("auto_delete", true),
            ("disk_type", "pd-balanced"));
        template.Block("network_interface", ("subnetwork", Gcp.SubnetId(e)));
        Shielded(template);
        ServiceAccount(template, e);
        template.Block("lifecycle", ("create_before_destroy", true));
    }

    private static void Shielded(HclBody body) => body.Block("shielded_instance_config",
        ("enable_secure_boot", true), ("enable_vtpm", true), ("enable_integrity_monitoring", true));

    private static void ServiceAccount(HclBody body, Emission e)
    {
        if (e.Node.FirstOf("google_service_account") is { } account)
            body.Block("service_account", ("email", account["email"]), ("scopes", Texts("cloud-platform")));
    }
}
