using System.Text;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Sessions;
using Sirsi.Hypervisor.Tasks;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>
/// Planners book journeys in sagas: flight, hotel, car, card. Where the card is refused, what was booked is cancelled again, the last first. Whatever is lost, each journey is booked whole or not at all, each part once, and in order.
/// </summary>
internal sealed class Journeys : Scenario
{
    private const int Planners = 2, Orders = 3;

    private static readonly string[] Booked = ["flight", "hotel", "car", "card"];
    private static readonly string[] Refused = ["flight", "hotel", "car", "cancel car", "cancel hotel", "cancel flight"];
    private static readonly CapabilitySet Submitting = CapabilitySet.Parse(["task.submit:book"]);

    private readonly AgentId[] _planners = new AgentId[Planners];
    private readonly int[] _told = new int[Planners];
    private readonly List<string>[] _done = [.. Enumerable.Range(0, Planners * Orders).Select(static _ => new List<string>())];

    public override SessionOptions Session => new() { Capabilities = Submitting };

    public override void Register(AgentTypes types) => types
        .Register(new AgentType("planner", static () => new Planner()) { Durability = AgentDurability.Durable, Supervision = Transfers.Patience })
        .Register(new AgentType("clerk", () => new Clerk(this)) { Durability = AgentDurability.Durable, Supervision = Transfers.Patience, TakesTasks = true });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Planners; i++) _planners[i] = (await World.Session.SpawnAsync("planner", new SpawnOptions { Capabilities = Submitting })).Id;
        for (int i = 0; i < 3; i++) await World.Session.SpawnAsync("clerk");
    }

    public override async Task ActAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Planners).Select(OrderAsync));
        while (_planners.Any(id => World.Session.Find(id)!.CopyVariables().Count < Orders)) await Task.Delay(TimeSpan.FromSeconds(5), World.Environment.Time);
    }

    private async Task OrderAsync(int planner)
    {
        while (_told[planner] < Orders)
        {
            int journey = (planner * Orders) + _told[planner];
            SendOutcome outcome = await World.Session.Find(_planners[planner])!.TellAsync("travel", new[] { (byte)journey }, TimeSpan.FromSeconds(5), key: $"{journey}");
            if (outcome is SendOutcome.Accepted or SendOutcome.Repeated) _told[planner]++;
            await Task.Delay(TimeSpan.FromMilliseconds(World.Random.Next(2_000)), World.Environment.Time);
        }
    }

    public override Task JudgeAsync()
    {
        for (int journey = 0; journey < _done.Length; journey++)
        {
            string[] expected = IsRefused(journey) ? Refused : Booked;
            World.Require(_done[journey].SequenceEqual(expected, StringComparer.Ordinal), $"Of journey {journey} was done: {string.Join(", ", _done[journey])}; and it should have been: {string.Join(", ", expected)}.");
            string said = Encoding.UTF8.GetString(World.Session.Find(_planners[journey / Orders])!.CopyVariables()[$"journey {journey}"].Span);
            World.Require(said == (IsRefused(journey) ? "cancelled" : "booked"), $"Of journey {journey} its planner says that it is {said}.");
        }

        return Task.CompletedTask;
    }

    private static bool IsRefused(int journey) => journey % 2 == 0;

    private sealed class Planner : IAgentBehavior
    {
        public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            byte journey = message.Payload.Span[0];
            var saga = new Saga(turn);
            for (int part = 0; part < 3 && !saga.HasFailed; part++) await saga.DoAsync(TaskOf(journey, Booked[part]), undo: TaskOf(journey, "cancel " + Booked[part]));
            if (!saga.HasFailed) await saga.DoAsync(TaskOf(journey, Booked[3]));
            turn.SetVariable($"journey {journey}", saga.HasFailed ? "cancelled"u8.ToArray() : "booked"u8.ToArray());
        }

        private static TaskSpec TaskOf(byte journey, string part) => new("book", Encoding.UTF8.GetBytes(part))
        {
            Name = $"{journey}",
            Retry = new TaskRetry { AttemptsMax = 1_000, LossesMax = 1_000, PauseMax = TimeSpan.FromSeconds(10) },
        };
    }

    private sealed class Clerk(Journeys scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message) => ValueTask.CompletedTask;

        public async ValueTask<ReadOnlyMemory<byte>> OnTaskAsync(AgentTurn turn, TaskAttempt attempt)
        {
            int journey = int.Parse(attempt.Spec.Name!, System.Globalization.CultureInfo.InvariantCulture);
            string part = Encoding.UTF8.GetString(attempt.Spec.Payload.Span);
            if (part == "card" && IsRefused(journey)) throw new TaskFailedException("refused", "The card is refused.", isFinal: true);
            return await turn.StepAsync("book", StepPolicy.SameKey, call =>
                scenario.World.Outside.DoAsync(call.Key, part, () => scenario._done[journey].Add(part), call.Cancellation));
        }
    }
}
