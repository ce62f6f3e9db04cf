using System.Globalization;
using Sirsi.Clouds.Estates;
using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Functions, services and jobs on Google Cloud.</summary>
internal static class GcpApps
{
    public static void Function(Emission e)
    {
        (_, Reference bucket) = e.Extra("google_storage_bucket", "source",
            ("name", e.GlobalName()), ("location", Gcp.Region(e)), ("uniform_bucket_level_access", true),
            ("public_access_prevention", "enforced"));
        HclValue package = e.Variable("package", "Path of the zip file with the code");
        (_, Reference source) = e.Extra("google_storage_bucket_object", "source",
            ("name", Template(((HclValue?)"source-")!, Call("filemd5", package), ((HclValue?)".zip")!)), ("bucket", bucket["name"]),
            ("source", package));
        HclBody function = e.Main(("name", e.Name()), ("location", Gcp.Region(e)), ("labels", Gcp.Labels(e)));
        HclBody build = function.Block("build_config",
            ("runtime", RuntimeName(e) ?? e.Variable("runtime", "Runtime, such as nodejs22")),
            ("entry_point", e.Variable("entry_point", "Name of the function in the code", initial: "handler")));
        build.Block("source").Block("storage_source", ("bucket", bucket["name"]), ("object", source["name"]));
        function.Block("service_config",
            ("available_memory", $"{Math.Clamp(e.Number("memoryMiB") ?? 256, 128, 32_768)}Mi"),
            ("timeout_seconds", Math.Clamp(e.Number("timeoutSeconds") ?? 60, 1, 3_600)),
            ("ingress_settings", "ALLOW_INTERNAL_AND_GCLB"),
            ("service_account_email", e.Node.FirstOf("google_service_account")?["email"]));
    }

    private static string? RuntimeName(Emission e) => Runtime.Read(e.Text("runtime")) switch
    {
        { Language: "node" } node => $"nodejs{node.Major}",
        { Language: "java" or "dotnet" } whole => $"{whole.Language}{whole.Major}",
        { Language: "python" or "go" or "ruby" or "php" } packed =>
            $"{packed.Language}{packed.Version.Replace(".", "", StringComparison.Ordinal)}",
        _ => null,
    };

    public static void Service(Emission e)
    {
        AttributeMap? task = (e.Node.Folded.FirstOrDefault(static folded => folded.Kind.Name == "container.task")?.Facts)
            ?? e.Node.First("container.task")?.Facts;
        long count = Math.Max(0, e.Number("desiredCount") ?? 0);
        HclBody service = e.Main(
            ("name", e.Name(49)), ("location", Gcp.Region(e)),
            ("ingress", e.Flag("publicIp") is true || e.Node.Kind == "compute.webapp"
                ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"),
            ("labels", Gcp.Labels(e)));
        HclBody template = service.Block("template", ("service_account", e.Node.FirstOf("google_service_account")?["email"]));
        template.Block("scaling", ("min_instance_count", count), ("max_instance_count", Math.Max(3, count * 3)));
        HclBody container = template.Block("containers", ("image", e.Variable("image", "Container image with its tag or digest")));
        container.Block("ports", ("container_port", e.Variable("port", "Port the container listens on", "number", initial: 8_080)));
        container.Block("resources", ("limits", Limits(task)));
        if (e.Node.First("network.subnet") is { } subnet)
            template.Block("vpc_access", ("egress", "PRIVATE_RANGES_ONLY")).Block("network_interfaces", ("subnetwork", subnet["id"]));
        e.Output("uri", "Address", "uri");
    }

    public static void Job(Emission e) =>
        e.Main(("name", e.Name(49)), ("location", Gcp.Region(e)), ("labels", Gcp.Labels(e))).Block("template")
            .Block("template", ("service_account", e.Node.FirstOf("google_service_account")?["email"]))
            .Block("containers", ("image", e.Variable("image", "Container image with its tag or digest")))
            .Block("resources", ("limits", Limits(e.Node.Facts)));

    // Whole processors above one; memory at least half a GiB a processor.
    private static HclValue Limits(AttributeMap? task)
    {
        double wanted = (task?["cpuUnits"].AsNumber ?? 1_024) / 1_024;
        double cpu = wanted <= 1 ? 1 : wanted <= 2 ? 2 : wanted <= 4 ? 4 : wanted <= 6 ? 6 : 8;
        double memory = Math.Clamp(task?["memoryMiB"].AsNumber ?? 512, Math.Max(512, cpu >= 4 ? cpu * 512 : 0), 32_768);
        return Map(("cpu", cpu.ToString("0", CultureInfo.InvariantCulture)),
            ("memory", $"{memory.ToString("0", CultureInfo.InvariantCulture)}Mi"));
    }
}
