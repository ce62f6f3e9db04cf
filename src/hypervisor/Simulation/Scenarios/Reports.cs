using Sirsi.Bus.Consuming;
using Sirsi.Bus.Events;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>Durable agents publish what they count on a bus that refuses, delays and loses answers. All that they count is published, under one id each, nothing else, and not before it is so for good.</summary>
internal sealed class Reports : Scenario
{
    private const int Reporters = 2, Counts = 6;
    private static readonly CapabilitySet Publishing = CapabilitySet.Parse(["bus.publish:report.*"]);

    private readonly AgentId[] _reporters = new AgentId[Reporters];
    private readonly int[] _acknowledged = new int[Reporters];

    public override bool HasBus => true;

    public override SessionOptions Session => new() { Capabilities = Publishing };

    public override void Register(AgentTypes types) => types.Register(new AgentType("reporter", () => new Reporter(this))
    {
        Durability = AgentDurability.Durable,
        Supervision = Transfers.Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Reporters; i++) _reporters[i] = (await World.Session.SpawnAsync("reporter", new SpawnOptions { Capabilities = Publishing })).Id;
    }

    public override Task ActAsync() => Task.WhenAll(Enumerable.Range(0, Reporters).Select(CountAsync));

    private async Task CountAsync(int reporter)
    {
        while (_acknowledged[reporter] < Counts)
        {
            Agent agent = World.Session.Find(_reporters[reporter])!;
            AgentReply reply = await agent.AskAsync("count", default, TimeSpan.FromSeconds(10));
            if (reply.IsReplied)
            {
                int count = BitConverter.ToInt32(reply.Payload.Span);
                World.Require(count > _acknowledged[reporter], $"A reporter had said {_acknowledged[reporter]}, and then it said {count}.");
                _acknowledged[reporter] = count;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(World.Random.Next(1_000)), World.Environment.Time);
        }
    }

    public override async Task JudgeAsync()
    {
        var seen = new SortedDictionary<AgentId, SortedDictionary<int, Guid>>();
        foreach (AgentId id in _reporters) seen[id] = [];
        // The relay may still be pausing.
        for (int tries = 0; tries < 20 && !_reporters.All(id => seen[id].Count >= World.Session.Find(id)!.Number("count")); tries++)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), World.Environment.Time);
            foreach (AgentId id in _reporters) seen[id].Clear();
            await ReadAsync(seen);
        }

        foreach (AgentId id in _reporters)
        {
            int count = World.Session.Find(id)!.Number("count");
            World.Require(seen[id].Keys.SequenceEqual(Enumerable.Range(1, count)), $"A reporter counted to {count} and published {string.Join(", ", seen[id].Keys)}.");
        }
    }

    private async Task ReadAsync(SortedDictionary<AgentId, SortedDictionary<int, Guid>> seen)
    {
        var filter = new EventFilter(new TopicScope(World.Scope.Tenant.ToString(), World.Scope.Project.ToString()), "report.*");
        await using EventReader reader = await World.Bus.ReadAsync(new ReadOptions { Filter = filter, Follow = false });
        while (true)
        {
            EventBatch batch = await reader.ReadAsync();
            if (batch.Count == 0) return;
            for (int i = 0; i < batch.Count; i++)
            {
                EventView happened = batch[i].Event;
                int count = BitConverter.ToInt32(happened.Payload);
                SortedDictionary<int, Guid> counts = seen[happened.SourceAgent];
                if (counts.TryGetValue(count, out Guid id)) World.Require(id == happened.Id.Value, $"A reporter published {count} under two ids.");
                counts[count] = happened.Id.Value;
            }
        }
    }

    private sealed class Reporter(Reports scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            int count = turn.Number("count") + 1;
            turn.SetNumber("count", count);
            if (turn.Publish("report.count", BitConverter.GetBytes(count)) is not SendOutcome.Accepted) throw new InvalidOperationException("It could not be published.");
            if (message.IsAsked) turn.Reply(BitConverter.GetBytes(count));
            if (scenario.World.Happens(0.1)) throw new InvalidOperationException("The turn comes to nothing, and so does what it was to publish.");
            return ValueTask.CompletedTask;
        }
    }
}
