using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Secrets, keys, certificates and identities on AWS.</summary>
internal static class AwsSecurity
{
    public static void Secret(Emission e)
    {
        e.Main(("name", e.Name(255)), ("kms_key_id", Aws.Key(e)), ("tags", Aws.Tags(e)));
        e.Extra("aws_secretsmanager_secret_version", "",
            ("secret_id", e.Node["id"]),
            ("secret_string", e.Variable("value", "Value of the secret, to be copied by a person", sensitive: true)));
    }

    public static void Key(Emission e)
    {
        bool symmetric = e.Text("algorithm") is null or "SYMMETRIC_DEFAULT" or "GOOGLE_SYMMETRIC_ENCRYPTION";
        e.Main(
            ("description", e.Node.Label),
            ("enable_key_rotation", symmetric ? true : null),
            ("customer_master_key_spec", symmetric ? null : Spec(e.Text("algorithm")!)),
            ("key_usage", symmetric ? null : "SIGN_VERIFY"),
            ("deletion_window_in_days", Math.Clamp(e.Number("deletionDays") ?? 30, 7, 30)),
            ("tags", Aws.Tags(e)));
        e.Extra("aws_kms_alias", "", ("name", $"alias/{e.Name(200)}"), ("target_key_id", e.Node["key_id"]));
    }

    private static string Spec(string algorithm) => algorithm switch
    {
        _ when algorithm.Contains("4096", StringComparison.Ordinal) => "RSA_4096",
        _ when algorithm.Contains("3072", StringComparison.Ordinal) => "RSA_3072",
        _ when algorithm.Contains("384", StringComparison.Ordinal) => "ECC_NIST_P384",
        _ when algorithm.StartsWith("EC", StringComparison.Ordinal) => "ECC_NIST_P256",
        _ => "RSA_2048",
    };

    public static void Certificate(Emission e)
    {
        HclBody certificate = e.Main(
            ("domain_name", e.Text("domain") ?? e.Variable("domain", "Domain of the certificate")), ("validation_method", "DNS"),
            ("tags", Aws.Tags(e)));
        certificate.Block("lifecycle", ("create_before_destroy", true));
        e.Output("validation", "DNS records that prove the domain", "domain_validation_options");
    }

    public static void Parameter(Emission e) => e.Main(
        ("name", $"/{e.Name(200)}"), ("type", "SecureString"), ("key_id", Aws.Key(e)),
        ("value", e.Variable("value", "Value of the parameter, to be copied by a person", sensitive: true)), ("tags", Aws.Tags(e)));

    public static void Role(Emission e)
    {
        e.Blocks.Comment("What this role may do is not carried over: permissions are named otherwise in each cloud. Attach the policies it needs.");
        string service = e.Node switch
        {
            var node when node.First("compute.function") is not null => "lambda.amazonaws.com",
            var node when node.First("container.task") is not null || node.First("container.service") is not null =>
                "ecs-tasks.amazonaws.com",
            _ => "ec2.amazonaws.com",
        };
        e.Main(("name", e.Name(64)), ("assume_role_policy", Aws.Trust(service)), ("tags", Aws.Tags(e)));
    }
}
