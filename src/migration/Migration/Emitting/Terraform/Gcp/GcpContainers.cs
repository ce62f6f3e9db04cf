using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Clusters and registries on Google Cloud.</summary>
internal static class GcpContainers
{
    public static void Cluster(Emission e)
    {
        HclBody cluster = e.Main(
            ("name", e.Name(40)),
            ("location", Gcp.Region(e)),
            ("network", Gcp.NetworkId(e)),
            ("subnetwork", Gcp.SubnetId(e)),
            ("remove_default_node_pool", true),
            ("initial_node_count", 1),
            ("datapath_provider", "ADVANCED_DATAPATH"),
            ("enable_shielded_nodes", true),
            ("deletion_protection", true),
            ("resource_labels", Gcp.Labels(e)));
        cluster.Block("release_channel", ("channel", "REGULAR"));
        cluster.Block("ip_allocation_policy");
        cluster.Block("private_cluster_config", ("enable_private_nodes", true),
            ("enable_private_endpoint", e.Flag("publicEndpoint") is false));
        cluster.Block("master_authorized_networks_config");
        cluster.Block("workload_identity_config", ("workload_pool", Template(Expr("var.project_id"), ((HclValue?)".svc.id.goog")!)));
        cluster.Block("logging_config", ("enable_components", Texts("SYSTEM_COMPONENTS", "WORKLOADS")));
        if (Gcp.Key(e) is { } key) cluster.Block("database_encryption", ("state", "ENCRYPTED"), ("key_name", key));
        if (e.Node.First("container.nodepool") is not null) return;
        e.Extra("google_container_node_pool", "", ("name", "main"), ("cluster", e.Node["id"]),
            ("node_count", Math.Max(1, e.Number("nodeCount") ?? 1))).Body
            .Block("node_config", ("machine_type",
                e.Text("nodeSize") is { } size && size.Contains('-', StringComparison.Ordinal) ? size : "e2-standard-2"))
            .Block("shielded_instance_config", ("enable_secure_boot", true));
    }

    public static void NodePool(Emission e)
    {
        long minimum = Math.Max(0, e.Number("minCount") ?? 1);
        HclBody pool = e.Main(
            ("name", e.Name(40)),
            ("cluster", e.Node.FirstOf("google_container_cluster")?["id"] ?? e.Variable("cluster_id", "Id of the cluster the nodes join")),
            ("initial_node_count", Math.Max(1, minimum)));
        pool.Block("autoscaling", ("total_min_node_count", minimum), ("total_max_node_count", Math.Max(1, e.Number("maxCount") ?? 3)),
            ("location_policy", "BALANCED"));
        pool.Block("management", ("auto_repair", true), ("auto_upgrade", true));
        HclBody node = pool.Block("node_config",
            ("machine_type", e.Size ?? e.Variable("machine_type", "Machine type of the nodes")),
            ("disk_size_gb", e.Number("diskGiB")),
            ("service_account", e.Node.FirstOf("google_service_account")?["email"]),
            ("oauth_scopes", Texts("https://www.googleapis.com/auth/cloud-platform")),
            ("labels", Gcp.Labels(e)));
        node.Block("shielded_instance_config", ("enable_secure_boot", true), ("enable_integrity_monitoring", true));
        node.Block("workload_metadata_config", ("mode", "GKE_METADATA"));
    }

    public static void Registry(Emission e)
    {
        HclBody registry = e.Main(
            ("location", Gcp.Region(e)), ("repository_id", e.Name()), ("format", "DOCKER"), ("kms_key_name", Gcp.Key(e)),
            ("labels", Gcp.Labels(e)));
        registry.Block("docker_config", ("immutable_tags", e.Flag("immutableTags") ?? true));
    }
}
