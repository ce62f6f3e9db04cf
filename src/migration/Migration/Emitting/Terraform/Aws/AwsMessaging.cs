using Sirsi.Migration.Emitting.Terraform.Hcl;
using static Sirsi.Migration.Emitting.Terraform.Hcl.HclValues;

namespace Sirsi.Migration.Emitting.Terraform;

/// <summary>Queues, topics and streams on AWS.</summary>
internal static class AwsMessaging
{
    public static void Queue(Emission e)
    {
        bool fifo = e.Flag("fifo") is true;
        HclValue? redrive = null;
        if (e.Flag("deadLetter") is true)
        {
            (_, Reference dead) = e.Extra("aws_sqs_queue", "dead",
                ("name", Name($"{e.Name(66)}-dead", fifo)), ("fifo_queue", fifo ? true : null), ("message_retention_seconds", 1_209_600),
                ("sqs_managed_sse_enabled", true));
            redrive = Call("jsonencode", Map(("deadLetterTargetArn", dead["arn"]), ("maxReceiveCount", 5)));
        }

        e.Main(
            ("name", Name(e.Name(75), fifo)),
            ("fifo_queue", fifo ? true : null),
            ("message_retention_seconds", e.Number("retentionSeconds") is { } seconds ? Math.Clamp(seconds, 60, 1_209_600) : null),
            ("kms_master_key_id", Aws.Key(e)),
            ("sqs_managed_sse_enabled", Aws.Key(e) is null ? true : null),
            ("redrive_policy", redrive),
            ("tags", Aws.Tags(e)));
        e.Output("url", "Address", "url");
    }

    public static void Topic(Emission e)
    {
        bool fifo = e.Flag("fifo") is true;
        e.Main(("name", Name(e.Name(250), fifo)), ("fifo_topic", fifo ? true : null), ("kms_master_key_id", Aws.Key(e) ?? "alias/aws/sns"),
            ("tags", Aws.Tags(e)));
    }

    public static void Subscription(Emission e)
    {
        TargetNode? queue = e.Node.FirstOf("aws_sqs_queue");
        TargetNode? function = e.Node.FirstOf("aws_lambda_function");
        e.Main(
            ("topic_arn", e.Node.FirstOf("aws_sns_topic")?["arn"] ?? e.Variable("topic_arn", "ARN of the topic")),
            ("protocol", queue is not null ? "sqs" : function is not null
                ? "lambda" : e.Variable("protocol", "How messages are delivered: sqs, lambda, https, email")),
            ("endpoint", queue?["arn"] ?? function?["arn"] ?? e.Variable("endpoint", "Where messages are delivered")));
    }

    public static void Stream(Emission e)
    {
        HclBody stream = e.Main(
            ("name", e.Name(128)),
            ("shard_count", e.Number("shards") is > 0 and var shards ? shards : null),
            ("retention_period", e.Number("retentionHours") is { } hours ? Math.Clamp(hours, 24, 8_760) : null),
            ("encryption_type", "KMS"),
            ("kms_key_id", Aws.Key(e) ?? "alias/aws/kinesis"),
            ("tags", Aws.Tags(e)));
        stream.Block("stream_mode_details", ("stream_mode", e.Number("shards") is > 0 ? "PROVISIONED" : "ON_DEMAND"));
    }

    private static string Name(string name, bool fifo) => fifo ? $"{name}.fifo" : name;
}
