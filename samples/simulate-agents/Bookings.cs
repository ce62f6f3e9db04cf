using System.Text;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;
using Sirsi.Simulation;

namespace Sirsi.Samples.SimulateAgents;

/// <summary>The story: eight people want a seat, and ask until they are answered.</summary>
internal sealed class Bookings : Scenario
{
    private const int People = 8;
    private readonly string?[] _told = new string?[People];
    private Id<AgentKind> _hall;

    public override void Register(AgentTypes types) => types.Register(new AgentType("hall", () => new Hall(World))
    {
        Durability = AgentDurability.Durable,
        Supervision = new SupervisionOptions { AttemptsMax = 100, FailuresMax = 1_000 },
    });

    public override async Task PrepareAsync() => _hall = (await World.Session.SpawnAsync("hall")).Id;

    public override Task ActAsync() => Task.WhenAll(Enumerable.Range(0, People).Select(AskAsync));

    private async Task AskAsync(int person)
    {
        while (_told[person] is null)
        {
            AgentReply reply = await World.Session.Find(_hall)!.AskAsync("book", new[] { (byte)person }, TimeSpan.FromSeconds(20));
            if (reply.IsReplied) _told[person] = Encoding.UTF8.GetString(reply.Payload.Span);
            else await Task.Delay(TimeSpan.FromSeconds(1), World.Environment.Time);
            World.Note($"Person {person} was told: {_told[person] ?? "nothing"}.");
        }
    }

    public override Task JudgeAsync()
    {
        var seats = World.Session.Find(_hall)!.CopyVariables();
        World.Require(seats.Values.Select(static person => person.Span[0]).Distinct().Count() == 5, $"Somebody has two seats.");
        for (int person = 0; person < People; person++)
            World.Require(_told[person] == "sold out" || seats[_told[person]!].Span[0] == person, $"Person {person} was told {_told[person]}, and somebody else has it.");
        return Task.CompletedTask;
    }
}

/// <summary>The agent: a seat is paid for at the bank before it is given away.</summary>
internal sealed class Hall(SimulatedWorld world) : IAgentBehavior
{
    public async ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
    {
        byte person = message.Payload.Span[0];
        string? seat = Enumerable.Range(1, 5).Select(static number => $"seat {number}")
            .FirstOrDefault(seat => !turn.TryGetVariable(seat, out ReadOnlyMemory<byte> taken) || taken.Span[0] == person);
        if (seat is not null)
        {
            await turn.StepAsync("pay", StepPolicy.SameKey, call => world.Outside.DoAsync(call.Key, $"person {person} pays", cancellation: call.Cancellation));
            turn.SetVariable(seat, new[] { person });
        }

        if (message.IsAsked) turn.Reply(Encoding.UTF8.GetBytes(seat ?? "sold out"));
    }
}
