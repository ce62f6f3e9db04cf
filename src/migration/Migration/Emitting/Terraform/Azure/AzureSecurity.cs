using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Secrets, keys, certificates and identities on Azure.</summary>
internal static class AzureSecurity
{
    public static void Secret(Emission e)
    {
        HclValue vault = Vault(e);
        e.Main(
            ("name", e.Name(127)), ("key_vault_id", vault),
            ("value", e.Variable("value", "Value of the secret, to be copied by a person", sensitive: true)), ("tags", Azure.Tags(e, 15)));
    }

    public static void Key(Emission e)
    {
        HclValue vault = Vault(e);
        HclBody key = e.Main(
            ("name", e.Name(127)), ("key_vault_id", vault), ("key_type", "RSA"), ("key_size", 3_072),
            ("key_opts", Texts("decrypt", "encrypt", "sign", "unwrapKey", "verify", "wrapKey")), ("tags", Azure.Tags(e, 15)));
        if (e.Flag("rotation") is not true) return;
        HclBody policy = key.Block("rotation_policy", ("expire_after", "P2Y"), ("notify_before_expiry", "P30D"));
        policy.Block("automatic", ("time_after_creation", "P1Y"));
    }

    public static void Certificate(Emission e)
    {
        HclValue vault = Vault(e);
        HclValue? domain = (HclValue?)e.Text("domain") ?? e.Variable("domain", "Domain of the certificate");
        HclBody policy = e.Main(("name", e.Name(127)), ("key_vault_id", vault), ("tags", Azure.Tags(e, 15))).Block("certificate_policy");
        policy.Block("issuer_parameters",
            ("name", e.Variable("issuer", "Issuer set up in the key vault; Self signs by itself", initial: "Self")));
        policy.Block("key_properties", ("exportable", true), ("key_type", "RSA"), ("key_size", 3_072), ("reuse_key", false));
        HclBody action = policy.Block("lifetime_action");
        action.Block("action", ("action_type", "AutoRenew"));
        action.Block("trigger", ("days_before_expiry", 30));
        policy.Block("secret_properties", ("content_type", "application/x-pkcs12"));
        HclBody x509 = policy.Block("x509_certificate_properties",
            ("subject", Template(((HclValue?)"CN=")!, domain!)), ("validity_in_months", 12),
            ("key_usage", Texts("digitalSignature", "keyEncipherment")));
        x509.Block("subject_alternative_names", ("dns_names", List(domain)));
    }

    public static void Parameter(Emission e)
    {
        Reference store = e.Module.Shared("secrets.tf", "azurerm_app_configuration", (body, _) => body.With(
            ("name", Template(((HclValue?)"settings-")!, e.Module.UniqueSuffix())), ("resource_group_name", Azure.Group(e)["name"]),
            ("location", Azure.Location(e)),
            ("sku", "standard"), ("local_auth_enabled", false), ("public_network_access", "Disabled"), ("tags", Azure.Tags(e))));
        e.Main(
            ("configuration_store_id", store["id"]), ("key", e.Name(200)),
            ("value", e.Variable("value", "Value of the parameter, to be copied by a person", sensitive: true)));
    }

    public static void Identity(Emission e)
    {
        e.Blocks.Comment("What this identity may do is not carried over: permissions are named otherwise in each cloud. Assign the roles it needs.");
        Azure.Main(e, e.Name(128), ("tags", Azure.Tags(e)));
        e.Output("principal_id", "Principal", "principal_id");
    }

    public static void OwnVault(Emission e)
    {
        ClientConfig(e);
        Azure.Main(e, e.GlobalName(24),
            ("tenant_id", Expr("data.azurerm_client_config.current.tenant_id")),
            ("sku_name", e.Flag("hsm") is true ? "premium" : "standard"),
            ("enable_rbac_authorization", true), ("purge_protection_enabled", true), ("soft_delete_retention_days", 90),
            ("tags", Azure.Tags(e)));
    }

    private static HclValue Vault(Emission e)
    {
        if (e.Node.FirstOf("azurerm_key_vault") is { } related) return related["id"];
        ClientConfig(e);
        return SharedVault(e);
    }

    private static void ClientConfig(Emission e)
    {
        if (e.Module.FirstUse("client config"))
        {
            var data = new HclBody();
            data.Labelled("data", ["azurerm_client_config", "current"]);
            e.Module.Append("main.tf", data);
        }
    }

    private static HclValue SharedVault(Emission e) => e.Module.Shared("secrets.tf", "azurerm_key_vault", (body, _) => body.With(
            ("name", Template(((HclValue?)"vault-")!, e.Module.UniqueSuffix())), ("resource_group_name", Azure.Group(e)["name"]),
            ("location", Azure.Location(e)),
            ("tenant_id", Expr("data.azurerm_client_config.current.tenant_id")),
            ("sku_name", e.Flag("hsm") is true ? "premium" : "standard"),
            ("enable_rbac_authorization", true), ("purge_protection_enabled", true), ("soft_delete_retention_days", 90),
            ("tags", Azure.Tags(e))))["id"];
}
