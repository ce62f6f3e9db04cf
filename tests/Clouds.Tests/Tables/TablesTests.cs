using System.Text.Json;
using Sirsi.Clouds.Tables;

namespace Sirsi.Clouds.Tests.Tables;

/// <summary>What must hold for all tables together.</summary>
public sealed class TablesTests
{
    /// <summary>A folder of Terraform plug-ins; where it is set, the AWS rows are compared with the provider's own schema.</summary>
    private const string PluginsVariable = "SIRSI_TERRAFORM_PLUGINS";

    /// <summary>Types that the provider dropped, but states of earlier versions hold.</summary>
    private static readonly HashSet<string> RetiredAwsTypes = new(StringComparer.Ordinal)
    {
        "aws_db_security_group", "aws_elasticache_security_group", "aws_macie", "aws_macie_member_account_association",
        "aws_macie_s3_bucket_association", "aws_redshift_security_group",
    };

    /// <summary>Types that came with version 6 of the provider: a mirror of version 5 lacks them, and there they cannot be compared.</summary>
    private static readonly HashSet<string> AwsTypesSinceVersion6 = new(StringComparer.Ordinal)
    {
        "aws_appsync_api", "aws_appsync_channel_namespace", "aws_bedrockagent_flow", "aws_bedrockagentcore_agent_runtime",
        "aws_bedrockagentcore_agent_runtime_endpoint", "aws_bedrockagentcore_api_key_credential_provider", "aws_bedrockagentcore_browser",
        "aws_bedrockagentcore_code_interpreter", "aws_bedrockagentcore_gateway", "aws_bedrockagentcore_gateway_target",
        "aws_bedrockagentcore_memory", "aws_bedrockagentcore_oauth2_credential_provider", "aws_bedrockagentcore_token_vault_cmk",
        "aws_bedrockagentcore_workload_identity", "aws_billing_view", "aws_cloudfront_anycast_ip_list",
        "aws_cloudfront_connection_function", "aws_cloudfront_connection_group", "aws_cloudfront_distribution_tenant",
        "aws_cloudfront_multitenant_distribution", "aws_cloudfront_trust_store", "aws_cloudwatch_log_transformer",
        "aws_cognito_log_delivery_configuration", "aws_cognito_managed_login_branding", "aws_ec2_allowed_images_settings",
        "aws_ecr_pull_time_update_exclusion", "aws_ecs_express_gateway_service", "aws_eks_capability",
        "aws_fsx_s3_access_point_attachment", "aws_invoicing_invoice_unit", "aws_lambda_capacity_provider",
        "aws_nat_gateway_eip_association", "aws_networkfirewall_firewall_transit_gateway_attachment_accepter",
        "aws_networkfirewall_vpc_endpoint_association", "aws_notifications_managed_notification_account_contact_association",
        "aws_notifications_managed_notification_additional_channel_association", "aws_notifications_organizational_unit_association",
        "aws_notifications_organizations_access", "aws_observabilityadmin_centralization_rule_for_organization",
        "aws_odb_cloud_autonomous_vm_cluster", "aws_odb_cloud_exadata_infrastructure", "aws_odb_cloud_vm_cluster", "aws_odb_network",
        "aws_odb_network_peering_connection", "aws_prometheus_query_logging_configuration", "aws_prometheus_resource_policy",
        "aws_quicksight_custom_permissions", "aws_quicksight_ip_restriction", "aws_quicksight_role_custom_permission",
        "aws_quicksight_user_custom_permission", "aws_s3_bucket_metadata_configuration", "aws_s3tables_table_bucket_replication",
        "aws_s3vectors_index", "aws_s3vectors_vector_bucket", "aws_s3vectors_vector_bucket_policy", "aws_savingsplans_savings_plan",
        "aws_securityhub_account_v2", "aws_timestreaminfluxdb_db_cluster", "aws_transfer_host_key", "aws_transfer_web_app",
        "aws_transfer_web_app_customization", "aws_vpc_encryption_control", "aws_vpn_concentrator", "aws_workmail_group",
        "aws_workmail_organization", "aws_workmail_user", "aws_workspaces_pool", "aws_workspacesweb_browser_settings_association",
        "aws_workspacesweb_data_protection_settings_association", "aws_workspacesweb_identity_provider",
        "aws_workspacesweb_ip_access_settings_association", "aws_workspacesweb_network_settings_association", "aws_workspacesweb_portal",
        "aws_workspacesweb_session_logger", "aws_workspacesweb_trust_store", "aws_workspacesweb_trust_store_association",
        "aws_workspacesweb_user_access_logging_settings_association", "aws_workspacesweb_user_settings_association",
    };

    [Fact]
    public void Every_type_stands_once_and_is_of_a_known_kind()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (TableRow row in TableText.BuiltIn("types.tsv"))
        {
            if (!seen.Add(row[0].ToString())) wrong.Add($"{row.Position}: {row[0]} stands twice");
            if (KindTable.BuiltIn.Find(row[1]) is null) wrong.Add($"{row.Position}: there is no kind '{row[1]}'");
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("aws_", 1_400)]
    [InlineData("azurerm_", 900)]
    [InlineData("google_", 900)]
    public void A_provider_is_known_nearly_whole(string prefix, int least)
    {
        int count = TypeTable.BuiltIn.Types.Count(type => type.Name.StartsWith(prefix, StringComparison.Ordinal));
        Assert.True(count >= least, $"{count} types of {prefix}");
    }

    [Fact]
    public void Every_scope_and_target_of_a_reference_exists()
    {
        var wrong = new List<string>();
        foreach (TableRow row in TableText.BuiltIn("references.tsv"))
        {
            foreach (string scope in TypeTable.WordsOf(row[0]))
                if (scope is not ("*" or "aws" or "azure" or "gcp") && TypeTable.BuiltIn.Find(scope) is null)
                    wrong.Add($"{row.Position}: the scope {scope} is neither a cloud nor a type");
            foreach (string target in TypeTable.WordsOf(row[3]))
                if (KindTable.BuiltIn.Find(target) is null && TypeTable.BuiltIn.Find(target) is null)
                    wrong.Add($"{row.Position}: the target {target} is neither a kind nor a type");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_setting_that_gives_facts_names_its_owner()
    {
        IEnumerable<string> homeless = FactTable.BuiltIn.Types
            .Where(static type => FactTable.BuiltIn.For(type).Any(static rule => rule.OnOwner) && TypeTable.BuiltIn.Find(type)!.Configures.IsEmpty);
        Assert.Empty(homeless);
    }

    [Fact]
    public async Task Every_AWS_type_and_the_attribute_that_names_its_owner_exist_in_the_provider()
    {
        string? plugins = Environment.GetEnvironmentVariable(PluginsVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(plugins), $"{PluginsVariable} names no folder of Terraform plug-ins.");
        Assert.SkipUnless(ChildProcess.IsInstalled("terraform"), "There is no terraform on the PATH.");
        using var folder = new TemporaryFolder();
        folder.Write("main.tf", "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n");
        ProgramResult made = await ChildProcess.RunAsync("terraform", ["init", "-input=false", "-no-color", $"-plugin-dir={plugins}"], folder.Path);
        Assert.True(made.ExitCode == 0, made.Error);
        ProgramResult told = await ChildProcess.RunAsync("terraform", ["providers", "schema", "-json"], folder.Path, TimeSpan.FromMinutes(4));
        Assert.True(told.ExitCode == 0, told.Error);
        using JsonDocument schema = JsonDocument.Parse(told.Output);
        JsonElement types = schema.RootElement.GetProperty("provider_schemas").EnumerateObject()
            .Single(static provider => provider.Name.EndsWith("/aws", StringComparison.Ordinal)).Value.GetProperty("resource_schemas");
        var wrong = new List<string>();
        foreach (TypeInfo type in TypeTable.BuiltIn.Types)
        {
            if (!type.Name.StartsWith("aws_", StringComparison.Ordinal)) continue;
            if (types.TryGetProperty(type.Name, out JsonElement known))
                wrong.AddRange(type.Configures.Where(path => !Has(known.GetProperty("block"), path)).Select(path => $"{type.Name} has no {path}"));
            else if (!RetiredAwsTypes.Contains(type.Name) && !AwsTypesSinceVersion6.Contains(type.Name))
                wrong.Add($"{type.Name} is no type of the provider");
        }

        Assert.Empty(wrong);
    }

    /// <summary>Whether a block has an attribute; parts of a path stand for blocks or objects inside it.</summary>
    private static bool Has(JsonElement block, string path)
    {
        string[] parts = path.Split('.');
        for (int index = 0; index < parts.Length; index++)
        {
            if (block.TryGetProperty("attributes", out JsonElement attributes) && attributes.TryGetProperty(parts[index], out _)) return true;
            if (!block.TryGetProperty("block_types", out JsonElement blocks) || !blocks.TryGetProperty(parts[index], out JsonElement inner)) return false;
            block = inner.GetProperty("block");
        }

        return true;
    }
}
