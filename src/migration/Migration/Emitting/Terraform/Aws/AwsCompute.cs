using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Machines, groups, functions and web applications on AWS.</summary>
internal static class AwsCompute
{
    public static void Instance(Emission e)
    {
        HclValue image = Aws.Image(e);
        HclValue? profile = Profile(e);
        HclBody vm = e.Main(
            ("ami", image),
            ("instance_type", e.Size ?? e.Variable("instance_type", "Instance type")),
            ("subnet_id", e.Node.First("network.subnet")?["id"] ?? e.Variable("subnet_id", "Id of the subnet it is built in")),
            ("vpc_security_group_ids", Aws.SecurityGroups(e)),
            ("associate_public_ip_address", e.Flag("publicIp")),
            ("key_name", e.Node.First("compute.keypair")?["key_name"]),
            ("iam_instance_profile", profile),
            ("monitoring", e.Flag("monitoring")),
            ("source_dest_check", e.Flag("ipForwarding") is true ? false : null),
            ("disable_api_termination", e.Flag("deletionProtection")),
            ("ebs_optimized", true),
            ("tags", Aws.Tags(e)));
        vm.Block("metadata_options", ("http_endpoint", "enabled"), ("http_tokens", "required"), ("http_put_response_hop_limit", 1));
        vm.Block("root_block_device",
            ("volume_size", e.Number("rootDiskGiB")), ("volume_type", Aws.DiskType(e.Text("rootDiskType"))), ("encrypted", true),
            ("kms_key_id", Aws.Key(e)));
        int disk = 0;
        foreach (AttributeMap data in e.Maps("dataDisks").Take(11)) Aws.Device(vm.Block("ebs_block_device"), e, data,
            $"/dev/sd{(char)('f' + disk++)}");
        e.Output("private_ip", "Private address", "private_ip");
    }

    public static void Template(Emission e) => WriteTemplate(e, e.Main(("name_prefix", $"{e.Name(120)}-")));

    public static void Group(Emission e)
    {
        HclValue id = e.RelatedOrOwn(
            e.Node.First("compute.template"), "id", "aws_launch_template", $"{e.Node.Label.Replace('_', '-')}-", WriteTemplate);
        HclBody group = e.Main(
            ("name", e.Name(255)),
            ("min_size", e.Number("minCount") ?? 1),
            ("max_size", e.Number("maxCount") ?? e.Number("desiredCount") ?? 2),
            ("desired_capacity", e.Number("desiredCount")),
            ("vpc_zone_identifier", Aws.Subnets(e, "its machines are built in")),
            ("target_group_arns", Aws.Ids(e.Node.Related("network.backend"), "arn")),
            ("health_check_type", e.Node.First("network.backend") is null ? "EC2" : "ELB"));
        group.Block("launch_template", ("id", id), ("version", "$Latest"));
        foreach ((string key, string value) in e.Tags().Take(40))
            group.Block("tag", ("key", key), ("value", value), ("propagate_at_launch", true));
    }

    private static void WriteTemplate(Emission e, HclBody template)
    {
        HclValue image = Aws.Image(e);
        template.With(
            ("image_id", image),
            ("instance_type", e.Size ?? e.Variable("instance_type", "Instance type")),
            ("vpc_security_group_ids", Aws.SecurityGroups(e)),
            ("key_name", e.Node.First("compute.keypair")?["key_name"]),
            ("update_default_version", true));
        template.Block("metadata_options", ("http_endpoint", "enabled"), ("http_tokens", "required"));
        template.Block("block_device_mappings", ("device_name", "/dev/xvda"))
            .Block("ebs", ("volume_type", "gp3"), ("encrypted", "true"));
    }

    public static void KeyPair(Emission e) => e.Main(
        ("key_name", e.Name(255)), ("public_key", e.Variable("public_key", "Public half of the login key, in OpenSSH form")),
        ("tags", Aws.Tags(e)));

    public static void Function(Emission e)
    {
        HclValue role = e.Node.First("identity.role")?["arn"]
            ?? Aws.ServiceRole(e, "lambda.amazonaws.com", "service-role/AWSLambdaBasicExecutionRole")["arn"];
        HclBody function = e.Main(
            ("function_name", e.Name(64)),
            ("role", role),
            ("runtime", RuntimeName(e) ?? e.Variable("runtime", "Lambda runtime, such as nodejs22.x")),
            ("handler", e.Variable("handler", "Entry point in the package", initial: "index.handler")),
            ("filename", e.Variable("package", "Path of the zip file with the code")),
            ("memory_size", e.Number("memoryMiB") is { } memory ? Math.Clamp(memory, 128, 10_240) : null),
            ("timeout", e.Number("timeoutSeconds") is { } timeout ? Math.Clamp(timeout, 1, 900) : null),
            ("architectures", e.Text("architecture") is "arm64" ? Texts("arm64") : null),
            ("kms_key_arn", Aws.Key(e)),
            ("tags", Aws.Tags(e)));
        function.Block("tracing_config", ("mode", e.Flag("tracing") is true ? "Active" : "PassThrough"));
        if (Aws.Ids(e.Node.Related("network.subnet")) is { } subnets)
            function.Block("vpc_config", ("subnet_ids", subnets), ("security_group_ids", Aws.SecurityGroups(e) ?? Texts()));
        foreach (TargetNode queue in e.Node.Related("queue").Where(static node => node.Type == "aws_sqs_queue"))
            e.Extra("aws_lambda_event_source_mapping", queue.Label, ("event_source_arn", queue["arn"]), ("function_name", e.Node["arn"]));
    }

    private static string? RuntimeName(Emission e) => Runtime.Read(e.Text("runtime")) switch
    {
        { Language: "node" } node => $"nodejs{node.Major}.x",
        { Language: "python" or "ruby" } dotted => $"{dotted.Language}{dotted.Version}",
        { Language: "java" or "dotnet" } whole => $"{whole.Language}{whole.Major}",
        { Language: "go" } => "provided.al2023",
        _ => null,
    };

    public static void WebApp(Emission e)
    {
        (_, Reference application) = e.Extra("aws_elastic_beanstalk_application", "", ("name", e.Name(100)));
        Reference role = Aws.ServiceRole(e, "ec2.amazonaws.com", "AWSElasticBeanstalkWebTier");
        (_, Reference profile) = e.Extra("aws_iam_instance_profile", "", ("role", role["name"]));
        HclBody environment = e.Main(
            ("name", e.Module.CloudName("beanstalk", $"{e.Name(34)}-env", 40, "-")),
            ("application", application["name"]),
            ("solution_stack_name",
            e.Variable("solution_stack", "Beanstalk platform, as 'aws elasticbeanstalk list-available-solution-stacks' names it")),
            ("tier", "WebServer"),
            ("tags", Aws.Tags(e)));
        Setting(environment, "aws:autoscaling:launchconfiguration", "IamInstanceProfile", profile["name"]);
        Setting(environment, "aws:autoscaling:launchconfiguration", "DisableIMDSv1", "true");
        if (e.Size is { } size && size.Contains('.', StringComparison.Ordinal)) Setting(environment, "aws:ec2:instances", "InstanceTypes",
            size);
        Setting(environment, "aws:elasticbeanstalk:environment", "LoadBalancerType", "application");
        e.Output("endpoint", "Address", "cname");
    }

    private static void Setting(HclBody environment, string name, string option, HclValue? value) =>
        environment.Block("setting", ("namespace", name), ("name", option), ("value", value));

    private static HclValue? Profile(Emission e)
    {
        if (e.Node.First("identity.role") is not { Type: "aws_iam_role" } role) return null;
        (_, Reference profile) = e.Extra("aws_iam_instance_profile", "", ("role", role["name"]));
        return profile["name"];
    }
}
