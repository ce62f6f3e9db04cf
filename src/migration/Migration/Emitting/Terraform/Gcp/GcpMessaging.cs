using Sirsi.Migration.Emitting.Terraform.Hcl;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Topics and subscriptions on Google Cloud; a queue is a topic with one subscription.</summary>
internal static class GcpMessaging
{
    public static void Topic(Emission e)
    {
        string kind = e.Node.Source.Kind.Name;
        long? seconds = kind == "stream" ? (e.Number("retentionHours") ?? 24) * 3_600 : null;
        e.Main(
            ("name", e.Name(250)),
            ("kms_key_name", Gcp.Key(e)),
            ("message_retention_duration", seconds is { } kept ? $"{Math.Clamp(kept, 600, 2_678_400)}s" : null),
            ("labels", Gcp.Labels(e)));
        if (kind != "queue" && e.Node.Kind != "queue") return;
        HclValue? dead = e.Flag("deadLetter") is true
            ? e.Extra("google_pubsub_topic", "dead", ("name", $"{e.Name(240)}-dead")).Reference["id"] : null;
        HclBody subscription = e.Extra("google_pubsub_subscription", "",
            ("name", $"{e.Name(240)}-worker"), ("topic", e.Node["id"]), ("ack_deadline_seconds", 60),
            ("enable_message_ordering", e.Flag("fifo") is true ? true : null),
            ("enable_exactly_once_delivery", e.Flag("fifo") is true ? true : null),
            ("message_retention_duration",
            e.Number("retentionSeconds") is { } wanted ? $"{Math.Clamp(wanted, 600, 2_678_400)}s" : null)).Body;
        subscription.Block("expiration_policy", ("ttl", ""));
        if (dead is not null) subscription.Block("dead_letter_policy", ("dead_letter_topic", dead), ("max_delivery_attempts", 5));
    }

    public static void Subscription(Emission e)
    {
        TargetNode? topic = e.Node.Related("topic").Concat(e.Node.Related("stream")).FirstOrDefault(
            static node => node.Type == "google_pubsub_topic");
        HclBody subscription = e.Main(
            ("name", e.Name(250)), ("topic", topic?["id"] ?? e.Variable("topic_id", "Id of the topic")), ("ack_deadline_seconds", 60),
            ("labels", Gcp.Labels(e)));
        subscription.Block("expiration_policy", ("ttl", ""));
        subscription.Block("retry_policy", ("minimum_backoff", "10s"), ("maximum_backoff", "600s"));
    }
}
