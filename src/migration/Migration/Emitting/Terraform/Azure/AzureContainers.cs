using System.Globalization;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Clusters, container apps and registries on Azure.</summary>
internal static class AzureContainers
{
    public static void Cluster(Emission e)
    {
        HclBody cluster = Azure.Main(e, e.Name(63),
            ("dns_prefix", e.Module.CloudName("dns_prefix", e.Node.Label.Replace('_', '-').ToLowerInvariant(), 40, "-")),
            ("kubernetes_version", e.Text("version") is { } version && char.IsAsciiDigit(version[0]) ? version.Split('-')[0] : null),
            ("private_cluster_enabled", e.Flag("publicEndpoint") is false),
            ("role_based_access_control_enabled", true),
            ("local_account_disabled", true),
            ("automatic_upgrade_channel", "patch"),
            ("tags", Azure.Tags(e)));
        cluster.Block("default_node_pool",
            ("name", "system"),
            ("vm_size", e.Text("nodeSize") is { } size && size.StartsWith("Standard_", StringComparison.Ordinal)
                ? size : "Standard_D2s_v5"),
            ("node_count", Math.Max(1, e.Number("nodeCount") ?? 2)),
            ("vnet_subnet_id", e.Node.First("network.subnet")?["id"]));
        cluster.Block("identity", ("type", "SystemAssigned"));
        cluster.Block("azure_active_directory_role_based_access_control", ("azure_rbac_enabled", true));
        cluster.Block("network_profile", ("network_plugin", "azure"), ("network_policy", "azure"));
        e.Output("fqdn", "Address of the programming interface", e.Flag("publicEndpoint") is false ? "private_fqdn" : "fqdn");
    }

    public static void NodePool(Emission e)
    {
        long minimum = Math.Max(1, e.Number("minCount") ?? 1);
        e.Main(
            ("name", PoolName(e)),
            ("kubernetes_cluster_id",
            e.Node.FirstOf("azurerm_kubernetes_cluster")?["id"] ?? e.Variable("cluster_id", "Id of the cluster the nodes join")),
            ("vm_size", e.Size ?? e.Variable("size", "Size of the nodes")),
            ("auto_scaling_enabled", true),
            ("min_count", minimum),
            ("max_count", Math.Max(minimum, e.Number("maxCount") ?? 3)),
            ("os_disk_size_gb", e.Number("diskGiB")),
            ("vnet_subnet_id", e.Node.First("network.subnet")?["id"]),
            ("tags", Azure.Tags(e)));
    }

    // A pool's name is 1 to 12 lower-case letters and digits.
    private static string PoolName(Emission e)
    {
        string compact = new([.. e.Name().Where(char.IsAsciiLetterOrDigit)]);
        return e.Module.CloudName("aks_pool", compact.Length == 0 ? "pool" : compact, 12, "");
    }

    public static void Environment(Emission e) => Azure.Main(e, e.Name(32),
        ("log_analytics_workspace_id", AzureOperations.SharedWorkspace(e)), ("logs_destination", "log-analytics"),
        ("infrastructure_subnet_id", e.Node.First("network.subnet")?["id"]), ("tags", Azure.Tags(e)));

    public static void App(Emission e)
    {
        Reference environment = e.Node.FirstOf("azurerm_container_app_environment") is { } own
            ? new(own.Type, own.Label) : e.Module.Shared("containers.tf", "azurerm_container_app_environment", (body, _) => body.With(
            ("name", "containers"), ("resource_group_name", Azure.Group(e)["name"]), ("location", Azure.Location(e)),
            ("log_analytics_workspace_id", AzureOperations.SharedWorkspace(e)), ("logs_destination", "log-analytics")));
        HclBody app = e.Main(
            ("name", e.Name(32)),
            ("resource_group_name", Azure.Group(e)["name"]),
            ("container_app_environment_id", environment["id"]),
            ("revision_mode", "Single"),
            ("tags", Azure.Tags(e)));
        AttributeMap? task = e.Node.Folded.FirstOrDefault(static folded => folded.Kind.Name == "container.task")?.Facts;
        double cpu = Math.Clamp(Math.Ceiling((task?["cpuUnits"].AsNumber ?? e.Number("cpuUnits") ?? 512) / 256) * 0.25, 0.25, 4);
        long count = Math.Max(1, e.Number("desiredCount") ?? 1);
        HclBody template = app.Block("template", ("min_replicas", count), ("max_replicas", count * 3));
        template.Block("container",
            ("name", "app"), ("image", e.Variable("image", "Container image with its tag or digest")),
            // Processors and memory come in fixed pairs: 2 GiB a processor.
            ("cpu", Expr(cpu.ToString("0.##", CultureInfo.InvariantCulture))),
            ("memory", $"{(cpu * 2).ToString("0.#", CultureInfo.InvariantCulture)}Gi"));
        HclBody ingress = app.Block("ingress",
            ("target_port", e.Variable("port", "Port the container listens on", "number", initial: 80)),
            ("external_enabled", e.Flag("publicIp") ?? false), ("allow_insecure_connections", false));
        ingress.Block("traffic_weight", ("percentage", 100), ("latest_revision", true));
        app.Block("identity", ("type", "SystemAssigned"));
    }

    public static void Registry(Emission e)
    {
        Azure.Main(e, e.GlobalCompactName(50), ("sku", "Standard"), ("admin_enabled", false), ("tags", Azure.Tags(e)));
        e.Output("login_server", "Address", "login_server");
    }
}
