using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Logs, alarms and groups on Azure.</summary>
internal static class AzureOperations
{
    public static void Workspace(Emission e) => Azure.Main(e, e.Name(63),
        ("sku", "PerGB2018"), ("retention_in_days", Math.Clamp(e.Number("retentionDays") ?? 90, 30, 730)), ("tags", Azure.Tags(e)));

    /// <summary>The id of a workspace that resources share.</summary>
    public static HclValue SharedWorkspace(Emission e) =>
        e.Module.Shared("monitoring.tf", "azurerm_log_analytics_workspace", (body, _) => body.With(
        ("name", "logs"), ("resource_group_name", Azure.Group(e)["name"]), ("location", Azure.Location(e)), ("sku", "PerGB2018"),
        ("retention_in_days", 90)))["id"];

    public static void Alert(Emission e)
    {
        TargetNode? watched = e.Node.First("compute.vm") ?? e.Node.First("database.relational") ?? e.Node.First("network.loadbalancer")
            ?? e.Node.First("compute.webapp");
        HclBody alert = e.Main(
            ("name", e.Name(120)),
            ("resource_group_name", Azure.Group(e)["name"]),
            ("scopes", List(watched?["id"] ?? e.Variable("scope", "Id of the resource that is watched"))),
            ("frequency", "PT5M"), ("window_size", "PT15M"),
            ("tags", Azure.Tags(e)));
        alert.Block("criteria",
            ("metric_namespace", e.Variable("namespace",
            "Azure Monitor namespace of the metric, such as Microsoft.Compute/virtualMachines")),
            ("metric_name", e.Variable("metric", "Azure Monitor metric that stands for the source's metric")),
            ("aggregation", "Average"), ("operator", "GreaterThan"),
            ("threshold", e.Node.Facts["threshold"].AsNumber is { } threshold
                ? Expr(threshold.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture))
                : e.Variable("threshold", "Value that raises the alarm", "number")));
    }

    public static void Group(Emission e) => e.Main(("name", e.Name(90)), ("location", Azure.Location(e)), ("tags", Azure.Tags(e)));
}
