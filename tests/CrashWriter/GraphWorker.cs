using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Http;

namespace Sirsi.CrashWriter;

/// <summary>A worker that does the tasks of numbered graphs: it tells a server of every third one, in a request that is a step, and keeps how many it did and the sum of their numbers.</summary>
internal sealed class GraphWorker(Uri server) : IAgentBehavior
{
    public const string TypeName = "worker";
    public const int Workers = 8, TasksOfGraph = 20;
    private const string Done = "done", Sum = "sum";

    public static AgentType Type(Uri server) => new(TypeName, () => new GraphWorker(server)) { Durability = AgentDurability.Durable, TakesTasks = true };

    /// <summary>What a worker may do.</summary>
    public static CapabilitySet Capabilities => Account.Capabilities;

    /// <summary>The tasks of a graph, each of which waits for up to three before it; the same ones whenever they are asked for.</summary>
    public static ImmutableArray<TaskSpec> Graph(int graph) =>
    [
        .. Enumerable.Range(0, TasksOfGraph).Select(place => new TaskSpec("work", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{NumberOf(graph, place)}")))
        {
            IdempotencyKey = string.Create(CultureInfo.InvariantCulture, $"{graph}.{place}"),
            Retry = new TaskRetry { AttemptsMax = 100, LossesMax = 10_000, PauseMin = TimeSpan.FromMilliseconds(10), PauseMax = TimeSpan.FromMilliseconds(100) },
            After = [.. Enumerable.Range(1, 3).Select(step => place - 1 - (((graph * 31) + (place * 17)) % (step * 4))).Where(static before => before >= 0).Distinct().Select(TaskDependency.On)],
        }),
    ];

    /// <summary>Whether the server is told of a task.</summary>
    public static bool IsTold(long number) => number % 3 == 0;

    public static long NumberOf(int graph, int place) => ((long)graph * TasksOfGraph) + place;

    public static (long Done, long Sum) Read(Agent worker) => (Number(worker.CopyVariables(), Done), Number(worker.CopyVariables(), Sum));

    public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

    public async ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt)
    {
        long number = long.Parse(attempt.Spec.Payload.Span, CultureInfo.InvariantCulture);
        if (IsTold(number))
        {
            HttpAnswer answer = await turn.HttpAsync(new HttpRequest("POST", server.ToString()) { Body = attempt.Spec.Payload.ToArray() });
            if (!answer.IsSuccess) throw new TaskFailedException("server", answer.ToString());
        }

        Add(turn, Done, 1);
        Add(turn, Sum, number);
        return attempt.Spec.Payload;
    }

    private static void Add(AgentTurn turn, string name, long amount)
    {
        long before = turn.TryGetVariable(name, out ReadOnlyMemory<byte> value) ? BinaryPrimitives.ReadInt64LittleEndian(value.Span) : 0;
        byte[] after = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(after, before + amount);
        turn.SetVariable(name, after);
    }

    private static long Number(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> variables, string name) =>
        variables.TryGetValue(name, out ReadOnlyMemory<byte> value) ? BinaryPrimitives.ReadInt64LittleEndian(value.Span) : 0;
}
