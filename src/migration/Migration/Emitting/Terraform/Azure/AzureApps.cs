using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Web applications and functions on Azure.</summary>
internal static class AzureApps
{
    public static void Plan(Emission e) => Azure.Main(e, e.Name(60),
        ("os_type", e.Text("os") is "windows" ? "Windows" : "Linux"),
        ("sku_name", e.Size ?? "P0v3"),
        ("worker_count", e.Number("count")),
        ("tags", Azure.Tags(e)));

    public static void WebApp(Emission e)
    {
        bool windows = e.Node.Type == "azurerm_windows_web_app";
        HclValue plan = PlanId(e, windows ? "Windows" : "Linux", e.Size ?? "P0v3");
        HclBody app = Azure.Main(e, e.GlobalName(60),
            ("service_plan_id", plan),
            ("https_only", true),
            ("ftp_publish_basic_authentication_enabled", false),
            ("virtual_network_subnet_id", e.Node.First("network.subnet")?["id"]),
            ("tags", Azure.Tags(e)));
        HclBody site = app.Block("site_config", ("minimum_tls_version", "1.2"), ("ftps_state", "Disabled"), ("http2_enabled", true));
        if (!windows) Stack(site, e);
        Identity(app, e);
        e.Output("hostname", "Address", "default_hostname");
    }

    public static void Function(Emission e)
    {
        bool windows = e.Node.Type == "azurerm_windows_function_app";
        HclValue plan = PlanId(e, windows ? "Windows" : "Linux", "EP1");
        (_, Reference storage) = AzureStorage.OwnAccount(e);
        HclBody app = Azure.Main(e, e.GlobalName(60),
            ("service_plan_id", plan),
            ("storage_account_name", storage["name"]),
            ("storage_uses_managed_identity", true),
            ("https_only", true),
            ("virtual_network_subnet_id", e.Node.First("network.subnet")?["id"]),
            ("tags", Azure.Tags(e)));
        HclBody site = app.Block("site_config", ("minimum_tls_version", "1.2"), ("ftps_state", "Disabled"));
        if (!windows) Stack(site, e);
        app.Block("identity", ("type", "SystemAssigned"));
        e.Extra("azurerm_role_assignment", "storage",
            ("scope", storage["id"]), ("role_definition_name", "Storage Blob Data Owner"),
            ("principal_id", Expr($"{e.Node.Type}.{e.Node.Label}.identity[0].principal_id")));
    }

    private static void Stack(HclBody site, Emission e)
    {
        (string Name, HclValue? Value)? stack = Runtime.Read(e.Text("runtime")) switch
        {
            { Language: "node" } node => ("node_version", e.Node.Kind == "compute.function" ? node.Major : $"{node.Major}-lts"),
            { Language: "python" } python => ("python_version", python.Version),
            { Language: "dotnet" } dotnet => ("dotnet_version", $"{dotnet.Major}.0"),
            { Language: "java" } java => ("java_version", java.Major),
            { Language: "php" } php when e.Node.Kind == "compute.webapp" => ("php_version", php.Version),
            _ => null,
        };
        if (stack is not { } known) return;
        HclBody block = site.Block("application_stack", known);
        if (known.Name == "java_version" && e.Node.Kind == "compute.webapp") block.With(("java_server", "JAVA"),
            ("java_server_version", Runtime.Read(e.Text("runtime"))!.Value.Major));
    }

    private static HclValue PlanId(Emission e, string system, string size) =>
        e.Node.FirstOf("azurerm_service_plan")?["id"]
        ?? Azure.Extra(e, "azurerm_service_plan", "", $"{e.Node.Label.Replace('_', '-')}-plan", ("os_type", system),
            ("sku_name", size)).Reference["id"];

    private static void Identity(HclBody app, Emission e)
    {
        if (e.Node.FirstOf("azurerm_user_assigned_identity") is { } identity)
            app.Block("identity", ("type", "UserAssigned"), ("identity_ids", List(identity["id"])));
        else
            app.Block("identity", ("type", "SystemAssigned"));
    }
}
