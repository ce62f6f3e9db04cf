using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Logs, alarms and groups on AWS.</summary>
internal static class AwsOperations
{
    private static readonly long[] Retentions =
        [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653];

    public static void LogGroup(Emission e)
    {
        long wanted = Math.Max(1, e.Number("retentionDays") ?? 90);
        e.Main(
            ("name", e.Name(512)),
            ("retention_in_days", Retentions.FirstOrDefault(days => days >= wanted, Retentions[^1])),
            ("kms_key_id", Aws.Key(e)),
            ("tags", Aws.Tags(e)));
    }

    public static void Alarm(Emission e) => e.Main(
        ("alarm_name", e.Name(255)),
        ("namespace", e.Variable("namespace", "CloudWatch namespace of the metric, such as AWS/EC2")),
        ("metric_name", e.Variable("metric", "CloudWatch metric that stands for the source's metric")),
        ("statistic", "Average"),
        ("period", 300),
        ("evaluation_periods", 2),
        ("comparison_operator", "GreaterThanThreshold"),
        ("threshold", e.Node.Facts["threshold"].AsNumber is { } threshold
            ? Expr(threshold.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture))
            : e.Variable("threshold", "Value that raises the alarm", "number")),
        ("alarm_actions", Aws.Ids(e.Node.Related("topic"), "arn")),
        ("tags", Aws.Tags(e)));

    public static void Group(Emission e)
    {
        HclBody group = e.Main(("name", e.Name(127)));
        group.Block("resource_query", ("query", Call("jsonencode", Map(
            ("ResourceTypeFilters", Texts("AWS::AllSupported")),
            ("TagFilters", List(Map(("Key", "group"), ("Values", Texts(e.Title)))))))));
    }
}
