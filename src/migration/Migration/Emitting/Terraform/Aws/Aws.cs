using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>What AWS resources have in common.</summary>
internal static class Aws
{
    /// <summary>The tags with the name.</summary>
    public static HclValue Tags(Emission e) => Map(
        [("Name", (HclValue?)e.Title),
            .. e.Tags().Where(static tag => tag.Key != "Name").Take(49).Select(static tag => (tag.Key, (HclValue?)tag.Value))]);

    /// <summary>The ids of the related security groups; null when there are none.</summary>
    public static HclValue? SecurityGroups(Emission e) =>
        Ids(e.Node.Related("network.firewall").Where(static node => node.Type == "aws_security_group"));

    /// <summary>The ids of the related subnets, else those of the subnets of what is related; a variable when none is known.</summary>
    public static HclValue Subnets(Emission e, string purpose)
    {
        List<TargetNode> subnets = [.. e.Node.Related("network.subnet")];
        if (subnets.Count == 0) subnets = [.. SubnetsOfNetwork(e)];
        return Ids(subnets) ?? e.Variable("subnet_ids", $"Ids of the subnets {purpose}, in two zones at least", "list(string)");
    }

    /// <summary>As <see cref="Subnets"/>, for what AWS builds in two zones only: the source's one subnet gets company.</summary>
    public static HclValue SubnetsOfTwoZones(Emission e, string purpose)
    {
        List<TargetNode> subnets = [.. e.Node.Related("network.subnet")];
        if (subnets.Count < 2)
            subnets = [.. subnets.Concat(SubnetsOfNetwork(e)).Distinct()];
        if (Ids(subnets) is not { } ids) return e.Variable("subnet_ids", $"Ids of the subnets {purpose}, in two zones at least", "list(string)");
        return subnets.Count > 1 ? ids : Call("concat", ids,
            e.Variable("more_subnet_ids", $"Ids of further subnets {purpose}, in another zone than the first", "list(string)"));
    }

    private static IEnumerable<TargetNode> SubnetsOfNetwork(Emission e) => NetworkOf(e.Node)?.Related("network.subnet").Take(6) ?? [];

    /// <summary>The id of the network; a variable when it is not known.</summary>
    public static HclValue NetworkId(Emission e) =>
        NetworkOf(e.Node)?["id"] ?? e.Variable("vpc_id", "Id of the network it is built in");

    /// <summary>The network a node lies in, directly or through a subnet or what it is related to.</summary>
    public static TargetNode? NetworkOf(TargetNode node)
    {
        if (node.First("network.vpc") is { } network) return network;
        foreach (string through in (ReadOnlySpan<string>)["network.subnet", "network.firewall", "network.loadbalancer", "compute.vm",
            "compute.group"])
            if (node.First(through) is { } near
                && (near.First("network.vpc") ?? near.First("network.subnet")?.First("network.vpc")) is { } found)
                return found;
        return null;
    }

    /// <summary>A list of the nodes' ids; null when there is none.</summary>
    public static HclValue? Ids(IEnumerable<TargetNode> nodes, string attribute = "id")
    {
        HclValue[] ids = [.. nodes.Select(node => node[attribute])];
        return ids.Length == 0 ? null : List(ids);
    }

    /// <summary>The ARN of the related key; null when the service's own key is used.</summary>
    public static HclValue? Key(Emission e) => e.Node.First("key")?["arn"];

    /// <summary>The trust of a role that one service assumes.</summary>
    public static HclValue Trust(string service) => Call("jsonencode", Map(
        ("Version", "2012-10-17"),
        ("Statement", List(Map(
            ("Effect", "Allow"),
            ("Principal", Map(("Service", service))),
            ("Action", "sts:AssumeRole"))))));

    /// <summary>A role of its own for a service, with AWS's managed policies; gives its ARN.</summary>
    public static Reference ServiceRole(Emission e, string service, params ReadOnlySpan<string> policies)
    {
        (_, Reference role) = e.Extra("aws_iam_role", "service",
            ("name_prefix", $"{e.Module.CloudName("aws_iam_role", e.Node.Label.Replace('_', '-'), 37, "-")}-"),
            ("assume_role_policy", Trust(service)));
        foreach (string policy in policies)
            e.Extra("aws_iam_role_policy_attachment", policy.Split('/')[^1].ToLowerInvariant(),
                ("role", role["name"]), ("policy_arn", $"arn:aws:iam::aws:policy/{policy}"));
        return role;
    }

    /// <summary>The image a machine starts from: a published one where the word names one, else a variable.</summary>
    public static HclValue Image(Emission e)
    {
        bool arm = e.Size is { } size && size.Split('.')[0] is var family
            && family.AsSpan().IndexOfAnyInRange('0', '9') is var digit and >= 0
            && family[digit..].Contains('g', StringComparison.Ordinal);
        string? path = e.Text("image") switch
        {
            "ubuntu-24.04" => $"/aws/service/canonical/ubuntu/server/24.04/stable/current/{(arm ? "arm64" : "amd64")}/hvm/ebs-gp3/ami-id",
            { } ubuntu when ubuntu.StartsWith("ubuntu-", StringComparison.Ordinal) && ubuntu.Length == 12 =>
                $"/aws/service/canonical/ubuntu/server/{ubuntu[7..]}/stable/current/{(arm ? "arm64" : "amd64")}/hvm/ebs-gp2/ami-id",
            "windows-2016" or "windows-2019" or "windows-2022" or "windows-2025" =>
                $"/aws/service/ami-windows-latest/Windows_Server-{e.Text("image")![8..]}-English-Full-Base",
            { } debian when debian.StartsWith("debian-", StringComparison.Ordinal) && debian.Length is 9 =>
                $"/aws/service/debian/release/{debian[7..]}/latest/{(arm ? "arm64" : "amd64")}",
            "amazon-linux-2023" => $"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{(arm ? "arm64" : "x86_64")}",
            "amazon-linux-2" => $"/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-{(arm ? "arm64" : "x86_64")}-gp2",
            _ => null,
        };
        if (path is null) return e.Variable("image_id", "Id of the machine image (AMI) to start from");
        string label = $"{e.Text("image")!.Replace('-', '_').Replace('.', '_')}{(arm ? "_arm" : "")}";
        if (CloudProfile.ProviderOf(e.Module, e.Node) is HclExpression provider) label += $"_{provider.Source[4..]}";
        if (e.Module.FirstUse($"image {label}"))
            e.Blocks.Labelled("data", ["aws_ssm_parameter", label],
                ("provider", CloudProfile.ProviderOf(e.Module, e.Node)), ("name", path));
        return Expr($"data.aws_ssm_parameter.{label}.insecure_value");
    }

    /// <summary>An encrypted block device of a machine.</summary>
    public static void Device(HclBody block, Emission e, AttributeMap? disk, string name) => block.With(
        ("device_name", name), ("volume_size", (long?)disk?["sizeGiB"].AsNumber), ("volume_type", DiskType(disk?["type"].AsText)),
        ("encrypted", true),
        ("kms_key_id", Key(e)));

    /// <summary>The volume type when it is one of AWS, else gp3.</summary>
    public static string DiskType(string? type) => type is "gp2" or "gp3" or "io1" or "io2" or "st1" or "sc1" ? type : "gp3";
}
