using System.Text;
using Sirsi.Clouds.Estates;

namespace Sirsi.Clouds.Tests.Terraform;

/// <summary>Secrets of all classes are planted in inputs of all shapes; none may be found in what comes out.</summary>
public sealed class SecretsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Type, attributes as JSON with §§ where a secret is planted, and the secrets.</summary>
    public static TheoryData<string, string, string[]> Planted { get; } = new()
    {
        { "aws_db_instance", """{"id":"d","password":"§0"}""", ["Corr3ct-H0rse"] },
        { "aws_rds_cluster", """{"id":"d","master_password":"§0"}""", ["pw"] },
        { "aws_instance", """{"id":"i","user_data":"§0","user_data_base64":"§1"}""", ["#!/bin/sh export A=1", "IyEvYmluL3NoCg=="] },
        { "aws_launch_template", """{"id":"i","user_data":"§0"}""", ["Y2xvdWQtY29uZmln"] },
        { "aws_lambda_function", """{"id":"f","environment":[{"variables":{"DB_HOST":"§0","STRIPE":"§1"}}]}""", ["db.internal.example", "sk-in-env"] },
        { "aws_ecs_task_definition", """{"id":"t","container_definitions":"[{\"name\":\"web\",\"image\":\"nginx:1\",\"cpu\":10,\"command\":[\"--flag\",\"§0\"],\"environment\":[{\"name\":\"A\",\"value\":\"§1\"}]}]"}""", ["run-with-this", "plain-env-value"] },
        { "aws_batch_job_definition", """{"id":"b","container_properties":"{\"image\":\"x\",\"environment\":[{\"name\":\"A\",\"value\":\"§0\"}]}"}""", ["batch-env-value"] },
        { "aws_secretsmanager_secret_version", """{"id":"s","secret_string":"§0"}""", ["{\\\"user\\\":\\\"a1b2c3\\\"}"] },
        { "aws_ssm_parameter", """{"id":"p","name":"/app/x","value":"§0"}""", ["param-value-1"] },
        { "aws_iam_access_key", """{"id":"§0","secret":"§1","ses_smtp_password_v4":"§2"}""", ["AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "BExampleSmtpPw123"] },
        { "aws_vpn_connection", """{"id":"v","customer_gateway_configuration":"§0","tunnel1_preshared_key":"§1"}""", ["<vpn>psk</vpn>", "tunnelsharedkey1"] },
        { "aws_elasticache_replication_group", """{"id":"r","auth_token":"§0"}""", ["auth-token-value"] },
        { "aws_codebuild_project", """{"id":"c","environment":[{"environment_variable":[{"name":"X","value":"§0"}]}]}""", ["codebuild-env"] },
        { "aws_elastic_beanstalk_environment", """{"id":"e","setting":[{"name":"X","namespace":"n","value":"§0"}]}""", ["beanstalk-env"] },
        { "aws_glue_connection", """{"id":"g","connection_properties":{"JDBC_CONNECTION_URL":"§0"}}""", ["jdbc:mysql://h/db"] },
        { "aws_apprunner_service", """{"id":"a","source_configuration":[{"image_repository":[{"image_configuration":[{"runtime_environment_variables":{"K":"§0"}}]}]}]}""", ["apprunner-env"] },
        { "azurerm_linux_virtual_machine", """{"id":"/x","admin_password":"§0","custom_data":"§1"}""", ["Adm1n!", "Y3VzdG9t"] },
        { "azurerm_key_vault_secret", """{"id":"/x","name":"n","value":"§0"}""", ["kv-value"] },
        { "azurerm_storage_account", """{"id":"/x","primary_access_key":"§0","primary_connection_string":"§1"}""", ["c3RvcmFnZQ==", "DefaultEndpointsProtocol=https;AccountKey=abc"] },
        { "azurerm_linux_web_app", """{"id":"/x","app_settings":{"API":"§0"},"connection_string":[{"name":"db","type":"SQLAzure","value":"§1"}],"site_credential":[{"name":"u","password":"§2"}]}""", ["app-setting", "Server=tcp:x;Password=p", "site-pw"] },
        { "azurerm_kubernetes_cluster", """{"id":"/x","kube_config":[{"client_key":"§0","host":"h"}],"kube_config_raw":"§1"}""", ["client-key-data", "apiVersion: v1"] },
        { "azurerm_container_group", """{"id":"/x","container":[{"name":"c","environment_variables":{"E":"§0"},"secure_environment_variables":{"S":"§1"},"commands":["§2"]}]}""", ["aci-env", "aci-secure", "aci-command"] },
        { "azurerm_virtual_network_gateway_connection", """{"id":"/x","shared_key":"§0"}""", ["vpn-shared"] },
        { "azurerm_virtual_machine_extension", """{"id":"/x","settings":"§0","protected_settings":"§1"}""", ["{\\\"script\\\":\\\"x1y2\\\"}", "{\\\"k\\\":\\\"z9\\\"}"] },
        { "azurerm_container_app", """{"id":"/x","secret":[{"name":"s","value":"§0"}],"template":[{"container":[{"env":[{"name":"E","value":"§1"}]}]}]}""", ["ca-secret", "ca-env"] },
        { "google_compute_instance", """{"id":"projects/p/x","metadata":{"startup-script":"§0","db":"§1","enable-oslogin":"TRUE"},"metadata_startup_script":"§2"}""", ["#! startup", "metadata-db", "#! other"] },
        { "google_sql_user", """{"id":"u","password":"§0"}""", ["sql-user-pw"] },
        { "google_secret_manager_secret_version", """{"id":"s","secret_data":"§0"}""", ["gsm-data"] },
        { "google_service_account_key", """{"id":"k","private_key":"§0"}""", ["eyJ0eXBlIjoic2VydmljZV9hY2NvdW50In0="] },
        { "google_cloud_run_service", """{"id":"r","template":[{"spec":[{"containers":[{"env":[{"name":"N","value":"§0"}]}]}]}]}""", ["run-env"] },
        { "google_cloudfunctions_function", """{"id":"f","environment_variables":{"N":"§0"},"build_environment_variables":{"B":"§1"}}""", ["gcf-env", "gcf-build"] },
        { "google_container_cluster", """{"id":"c","master_auth":[{"client_key":"§0","password":"§1","username":"§2"}]}""", ["gke-client-key", "gke-pw", "gke-user"] },
        { "google_compute_vpn_tunnel", """{"id":"t","shared_secret":"§0"}""", ["vpn-tunnel-secret"] },
        { "random_password", """{"id":"none","result":"§0","bcrypt_hash":"§1"}""", ["r4nd0m", "$2a$10$abcdefghijk"] },
        { "tls_private_key", """{"id":"t","private_key_pem":"§0"}""", ["-----BEGIN RSA PRIVATE KEY-----MIIE"] },
        { "kubernetes_secret", """{"id":"k","data":{"a":"§0"}}""", ["k8s-data"] },
        { "helm_release", """{"id":"h","set":[{"name":"db.password","value":"§0"}],"values":["§1"]}""", ["helm-set", "key: helm-values"] },
        { "null_resource", """{"id":"n","description":"§0","notes":"§1","link":"§2","header":"§3"}""",
            ["AKIAI44QH8DHBEXAMPLE", "-----BEGIN EC PRIVATE KEY-----abc", "postgres://app:hunter22@db:5432/x", "Authorization: Bearer abcdef0123456789abcdef"] },
        { "aws_vpc", """{"id":"v","tags":{"note":"§0"},"anything":[{"deep":{"deeper":["§1"]}}]}""",
            ["https://user:tok3n@git.example/x.git", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"] },
        { "unheard_of_thing", """{"id":"x","api_key":"§0","pair":[{"name":"DB_PASSWORD","value":"§1"}],"nested":{"client_secret":"§2"}}""", ["any-api-key", "pair-value", "nested-secret"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task No_planted_secret_comes_out_of_a_state(string type, string attributes, string[] secrets)
    {
        string resource = "\"mode\":\"managed\",\"name\":\"n\"";
        string instances = "\"instances\":[{\"attributes\":" + Plant(attributes, secrets) + "}]";
        await NothingLeaks($$"""{"version":4,"resources":[{"type":"{{type}}",{{resource}},{{instances}}}]}""", secrets);
        // The same with members sorted by name, as tools rewrite states: the type comes last.
        await NothingLeaks($$"""{"resources":[{ {{instances}},{{resource}},"type":"{{type}}"}],"version":4}""", secrets);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task No_planted_secret_comes_out_of_a_plan(string type, string attributes, string[] secrets)
    {
        string planted = Plant(attributes, secrets);
        await NothingLeaks(
            $$"""
            {"format_version":"1.2","planned_values":{"root_module":{"child_modules":[{"address":"module.m","resources":[
            {"address":"module.m.{{type}}.n","mode":"managed","type":"{{type}}","name":"n","values":{{planted}} }]}]} },
            "resource_changes":[{"address":"module.m.{{type}}.n","change":{"after":{{planted}},"after_sensitive":{ } } }],
            "prior_state":{"values":{"root_module":{"resources":[{"address":"{{type}}.n","mode":"managed","type":"{{type}}","values":{{planted}} }]} } },
            "variables":{"v":{"value":"{{secrets[0]}}"} } }
            """,
            secrets);
    }

    [Fact]
    public async Task What_Terraform_marks_as_sensitive_is_masked_whatever_it_is()
    {
        await NothingLeaks("""
            {"version":4,"resources":[{"mode":"managed","type":"aws_thing","name":"n","instances":[{
            "attributes":{"id":"i","plain":"marked-1","list":["keep","marked-2"],"map":{"a":"marked-3","b":"keep"},"whole":{"x":["marked-4",777123]}},
            "sensitive_attributes":[[{"type":"get_attr","value":"plain"}],[{"type":"get_attr","value":"list"},{"type":"index","value":{"value":1,"type":"number"}}],
            [{"type":"get_attr","value":"map"},{"type":"index","value":{"value":"a","type":"string"}}],[{"type":"get_attr","value":"whole"}]]}]}]}
            """, ["marked-1", "marked-2", "marked-3", "marked-4", "777123"], ["\"keep\"", "<masked 1-15>"]);
        await NothingLeaks("""
            {"format_version":"1.0","planned_values":{"root_module":{"resources":[{"address":"aws_thing.n","mode":"managed","type":"aws_thing","name":"n",
            "sensitive_values":{"plain":true,"list":[false,true]},"values":{"plain":"marked-1","list":["keep","marked-2"],"late":{"x":"marked-3"}}}]}},
            "resource_changes":[{"address":"aws_thing.n","change":{"after_sensitive":{"late":{"x":true}}}}]}
            """, ["marked-1", "marked-2", "marked-3"], ["\"keep\""]);
    }

    [Fact]
    public async Task A_mark_that_can_not_be_read_masks_the_whole_resource()
    {
        Estate estate = await NothingLeaks("""
            {"version":4,"resources":[{"mode":"managed","type":"aws_thing","name":"n","instances":[
            {"attributes":{"id":"i","plain":"hidden-1"},"sensitive_attributes":[["?"]]}]}]}
            """, ["hidden-1"]);
        Assert.Contains(estate.Diagnostics, static diagnostic => diagnostic.Code == CloudsErrors.SensitiveMarkUnclear);
    }

    [Fact]
    public async Task What_is_no_secret_stays_readable()
    {
        const string policy = """{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}]}""";
        await NothingLeaks(
            """{"version":4,"resources":[{"mode":"managed","type":"aws_iam_policy","name":"n","instances":[{"attributes":{"id":"arn:aws:iam::1:policy/p","policy":" """
            + policy + """ ","secret_arn":"arn:aws:secretsmanager:us-east-1:1:secret:x","kms_key_id":"arn:aws:kms:us-east-1:1:key/1234","source_code_hash":"RvCKXAGLqvhTu+Zx0uvNLHX2lqX9MM2oyLrVKSE3HvE="}}]}]}""",
            [],
            ["secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:1:secret:x", "arn:aws:kms:us-east-1:1:key/1234", "RvCKXAGLqvhTu"]);
        await NothingLeaks("""
            {"version":4,"resources":[{"mode":"managed","type":"aws_lambda_function","name":"n","instances":[{"attributes":
            {"id":"f","runtime":"python3.12","environment":[{"variables":{"DB_HOST":"hidden-host"}}]}}]},
            {"mode":"managed","type":"google_compute_instance","name":"g","instances":[{"attributes":{"id":"g","metadata":{"serial-port-enable":"TRUE"}}}]},
            {"mode":"managed","type":"aws_ecs_task_definition","name":"t","instances":[{"attributes":{"id":"t","container_definitions":
            "[{\"name\":\"web\",\"image\":\"nginx:1.27\",\"memory\":512,\"environment\":[{\"name\":\"MODE\",\"value\":\"hidden-mode\"}]}]"}}]}]}
            """, ["hidden-host", "hidden-mode"], ["DB_HOST", "python3.12", "serial-port-enable\": \"TRUE\"", "nginx:1.27", "512", "MODE"]);
    }

    private static string Plant(string attributes, string[] secrets)
    {
        for (int index = 0; index < secrets.Length; index++)
        {
            Assert.Contains($"§{index}", attributes, StringComparison.Ordinal);
            attributes = attributes.Replace($"§{index}", secrets[index], StringComparison.Ordinal);
        }

        return attributes;
    }

    private async Task<Estate> NothingLeaks(string input, string[] secrets, string[]? kept = null)
    {
        Estate estate = await EstateSource.ReadAsync([_folder.Write("input.tfstate", input)]);
        Assert.NotEmpty(estate.Resources);
        using var stream = new MemoryStream();
        await EstateJson.WriteAsync(estate, stream);
        string text = Encoding.UTF8.GetString(stream.ToArray());
        foreach (string secret in secrets) Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        foreach (string expected in kept ?? []) Assert.Contains(expected, text, StringComparison.Ordinal);
        return estate;
    }
}
