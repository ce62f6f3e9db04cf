using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Secrets, keys, certificates and identities on Google Cloud.</summary>
internal static class GcpSecurity
{
    public static void Secret(Emission e)
    {
        e.Main(("secret_id", e.Name(255)), ("labels", Gcp.Labels(e))).Block("replication").Block("auto");
        e.Extra("google_secret_manager_secret_version", "",
            ("secret", e.Node["id"]),
            ("secret_data", e.Variable("value", "Value of the secret, to be copied by a person", sensitive: true)));
    }

    public static void Key(Emission e)
    {
        Reference ring = e.Node.FirstOf("google_kms_key_ring") is { } own
            ? new(own.Type, own.Label) : e.Module.Shared("secrets.tf", "google_kms_key_ring",
            (body, _) => body.With(("name", "migrated"), ("location", Expr("var.region"))));
        HclBody key = e.Main(
            ("name", e.Name()), ("key_ring", ring["id"]), ("purpose", "ENCRYPT_DECRYPT"), ("rotation_period", "7776000s"),
            ("destroy_scheduled_duration", $"{Math.Clamp(e.Number("deletionDays") ?? 30, 1, 120) * 86_400}s"), ("labels", Gcp.Labels(e)));
        if (e.Flag("hsm") is true) key.Block("version_template", ("algorithm", "GOOGLE_SYMMETRIC_ENCRYPTION"), ("protection_level", "HSM"));
        key.Block("lifecycle", ("prevent_destroy", true));
    }

    public static void KeyRing(Emission e) => e.Main(("name", e.Name()), ("location", Gcp.Region(e)));

    public static void Certificate(Emission e) => e.Main(("name", e.Name())).Block("managed",
        ("domains", List(e.Text("domain") is { } domain ? domain : e.Variable("domain", "Domain of the certificate"))));

    public static void ServiceAccount(Emission e)
    {
        e.Blocks.Comment("What this account may do is not carried over: permissions are named otherwise in each cloud. Bind the roles it needs.");
        string name = e.Name(30);
        e.Main(("account_id", name.Length >= 6 ? name : $"{name}-account"), ("display_name", e.Node.Label));
        e.Output("email", "Address", "email");
    }
}
