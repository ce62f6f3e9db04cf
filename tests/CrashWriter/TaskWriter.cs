using System.Collections.Immutable;
using System.Globalization;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor;
using Sirsi.Store;

namespace Sirsi.CrashWriter;

/// <summary>
/// Hosts durable workers, submits one graph of tasks after the other, and tells a server of some tasks. Lines:
/// <list type="bullet">
/// <item><c>open MILLISECONDS</c>: the host is, so long after it was asked to be.</item>
/// <item><c>ready</c>: the workers are there.</item>
/// <item><c>submitted N</c>: the graph is acknowledged.</item>
/// </list>
/// </summary>
internal sealed class TaskWriter(Uri server)
{
    private const int GraphsAtOnce = 8;

    private static readonly HostEnvironment Host = HostEnvironment.Production;

    public async Task RunAsync(string place, ProjectScope scope, int firstGraph)
    {
        long began = Host.Time.GetTimestamp();
        AgentTypes types = new AgentTypes().Register(GraphWorker.Type(server));
        await using AgentHost host = await AgentHost.OpenAsync(Host, types, await Account.OptionsAsync(place));
        Told.Line(string.Create(CultureInfo.InvariantCulture, $"open {(int)Host.Time.GetElapsedTime(began).TotalMilliseconds}"));
        Session session = host.Sessions(scope).FirstOrDefault() ?? await host.OpenSessionAsync(scope, new SessionOptions { Capabilities = GraphWorker.Capabilities });
        var spawn = new SpawnOptions { Capabilities = GraphWorker.Capabilities };
        await Task.WhenAll(Enumerable.Range(0, GraphWorker.Workers - session.AgentCount).Select(_ => session.SpawnAsync(GraphWorker.TypeName, spawn).AsTask()));
        Told.Line("ready");
        var underWay = new Queue<ImmutableArray<SessionTask>>();
        for (int graph = firstGraph; ; graph++)
        {
            underWay.Enqueue(await session.SubmitAsync(GraphWorker.Graph(graph)));
            Told.Line(string.Create(CultureInfo.InvariantCulture, $"submitted {graph}"));
            if (underWay.Count < GraphsAtOnce) continue;
            foreach (SessionTask task in underWay.Dequeue()) await task.WaitAsync(TimeSpan.FromMinutes(5));
        }
    }
}
