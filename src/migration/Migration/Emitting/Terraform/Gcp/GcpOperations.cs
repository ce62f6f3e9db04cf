using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Logs, alarms and folders on Google Cloud.</summary>
internal static class GcpOperations
{
    public static void LogBucket(Emission e) => e.Main(
        ("project", Expr("var.project_id")), ("location", Gcp.Region(e)), ("bucket_id", e.Name(99)),
        ("retention_days", Math.Clamp(e.Number("retentionDays") ?? 90, 1, 3_650)));

    public static void Alert(Emission e)
    {
        HclBody alert = e.Main(("display_name", e.Node.Label), ("combiner", "OR"), ("user_labels", Gcp.Labels(e)));
        HclBody threshold = alert.Block("conditions", ("display_name", e.Node.Label)).Block("condition_threshold",
            ("filter", e.Variable("filter", "Monitoring filter of the metric that stands for the source's metric")),
            ("comparison", "COMPARISON_GT"),
            ("threshold_value", e.Node.Facts["threshold"].AsNumber is { } value
                ? Expr(value.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture))
                : e.Variable("threshold", "Value that raises the alarm", "number")),
            ("duration", "300s"));
        threshold.Block("aggregations", ("alignment_period", "300s"), ("per_series_aligner", "ALIGN_MEAN"));
    }

    public static void Folder(Emission e) => e.Main(
        ("display_name", e.Name(30)),
        ("parent", e.Module.Variable("folder_parent", "string",
        "Organisation or folder that new folders are put into: organizations/123 or folders/123.")));
}
