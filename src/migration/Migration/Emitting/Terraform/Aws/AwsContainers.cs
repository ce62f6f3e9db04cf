using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Clusters, services and registries on AWS.</summary>
internal static class AwsContainers
{
    public static void KubernetesCluster(Emission e)
    {
        HclValue role = Aws.ServiceRole(e, "eks.amazonaws.com", "AmazonEKSClusterPolicy")["arn"];
        HclValue subnets = Aws.SubnetsOfTwoZones(e, "of the cluster");
        HclBody cluster = e.Main(
            ("name", e.Name(100)),
            ("version", Version(e.Text("version"))),
            ("role_arn", role),
            ("enabled_cluster_log_types", Texts("api", "audit", "authenticator")),
            ("tags", Aws.Tags(e)));
        cluster.Block("vpc_config",
            ("subnet_ids", subnets),
            ("security_group_ids", Aws.SecurityGroups(e)),
            ("endpoint_private_access", true),
            ("endpoint_public_access", e.Flag("publicEndpoint") ?? false));
        cluster.Block("access_config", ("authentication_mode", "API"));
        if (Aws.Key(e) is { } key)
            cluster.Block("encryption_config", ("resources", Texts("secrets"))).Block("provider", ("key_arn", key));
        e.Output("endpoint", "Address of the programming interface", "endpoint");
        if (e.Text("nodeSize") is { } size) WriteOwnNodes(e, size, subnets);
    }

    /// <summary>The nodes that Azure's and Google's clusters have within themselves: EKS keeps all in groups beside the cluster.</summary>
    private static void WriteOwnNodes(Emission e, string size, HclValue subnets)
    {
        long count = Math.Max(1, e.Number("nodeCount") ?? 2);
        HclBody nodes = e.Extra("aws_eks_node_group", "nodes",
            ("cluster_name", e.Node["name"]),
            ("node_group_name", "main"),
            ("node_role_arn", NodeRole(e)),
            ("subnet_ids", subnets),
            ("instance_types", Texts(size)),
            ("tags", Aws.Tags(e))).Body;
        nodes.Block("scaling_config", ("desired_size", count), ("min_size", 1), ("max_size", count + 1));
    }

    private static HclValue NodeRole(Emission e) => Aws.ServiceRole(e, "ec2.amazonaws.com",
        "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly")["arn"];

    public static void NodeGroup(Emission e)
    {
        TargetNode? cluster = e.Node.First("container.cluster");
        HclBody nodes = e.Main(
            ("cluster_name", cluster?["name"] ?? e.Variable("cluster_name", "Name of the cluster the nodes join")),
            ("node_group_name", e.Name(63)),
            ("node_role_arn", NodeRole(e)),
            ("subnet_ids", Aws.Ids(e.Node.Related("network.subnet")) ?? Aws.Ids(cluster?.Related("network.subnet") ?? [])
                ?? e.Variable("subnet_ids", "Ids of the subnets of the nodes", "list(string)")),
            ("instance_types", e.Size is { } size ? Texts(size) : null),
            ("disk_size", e.Number("diskGiB")),
            ("tags", Aws.Tags(e)));
        nodes.Block("scaling_config",
            ("desired_size", e.Number("desiredCount") ?? e.Number("minCount") ?? 2),
            ("min_size", e.Number("minCount") ?? 1),
            ("max_size", Math.Max(e.Number("maxCount") ?? 3, e.Number("desiredCount") ?? 1)));
    }

    public static void ServiceCluster(Emission e) =>
        e.Main(("name", e.Name(255)), ("tags", Aws.Tags(e))).Block("setting", ("name", "containerInsights"), ("value", "enabled"));

    public static void Service(Emission e)
    {
        HclValue cluster = e.Node.FirstOf("aws_ecs_cluster") is { } related
            ? related["arn"]
            : e.Extra("aws_ecs_cluster", "", ("name", e.Name(255))).Reference["arn"];
        HclValue task = e.Node.First("container.task")?["arn"] ?? WriteTask(e, e.Extra("aws_ecs_task_definition", ""));
        HclBody service = e.Main(
            ("name", e.Name(255)),
            ("cluster", cluster),
            ("task_definition", task),
            ("desired_count", e.Number("desiredCount") ?? 1),
            ("launch_type", "FARGATE"),
            ("tags", Aws.Tags(e)));
        service.Block("network_configuration",
            ("subnets", Aws.Subnets(e, "of the service")),
            ("security_groups", Aws.SecurityGroups(e)),
            ("assign_public_ip", e.Flag("publicIp") ?? false));
        if (e.Node.First("network.backend") is { Type: "aws_lb_target_group" } backend)
            service.Block("load_balancer",
                ("target_group_arn", backend["arn"]), ("container_name", "app"), ("container_port", Port(backend) ?? 80));
    }

    public static void Task(Emission e) => WriteTask(e, (e.Main(), new Reference(e.Node.Type, e.Node.Label)));

    private static HclValue WriteTask(Emission e, (HclBody Body, Reference Reference) task)
    {
        long cpu = FargateCpu(e.Number("cpuUnits") ?? 256);
        task.Body.With(
            ("family", e.Name(200)),
            ("network_mode", "awsvpc"),
            ("requires_compatibilities", Texts("FARGATE")),
            ("cpu", $"{cpu}"),
            ("memory", $"{Math.Clamp(((e.Number("memoryMiB") ?? (cpu * 2)) + 1_023) / 1_024 * 1_024, cpu * 2, cpu * 8)}"),
            ("execution_role_arn", e.Node.First("identity.role")?["arn"]),
            ("container_definitions", Call("jsonencode", List(Map(
                ("name", "app"),
                ("image", e.Variable("image", "Container image with its tag or digest")),
                ("essential", true),
                ("portMappings", List(Map(("containerPort", 80)))))))),
            ("tags", Aws.Tags(e)));
        return task.Reference["arn"];
    }

    public static void Registry(Emission e)
    {
        HclBody registry = e.Main(
            ("name", e.Name(200)),
            ("image_tag_mutability", e.Flag("immutableTags") is false ? "MUTABLE" : "IMMUTABLE"),
            ("tags", Aws.Tags(e)));
        registry.Block("image_scanning_configuration", ("scan_on_push", true));
        registry.Block("encryption_configuration", ("encryption_type", Aws.Key(e) is null ? "AES256" : "KMS"), ("kms_key", Aws.Key(e)));
        e.Output("url", "Address", "repository_url");
    }

    // Kubernetes versions are named by two parts in EKS: 1.29.
    private static string? Version(string? version) =>
        version?.Split('.') is [{ Length: > 0 } major, { Length: > 0 } minor, ..] ? $"{major}.{minor}" : null;

    private static long? Port(TargetNode node) => node.Facts["port"].AsWhole;

    private static long FargateCpu(long units) =>
        units switch { <= 256 => 256, <= 512 => 512, <= 1_024 => 1_024, <= 2_048 => 2_048, _ => 4_096 };
}
