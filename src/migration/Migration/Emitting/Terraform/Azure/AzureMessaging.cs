using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Queues, topics and streams on Azure.</summary>
internal static class AzureMessaging
{
    public static void Queue(Emission e)
    {
        bool fifo = e.Flag("fifo") is true;
        e.Main(
            ("name", e.Name(200)),
            ("namespace_id", Namespace(e)),
            ("requires_session", fifo ? true : null),
            ("requires_duplicate_detection", fifo ? true : null),
            ("default_message_ttl", e.Number("retentionSeconds") is > 0 and var seconds ? $"PT{seconds}S" : null),
            ("dead_lettering_on_message_expiration", e.Flag("deadLetter") ?? true),
            ("max_delivery_count", 10));
    }

    public static void Topic(Emission e) => e.Main(
        ("name", e.Name(200)), ("namespace_id", Namespace(e)), ("support_ordering", e.Flag("fifo") is true ? true : null));

    public static void Subscription(Emission e) => e.Main(
        ("name", e.Name(50)),
        ("topic_id", e.Node.FirstOf("azurerm_servicebus_topic")?["id"] ?? e.Variable("topic_id", "Id of the topic")),
        ("max_delivery_count", 10),
        ("forward_to", e.Node.FirstOf("azurerm_servicebus_queue")?["name"]),
        ("dead_lettering_on_message_expiration", true));

    public static void Stream(Emission e)
    {
        Reference space = e.Module.Shared("messaging.tf", "azurerm_eventhub_namespace", (body, _) => body.With(
            ("name", Template(((HclValue?)"streams-")!, e.Module.UniqueSuffix())), ("resource_group_name", Azure.Group(e)["name"]),
            ("location", Azure.Location(e)),
            ("sku", "Standard"), ("capacity", 1), ("auto_inflate_enabled", true), ("maximum_throughput_units", 10),
            ("minimum_tls_version", "1.2"),
            ("tags", Azure.Tags(e))));
        e.Main(
            ("name", e.Name(200)),
            ("namespace_id", space["id"]),
            ("partition_count", Math.Clamp(e.Number("shards") ?? 2, 1, 32)),
            ("message_retention", Math.Clamp(((e.Number("retentionHours") ?? 24) + 23) / 24, 1, 7)));
    }

    private static HclValue Namespace(Emission e) => e.Module.Shared("messaging.tf", "azurerm_servicebus_namespace", (body, _) => body.With(
        ("name", Template(((HclValue?)"messages-")!, e.Module.UniqueSuffix())), ("resource_group_name", Azure.Group(e)["name"]),
        ("location", Azure.Location(e)),
        ("sku", "Standard"), ("minimum_tls_version", "1.2"), ("tags", Azure.Tags(e))))["id"];
}
