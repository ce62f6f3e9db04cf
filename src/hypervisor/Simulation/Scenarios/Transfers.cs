using Sirsi.Hypervisor.Agents;
using Sirsi.Hypervisor.Messages;
using Sirsi.Hypervisor.Turns;

namespace Sirsi.Simulation.Scenarios;

/// <summary>
/// Durable accounts send each other amounts, for clients who ask again until they are answered. Totals balance, each order is done once, nothing acknowledged is lost, and what one account sends another arrives in order.
/// </summary>
internal sealed class Transfers : Scenario
{
    private const int Accounts = 4, Clients = 3, Orders = 5, Balance = 1_000;

    /// <summary>Faults are no reason to give a message or an agent up.</summary>
    internal static readonly SupervisionOptions Patience = new() { AttemptsMax = 1_000, FailuresMax = 1_000_000, ProcessEndsMax = 1_000 };

    private readonly AgentId[] _accounts = new AgentId[Accounts];
    private readonly int[] _acknowledged = new int[Clients];

    public override void Register(AgentTypes types) => types.Register(new AgentType("account", () => new Account(this))
    {
        Durability = AgentDurability.Durable,
        Mailbox = new MailboxOptions { MessagesMax = 4 },
        HibernateAfter = TimeSpan.FromSeconds(30),
        Supervision = Patience,
    });

    public override async Task PrepareAsync()
    {
        for (int i = 0; i < Accounts; i++) _accounts[i] = (await World.Session.SpawnAsync("account")).Id;
    }

    public override Task ActAsync() => Task.WhenAll(Enumerable.Range(0, Clients).Select(ActAsync));

    private async Task ActAsync(int client)
    {
        while (_acknowledged[client] < Orders)
        {
            int order = _acknowledged[client];
            int from = (client + order) % Accounts, to = (client + 2 * order + 1) % Accounts;
            if (from == to) to = (to + 1) % Accounts;
            Agent account = World.Session.Find(_accounts[from])!;
            byte[] payload = [(byte)to, (byte)(1 + order), (byte)(World.Happens(0.2) ? 1 : 0)];
            SendOutcome outcome = await account.TellAsync("order", payload, TimeSpan.FromSeconds(5), key: $"{client}.{order}");
            if (outcome is not (SendOutcome.Accepted or SendOutcome.Repeated))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), World.Environment.Time);
                continue;
            }

            _acknowledged[client]++;
            World.Note($"Client {client} has order {order} taken.");
            // Thinking: longer than accounts rest, once in a while.
            await Task.Delay(TimeSpan.FromSeconds(World.Random.Next(3) == 0 ? 45 : 1), World.Environment.Time);
        }
    }

    public override Task JudgeAsync()
    {
        Agent[] accounts = [.. _accounts.Select(id => World.Session.Find(id)!)];
        int orders = accounts.Sum(static account => account.Number("orders"));
        World.Require(orders == Clients * Orders, $"{Clients * Orders} orders were taken and {orders} were done.");
        int total = accounts.Sum(static account => account.Number("balance", Balance));
        World.Require(total == Accounts * Balance, $"The accounts had {Accounts * Balance} and have {total}.");
        for (int from = 0; from < Accounts; from++)
        {
            for (int to = 0; to < Accounts; to++)
            {
                int sent = accounts[from].Number($"sent {to}"), received = accounts[to].Number($"received {from}");
                World.Require(sent == received, $"Account {from} sent account {to} {sent} messages, and {received} arrived.");
            }
        }

        return Task.CompletedTask;
    }

    private int PlaceOf(AgentId account) => Array.IndexOf(_accounts, account);

    private sealed class Account(Transfers scenario) : IAgentBehavior
    {
        public ValueTask OnMessageAsync(AgentTurn turn, AgentMessage message)
        {
            int balance = turn.Number("balance", Balance);
            if (message.Type == "order")
            {
                int to = message.Payload.Span[0], amount = message.Payload.Span[1];
                turn.SetNumber("orders", turn.Number("orders") + 1);
                turn.SetNumber("balance", balance - amount);
                // In two parts, so that one may come before the other.
                Send(turn, to, amount / 2);
                Send(turn, to, amount - amount / 2);
                // Half of what a turn did must not be seen.
                if (scenario.World.Happens(0.1)) throw new InvalidOperationException("The account is out of order.");
            }
            else
            {
                Receive(turn, message, balance);
            }

            return ValueTask.CompletedTask;
        }

        private void Receive(AgentTurn turn, AgentMessage message, int balance)
        {
            int from = scenario.PlaceOf(message.From), number = message.Payload.Span[1];
            int before = turn.Number($"received {from}");
            scenario.World.Require(number == before + 1, $"An account had message {before} of account {from}, and the next one was {number}.");
            turn.SetNumber($"received {from}", number);
            turn.SetNumber("balance", balance + message.Payload.Span[0]);
        }

        private void Send(AgentTurn turn, int to, int amount)
        {
            int number = turn.Number($"sent {to}") + 1;
            turn.SetNumber($"sent {to}", number);
            turn.Tell(scenario._accounts[to], "credit", new[] { (byte)amount, (byte)number });
        }
    }
}
