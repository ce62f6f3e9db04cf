using System.Globalization;
using System.Text.Json;

namespace Sirsi.Migration.Benchmarks;

/// <summary>
/// Writes a Terraform state of any number of resources: stacks of networks, machines, databases, buckets, functions and their
/// settings, that refer to each other as real ones do. The same size and seed give the same bytes.
/// </summary>
public sealed class GeneratedState
{
    private const string Account = "123456789012";
    private const int FlushBytes = 1 << 16;

    private static readonly string[] RegionNames = ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"];
    private static readonly string[] Sizes = ["t3.micro", "t3.large", "m5.large", "m5.2xlarge", "c5.xlarge", "r5.large"];

    private readonly Utf8JsonWriter _json;
    private readonly Random _random;
    private readonly int _count;
    private int _written;
    private string _module = "";
    private string _region = "";

    private GeneratedState(Utf8JsonWriter json, int count, int seed) => (_json, _count, _random) = (json, count, new Random(seed));

    /// <summary>Writes a state.</summary>
    /// <param name="destination">Where to; stays open.</param>
    /// <param name="count">How many resources; at least 1.</param>
    /// <param name="seed">What makes it this one.</param>
    public static void Write(Stream destination, int count, int seed)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var json = new Utf8JsonWriter(destination, new JsonWriterOptions { Indented = true, SkipValidation = true });
        new GeneratedState(json, count, seed).WriteAll();
    }

    private void WriteAll()
    {
        _json.WriteStartObject();
        _json.WriteNumber("version", 4);
        _json.WriteString("terraform_version", "1.9.8");
        _json.WriteNumber("serial", 1);
        _json.WriteString("lineage", "3fd5eb87-d6b9-8b47-6c2d-7209f7f884ee");
        _json.WriteStartObject("outputs");
        _json.WriteEndObject();
        _json.WriteStartArray("resources");
        for (int stack = 0; _written < _count; stack++) WriteStack(stack);
        _json.WriteEndArray();
        _json.WriteNull("check_results");
        _json.WriteEndObject();
    }

    private void WriteStack(int stack)
    {
        _module = $"module.stack{stack.ToString("00000", CultureInfo.InvariantCulture)}";
        _region = RegionNames[stack % RegionNames.Length];
        string vpc = Id("vpc");
        Resource("aws_vpc", "main", vpc, "ec2", "vpc/", [("cidr_block", $"10.{stack % 250}.0.0/16"), ("enable_dns_support", true)]);
        string[] subnets = new string[4];
        for (int index = 0; index < subnets.Length; index++)
        {
            subnets[index] = Id("subnet");
            Resource("aws_subnet", "zone", subnets[index], "ec2", "subnet/",
                [("vpc_id", vpc), ("cidr_block", $"10.{stack % 250}.{index}.0/24"), ("availability_zone", _region + (char)('a' + (index % 3)))],
                key: index, dependsOn: ["aws_vpc.main"]);
        }

        string gateway = Id("igw");
        Resource("aws_internet_gateway", "main", gateway, "ec2", "internet-gateway/", [("vpc_id", vpc)], dependsOn: ["aws_vpc.main"]);
        string routes = Id("rtb");
        Resource("aws_route_table", "main", routes, "ec2", "route-table/", [("vpc_id", vpc), ("gateway_id", gateway)], dependsOn: ["aws_vpc.main"]);
        string firewall = Id("sg");
        Resource("aws_security_group", "web", firewall, "ec2", "security-group/",
            [("vpc_id", vpc), ("name", $"web-{stack}"), ("ingress", new[] { "0.0.0.0/0" })], dependsOn: ["aws_vpc.main"]);
        WriteMachines(stack, subnets, firewall);
        WriteFront(stack, vpc, subnets, firewall);
        WriteData(stack, subnets, firewall);
        WriteFunctions(stack, subnets, firewall);
    }

    private void WriteMachines(int stack, string[] subnets, string firewall)
    {
        for (int index = 0; index < 8; index++)
        {
            string machine = Id("i");
            Resource("aws_instance", "web", machine, "ec2", "instance/",
                [
                    ("ami", "ami-0" + Hex(16)), ("instance_type", Sizes[_random.Next(Sizes.Length)]), ("subnet_id", subnets[index % subnets.Length]),
                    ("vpc_security_group_ids", new[] { firewall }), ("availability_zone", _region + (char)('a' + (index % 3))),
                    ("private_ip", $"10.{stack % 250}.{index}.{_random.Next(4, 250)}"), ("user_data", Hex(40)), ("monitoring", _random.Next(2) == 0),
                    ("key_name", "ops"), ("ebs_optimized", true),
                ],
                key: index, dependsOn: ["aws_vpc.main", "aws_subnet.zone", "aws_security_group.web"]);
            string volume = Id("vol");
            Resource("aws_ebs_volume", "data", volume, "ec2", "volume/",
                [("size", 50 + (10 * index)), ("type", "gp3"), ("encrypted", index % 2 == 0), ("availability_zone", _region + (char)('a' + (index % 3)))],
                key: index);
            Resource("aws_volume_attachment", "data", "vai-" + Hex(8), "ec2", "attachment/",
                [("volume_id", volume), ("instance_id", machine), ("device_name", "/dev/sdf")],
                key: index, dependsOn: ["aws_ebs_volume.data", "aws_instance.web", "aws_subnet.zone", "aws_vpc.main"]);
        }
    }

    private void WriteFront(int stack, string vpc, string[] subnets, string firewall)
    {
        string balancer = Arn("elasticloadbalancing", $"loadbalancer/app/web-{stack}/{Hex(16)}");
        Resource("aws_lb", "web", balancer, "", "", [("name", $"web-{stack}"), ("subnets", subnets), ("security_groups", new[] { firewall }), ("internal", false)],
            dependsOn: ["aws_subnet.zone", "aws_security_group.web"]);
        string targets = Arn("elasticloadbalancing", $"targetgroup/web-{stack}/{Hex(16)}");
        Resource("aws_lb_target_group", "web", targets, "", "", [("vpc_id", vpc), ("port", 8080), ("protocol", "HTTP")], dependsOn: ["aws_vpc.main"]);
        Resource("aws_lb_listener", "web", Arn("elasticloadbalancing", $"listener/app/web-{stack}/{Hex(16)}"), "", "",
            [("load_balancer_arn", balancer), ("target_group_arn", targets), ("port", 443), ("protocol", "HTTPS")], dependsOn: ["aws_lb.web"]);
        Resource("aws_cloudwatch_metric_alarm", "web", $"alarm-{stack}", "cloudwatch", "alarm:", [("alarm_name", $"alarm-{stack}"), ("threshold", 80)]);
    }

    private void WriteData(int stack, string[] subnets, string firewall)
    {
        string key = Arn("kms", "key/" + Hex(32));
        Resource("aws_kms_key", "main", key, "", "", [("enable_key_rotation", true)]);
        Resource("aws_db_subnet_group", "main", $"db-{stack}", "rds", "subgrp:", [("name", $"db-{stack}"), ("subnet_ids", subnets)], dependsOn: ["aws_subnet.zone"]);
        Resource("aws_db_instance", "main", $"db-{stack}", "rds", "db:",
            [
                ("identifier", $"db-{stack}"), ("engine", "postgres"), ("engine_version", "15.4"), ("instance_class", "db.m5.large"),
                ("allocated_storage", 100), ("storage_encrypted", true), ("kms_key_id", key), ("password", Hex(24)), ("multi_az", true),
                ("db_subnet_group_name", $"db-{stack}"), ("vpc_security_group_ids", new[] { firewall }),
            ],
            dependsOn: ["aws_db_subnet_group.main", "aws_kms_key.main", "aws_subnet.zone", "aws_vpc.main"]);
        string bucket = $"assets-{stack}-{Hex(6)}";
        Resource("aws_s3_bucket", "assets", bucket, "", "", [("bucket", bucket), ("arn", $"arn:aws:s3:::{bucket}"), ("force_destroy", false)]);
        Resource("aws_s3_bucket_versioning", "assets", bucket, "", "", [("bucket", bucket)], dependsOn: ["aws_s3_bucket.assets"]);
        Resource("aws_s3_bucket_policy", "assets", bucket, "", "",
            [("bucket", bucket), ("policy", Policy(bucket))],
            dependsOn: ["aws_s3_bucket.assets"]);
    }

    private void WriteFunctions(int stack, string[] subnets, string firewall)
    {
        string role = $"arn:aws:iam::{Account}:role/worker-{stack}";
        Resource("aws_iam_role", "worker", $"worker-{stack}", "", "", [("name", $"worker-{stack}"), ("arn", role)]);
        for (int index = 0; index < 4; index++)
        {
            string queue = $"https://sqs.{_region}.amazonaws.com/{Account}/jobs-{stack}-{index}";
            Resource("aws_sqs_queue", "jobs", queue, "sqs", "", [("name", $"jobs-{stack}-{index}"), ("visibility_timeout_seconds", 60)], key: index);
            string function = $"worker-{stack}-{index}";
            Resource("aws_lambda_function", "worker", function, "lambda", "function:",
                [
                    ("function_name", function), ("role", role), ("runtime", "python3.12"), ("memory_size", 256), ("timeout", 30),
                    ("vpc_config", subnets), ("security_group", firewall), ("queue_url", queue), ("token", Hex(32)),
                ],
                key: index, dependsOn: ["aws_iam_role.worker", "aws_sqs_queue.jobs", "aws_subnet.zone"]);
            Resource("aws_cloudwatch_log_group", "worker", $"/aws/lambda/{function}", "logs", "log-group:", [("name", $"/aws/lambda/{function}"), ("retention_in_days", 30)], key: index);
        }
    }

    private void Resource(
        string type, string name, string id, string service, string prefix, (string Name, object Value)[] attributes, int? key = null,
        string[]? dependsOn = null)
    {
        if (_written >= _count) return;
        _written++;
        _json.WriteStartObject();
        _json.WriteString("module", _module);
        _json.WriteString("mode", "managed");
        _json.WriteString("type", type);
        // Terraform keeps the instances of a resource together; an entry each keeps this writer simple and costs a reader the same.
        _json.WriteString("name", name);
        _json.WriteString("provider", "provider[\"registry.example.com/hashicorp/aws\"]");
        _json.WriteStartArray("instances");
        _json.WriteStartObject();
        if (key is { } index) _json.WriteNumber("index_key", index);
        _json.WriteNumber("schema_version", 1);
        _json.WriteStartObject("attributes");
        var all = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        Ballast(all, name);
        if (service.Length > 0) all["arn"] = Arn(service, prefix + id);
        else if (id.StartsWith("arn:", StringComparison.Ordinal)) all["arn"] = id;
        all["id"] = id;
        foreach ((string attribute, object value) in attributes) all[attribute] = value;
        foreach ((string attribute, object? value) in all) Value(attribute, value);
        _json.WriteEndObject();
        _json.WriteStartArray("sensitive_attributes");
        _json.WriteEndArray();
        _json.WriteString("private", "bnVsbA==");
        _json.WriteStartArray("dependencies");
        foreach (string dependency in dependsOn ?? []) _json.WriteStringValue(_module + "." + dependency);
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.WriteEndArray();
        _json.WriteEndObject();
        if (_json.BytesPending > FlushBytes) _json.Flush();
    }

    /// <summary>What every resource carries along: tags, time-outs, and many attributes that are empty.</summary>
    private void Ballast(SortedDictionary<string, object?> all, string name)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Name"] = $"{_module}-{name}",
            ["Environment"] = _written % 3 == 0 ? "production" : "test",
            ["Owner"] = "platform",
            ["CostCenter"] = (1000 + (_written % 40)).ToString(CultureInfo.InvariantCulture),
        };
        all["tags"] = tags;
        all["tags_all"] = tags;
        all["region"] = _region;
        all["owner_id"] = Account;
        all["description"] = "Managed by Terraform";
        all["timeouts"] = null;
        all["network_details"] = new[] { Hex(12), Hex(12), Hex(12) };
        for (int index = 0; index < 14; index++) all[$"optional_setting_{index}"] = index % 3 == 0 ? null : index % 3 == 1 ? "" : false;
        all["settings"] = tags;
        all["launched_by"] = $"arn:aws:sts::{Account}:assumed-role/deploy/{Hex(8)}";
    }

    private void Value(string name, object? value)
    {
        _json.WritePropertyName(name);
        switch (value)
        {
            case null:
                _json.WriteNullValue();
                break;
            case string text:
                _json.WriteStringValue(text);
                break;
            case bool truth:
                _json.WriteBooleanValue(truth);
                break;
            case int number:
                _json.WriteNumberValue(number);
                break;
            case string[] list:
                _json.WriteStartArray();
                foreach (string item in list) _json.WriteStringValue(item);
                _json.WriteEndArray();
                break;
            case Dictionary<string, string> map:
                _json.WriteStartObject();
                foreach ((string key, string item) in map.OrderBy(static pair => pair.Key, StringComparer.Ordinal)) _json.WriteString(key, item);
                _json.WriteEndObject();
                break;
            default:
                throw new ArgumentException($"No attribute is a {value.GetType().Name}.", nameof(value));
        }
    }

    private static string Policy(string bucket) =>
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Principal":"*","Resource":"arn:aws:s3:::BUCKET/*"}]}"""
            .Replace("BUCKET", bucket, StringComparison.Ordinal);

    private string Arn(string service, string rest) => $"arn:aws:{service}:{_region}:{Account}:{rest}";

    private string Id(string prefix) => $"{prefix}-0{Hex(16)}";

    private string Hex(int digits) =>
        string.Create(digits, _random, static (span, random) => random.GetHexString(span, lowercase: true));
}
