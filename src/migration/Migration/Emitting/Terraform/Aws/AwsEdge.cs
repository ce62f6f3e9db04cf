using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Names, content delivery and programming interfaces on AWS.</summary>
internal static class AwsEdge
{
    public static void Zone(Emission e)
    {
        HclBody zone = e.Main(
            ("name", e.Text("domain")?.TrimEnd('.') ?? e.Variable("domain", "Domain of the zone")), ("tags", Aws.Tags(e)));
        if (e.Flag("private") is true) zone.Block("vpc", ("vpc_id", Aws.NetworkId(e)));
        e.Output("name_servers", "Name servers", "name_servers");
    }

    public static void Record(Emission e)
    {
        HclValue zone = e.Node.First("dns.zone")?["zone_id"] ?? e.Variable("zone_id", "Id of the zone it belongs to");
        HclValue? name = (HclValue?)e.Text("domain") ?? e.Variable("record_name", "Full name of the record");
        if ((e.Node.FirstOf("aws_lb") ?? e.Node.FirstOf("aws_cloudfront_distribution")) is { } front)
        {
            bool balancer = front.Type == "aws_lb";
            HclBody record = e.Main(("zone_id", zone), ("name", name), ("type", "A"));
            record.Block("alias",
                ("name", front[balancer ? "dns_name" : "domain_name"]),
                ("zone_id", front[balancer ? "zone_id" : "hosted_zone_id"]),
                ("evaluate_target_health", balancer));
            return;
        }

        string[] values = [.. e.Texts("values")];
        HclValue records = e.Node.FirstOf("aws_eip") is { } address ? List(address["public_ip"])
            : values.Length == 0 || values.Any(SourceIdentity.IsIn)
                ? e.Variable("records", "Values of the record; those of the source name things of the source", "list(string)")
                : Texts(values);
        e.Main(("zone_id", zone), ("name", name), ("type", RecordType(e)), ("ttl", e.Number("ttlSeconds") ?? 300), ("records", records));
    }

    private static string RecordType(Emission e) =>
        e.Text("type")?.ToUpperInvariant() is "A" or "AAAA" or "CAA" or "CNAME" or "DS" or "MX" or "NAPTR" or "NS" or "PTR" or "SOA" or "SPF" or "SRV" or "TXT"
            ? e.Text("type")!.ToUpperInvariant() : "A";

    public static void Distribution(Emission e)
    {
        TargetNode? bucket = e.Node.FirstOf("aws_s3_bucket");
        TargetNode? balancer = e.Node.FirstOf("aws_lb");
        HclValue? control = bucket is null ? null : e.Extra("aws_cloudfront_origin_access_control", "",
            ("name", e.Name(60)), ("origin_access_control_origin_type", "s3"), ("signing_behavior", "always"),
            ("signing_protocol", "sigv4"))
            .Reference["id"];
        HclBody cdn = e.Main(("enabled", true), ("is_ipv6_enabled", true), ("comment", e.Node.Label), ("http_version", "http2and3"),
            ("web_acl_id", null), ("tags", Aws.Tags(e)));
        string? plain = e.Texts("origins").FirstOrDefault(static origin => !SourceIdentity.IsIn(origin));
        HclBody origin = cdn.Block("origin",
            ("origin_id", "main"),
            ("domain_name", bucket?["bucket_regional_domain_name"] ?? balancer?["dns_name"] ?? (HclValue?)plain
                ?? e.Variable("origin", "Host name the content comes from")),
            ("origin_access_control_id", control));
        if (bucket is null)
            origin.Block("custom_origin_config",
                ("http_port", 80), ("https_port", 443), ("origin_protocol_policy", "https-only"),
                ("origin_ssl_protocols", Texts("TLSv1.2")));
        cdn.Block("default_cache_behavior",
            ("target_origin_id", "main"),
            ("viewer_protocol_policy", "redirect-to-https"),
            ("allowed_methods", Texts("GET", "HEAD", "OPTIONS")),
            ("cached_methods", Texts("GET", "HEAD")),
            ("compress", true),
            // AWS's managed policy CachingOptimized has the same id in every account.
            ("cache_policy_id", "658327ea-f89d-4fab-a63d-7e88639e58f6"));
        cdn.Block("restrictions").Block("geo_restriction", ("restriction_type", "none"));
        cdn.Block("viewer_certificate", ("cloudfront_default_certificate", true), ("minimum_protocol_version", "TLSv1.2_2021"));
        e.Output("domain_name", "Address", "domain_name");
    }

    public static void Api(Emission e)
    {
        e.Main(("name", e.Name(128)), ("protocol_type", e.Text("protocol")?.ToUpperInvariant() is "WEBSOCKET" ? "WEBSOCKET" : "HTTP"),
            ("route_selection_expression", e.Text("protocol")?.ToUpperInvariant() is "WEBSOCKET" ? "$request.body.action" : null),
            ("tags", Aws.Tags(e)));
        (_, Reference logs) = e.Extra("aws_cloudwatch_log_group", "access",
            ("name", $"/aws/apigateway/{e.Node.Label}"), ("retention_in_days", 90));
        e.Extra("aws_apigatewayv2_stage", "", ("api_id", e.Node["id"]), ("name", "$default"), ("auto_deploy", true)).Body
            .Block("access_log_settings", ("destination_arn", logs["arn"]),
                ("format", "$context.requestId $context.httpMethod $context.path $context.status"));
        foreach (TargetNode function in e.Node.Related("compute.function").Where(static node => node.Type == "aws_lambda_function"))
        {
            (_, Reference integration) = e.Extra("aws_apigatewayv2_integration", function.Label,
                ("api_id", e.Node["id"]), ("integration_type", "AWS_PROXY"), ("integration_uri", function["invoke_arn"]),
                ("payload_format_version", "2.0"));
            e.Extra("aws_lambda_permission", function.Label,
                ("action", "lambda:InvokeFunction"), ("function_name", function["function_name"]),
                ("principal", "apigateway.amazonaws.com"),
                ("source_arn", Template(e.Node["execution_arn"], ((HclValue?)"/*")!)));
            e.Extra("aws_apigatewayv2_route", function.Label,
                ("api_id", e.Node["id"]), ("route_key", $"ANY /{function.Label}"),
                ("authorization_type", e.Flag("authorisation") is false ? "NONE" : "AWS_IAM"),
                ("target", Template(((HclValue?)"integrations/")!, integration["id"])));
        }

        e.Output("endpoint", "Address", "api_endpoint");
    }
}
