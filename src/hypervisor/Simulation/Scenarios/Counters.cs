using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>
/// Agents and clients count up one key of the shared context, each what it has read before. No count is lost and none is made twice; versions go up one by one, and whoever watches sees each of them.
/// </summary>
internal sealed class Counters : Scenario
{
    private const int Agents = 3, Clients = 2, Counts = 5;
    private const string Key = "shared/count";
    private static readonly CapabilitySet Sharing = CapabilitySet.Parse(["context.read:shared/*", "context.write:shared/*"]);

    private readonly AgentId[] _agents = new AgentId[Agents];
    private readonly int[] _told = new int[Agents];
    private readonly int[] _counted = new int[Clients];

    /// <summary>What a client wrote and does not know the outcome of: the version it will have.</summary>
    private readonly long[] _pending = new long[Clients];

    private int _watchedBoot;
    private long _revision;
    private long _version;

    public override SessionOptions Session => new() { Capabilities = Sharing };

    public override void Register(AgentTypes types) => types.Register(new AgentType("counter", static () => new Counter())
    {
        Durability = AgentDurability.Durable,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Agents; i++) _agents[i] = (await World.Session.SpawnAsync("counter", new SpawnOptions { Capabilities = Sharing })).Id;
    }

    public override async Task ActAsync()
    {
        // It may be called again in a process that has its watcher.
        if (_watchedBoot != World.Boots) _ = WatchAsync();
        _watchedBoot = World.Boots;
        await Task.WhenAll([.. Enumerable.Range(0, Agents).Select(TellAsync), .. Enumerable.Range(0, Clients).Select(CountAsync)]);
    }

    private async Task TellAsync(int agent)
    {
        while (_told[agent] < Counts)
        {
            if (await World.Session.Find(_agents[agent])!.TellAsync("count", default, TimeSpan.FromSeconds(5), key: $"count {_told[agent]}") is SendOutcome.Accepted or SendOutcome.Repeated) _told[agent]++;
            await Task.Delay(TimeSpan.FromMilliseconds(World.Random.Next(300)), World.Environment.Time);
        }
    }

    private async Task CountAsync(int client)
    {
        while (_counted[client] < Counts)
        {
            ContextEntry? entry = World.Session.Context.Get(Key);
            if (_pending[client] > 0 && WasMine(client))
            {
                Acknowledge(client);
                continue;
            }

            _pending[client] = (entry?.Version ?? 0) + 1;
            byte[] value = [.. BitConverter.GetBytes(ValueOf(entry) + 1), (byte)(client + 1), (byte)_counted[client]];
            ContextWrite write = await World.Session.Context.PutAsync(Key, value, entry?.Version ?? 0);
            World.Require(!write.IsWritten || write.Version == _pending[client], $"A client expected to make version {_pending[client]} and made {write.Version}.");
            if (write.IsWritten) Acknowledge(client);
            else _pending[client] = 0;
            await Task.Delay(TimeSpan.FromMilliseconds(World.Random.Next(300)), World.Environment.Time);
        }
    }

    /// <summary>Whether the write that a client was not told the outcome of is there: the history says so.</summary>
    private bool WasMine(int client)
    {
        foreach (ContextEntry entry in World.Session.Context.History(Key))
        {
            if (entry.Version == _pending[client]) return entry.Value.Length == 6 && entry.Value.Span[4] == client + 1 && entry.Value.Span[5] == _counted[client];
        }

        return false;
    }

    private void Acknowledge(int client)
    {
        _counted[client]++;
        _pending[client] = 0;
    }

    private async Task WatchAsync()
    {
        await foreach (ContextEntry entry in World.Session.Context.WatchAsync("shared/", _revision + 1))
        {
            World.Require(entry.Version == _version + 1, $"Who watches saw version {_version}, and then version {entry.Version}.");
            World.Require(ValueOf(entry) == entry.Version, $"Version {entry.Version} has counted to {ValueOf(entry)}.");
            (_revision, _version) = (entry.Revision, entry.Version);
        }
    }

    public override async Task JudgeAsync()
    {
        int counted = _agents.Sum(id => World.Session.Find(id)!.Number("counted"));
        World.Require(counted == Agents * Counts, $"Agents were told to count {Agents * Counts} times and have done so {counted} times.");
        ContextEntry? entry = World.Session.Context.Get(Key);
        World.Require(ValueOf(entry) == (Agents + Clients) * Counts, $"{(Agents + Clients) * Counts} were counted, and the context says {ValueOf(entry)}.");
        await Task.Delay(TimeSpan.FromSeconds(1), World.Environment.Time);
        World.Require(_version == entry?.Version, $"Who watches saw the last version {_version}, and it is {entry?.Version}.");
    }

    private static int ValueOf(ContextEntry? entry) => entry is null ? 0 : BitConverter.ToInt32(entry.Value.Span);

    private sealed class Counter : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            turn.TryGetContext(Key, out ContextEntry? entry);
            turn.PutContext(Key, BitConverter.GetBytes(ValueOf(entry) + 1), entry?.Version ?? 0).ThrowIfConflict();
            turn.SetNumber("counted", turn.Number("counted") + 1);
            return ValueTask.CompletedTask;
        }
    }
}
