using Google.Protobuf;
using Sirsi.Bus.Messages;
using Sirsi.Bus.Schemas;
using Sirsi.Core.Benchmarks;

namespace Sirsi.Bus.Benchmarks;

/// <summary>What it costs to check a payload, beside what parsing it costs.</summary>
internal static class SchemaBenchmarks
{
    private const int Operations = 300_000;
    private const string AgentId = "agent_01jd7rkzt1fa28rw5f2m3gwxyz";

    public static void Run()
    {
        SchemaRegistry registry = new SchemaRegistryBuilder().Build();
        Compare(registry, new TaskEvent
        {
            TaskId = "task_01jd7rkzt1fa28rw5f2m3gwxyz",
            Kind = "assess",
            Attempt = 1,
            Progress = new() { Percent = 42.5, Done = 17, Total = 40, Note = "pricing targets" },
        });
        Compare(registry, new AgentLifecycle
        {
            AgentId = AgentId,
            AgentType = "migration",
            Change = AgentLifecycle.Types.Change.Restarted,
            ParentId = AgentId,
            Node = "node-1",
            Reason = "the turn failed",
            Restarts = 2,
        });
        Compare(registry, new Audit
        {
            ActorId = AgentId,
            Action = "plan.approve",
            Target = "plan_01jd7rkzt1fa28rw5f2m3gwxyz",
            Outcome = Audit.Types.Outcome.Done,
            DecidedBy = "capability plan.approve",
            Origin = "203.0.113.7",
            RequestSha256 = ByteString.CopyFrom(new byte[32]),
            Details = { ["wave"] = "3", ["steps"] = "130", ["reason"] = "the window is open until four" },
        });
    }

    private static void Compare<T>(SchemaRegistry registry, T message)
        where T : IMessage<T>
    {
        byte[] payload = message.ToByteArray();
        string name = message.Descriptor.FullName;
        MessageParser parser = message.Descriptor.Parser;
        Measurement.Print($"check {message.Descriptor.Name}, {payload.Length} B", Operations, budgetNs: 0, times =>
        {
            for (int i = 0; i < times; i++)
                if (!registry.Check(name, 1, payload).IsAccepted) throw new InvalidOperationException(name);
        });
        Measurement.Print($"parse {message.Descriptor.Name}, {payload.Length} B (Google.Protobuf)", Operations, budgetNs: 0, times =>
        {
            for (int i = 0; i < times; i++) parser.ParseFrom(payload);
        });
    }
}
