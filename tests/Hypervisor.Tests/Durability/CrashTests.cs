using Sirsi.Core.Hosting;

namespace Sirsi.Hypervisor.Tests.Durability;

/// <summary>The power goes at any moment, again and again: nothing taken is lost and nothing is done twice.</summary>
public sealed class CrashTests
{
    private const int Accounts = 8, Chains = 5, Hops = 12, Balance = 100;

    /// <summary>The machine of the moment; what belongs to one whose power has gone does nothing any more.</summary>
    private sealed class Power
    {
        public int Epoch { get; set; }
    }

    private static void Register(AgentTypes types, AgentId[] accounts, Func<bool> isOn) => types.Register(new AgentType("account", () => new Behaving((turn, message) =>
    {
        int balance = turn.TryGetVariable("balance", out ReadOnlyMemory<byte> held) ? BitConverter.ToInt32(held.Span) : Balance;
        int handled = turn.TryGetVariable("handled", out held) ? BitConverter.ToInt32(held.Span) : 0;
        int amount = message.Payload.Span[0], hop = message.Payload.Span[1];
        balance += amount;
        AgentId next = accounts[(hop * 5 + amount) % accounts.Length];
        int passed = (amount + hop) % 7;
        if (hop < Hops)
        {
            balance -= passed;
            if (isOn()) turn.Tell(next, "transfer", new[] { (byte)passed, (byte)(hop + 1) });
        }

        turn.SetVariable("balance", BitConverter.GetBytes(balance));
        turn.SetVariable("handled", BitConverter.GetBytes(handled + 1));
    }))
    {
        Durability = AgentDurability.Durable,
    });

    [Fact]
    public void Transfers_balance_whenever_the_power_goes()
    {
        Check.That(seed: 41, runs: 100, random =>
        {
            var power = new Power();
            var world = new World(random.Next(), StepOrder.Seeded, World.Kept with { CheckpointBytes = 4_096 });
            var ids = new AgentId[Accounts];
            void RegisterAgain(AgentTypes types)
            {
                int epoch = ++power.Epoch;
                Register(types, ids, () => power.Epoch == epoch);
            }

            RegisterAgain(world.Types);
            for (int i = 0; i < Accounts; i++) ids[i] = world.Machine.Run(() => world.Session.SpawnAsync("account").AsTask()).Id;
            for (int i = 0; i < Chains; i++) Assert.Equal(SendOutcome.Accepted, Start(world, ids[i], i));
            for (int crashes = random.Next(1, 5); crashes > 0; crashes--)
            {
                int steps = random.Next(0, 400);
                world.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                world = world.Restart(RegisterAgain);
            }

            world.Machine.RunUntilIdle();
            Agent[] accounts = [.. ids.Select(id => world.Host.Find(world.Scope, id)!)];
            Assert.Equal(Chains * Hops, accounts.Sum(static account => Number(account, "handled", 0)));
            Assert.Equal(Accounts * Balance + Enumerable.Range(0, Chains).Sum(), accounts.Sum(static account => Number(account, "balance", Balance)));
        });
    }

    private static SendOutcome Start(World world, AgentId id, int chain) => world.Machine.Run(() =>
        world.Host.Find(world.Scope, id)!.TellAsync("transfer", new[] { (byte)chain, (byte)1 }).AsTask());

    private static int Number(Agent account, string name, int otherwise) =>
        account.CopyVariables().TryGetValue(name, out ReadOnlyMemory<byte> value) ? BitConverter.ToInt32(value.Span) : otherwise;

    [Theory, InlineData(StepPolicy.SameKey), InlineData(StepPolicy.Repeat)]
    public void Steps_go_on_where_they_were_and_each_effect_has_one_key(StepPolicy policy)
    {
        Check.That(seed: 42, runs: 60, random =>
        {
            int epoch = 0;
            var effects = new List<string>();
            void RegisterAgain(AgentTypes types)
            {
                int mine = ++epoch;
                types.Register(new AgentType("buyer", () => new Behaving(async (turn, message) =>
                {
                    for (int i = 0; i < 3; i++)
                    {
                        ReadOnlyMemory<byte> result = await turn.StepAsync($"buy {i}", policy, async call =>
                        {
                            await Task.Yield();
                            if (epoch == mine) effects.Add(call.Key);
                            await Task.Yield();
                            return World.Bytes($"bought {call.Key}");
                        });
                        turn.SetVariable($"{message.Number}.{i}", result);
                    }
                }))
                {
                    Durability = AgentDurability.Durable,
                });
            }

            var world = new World(random.Next(), StepOrder.Seeded, World.Kept);
            RegisterAgain(world.Types);
            Agent buyer = world.Machine.Run(() => world.Session.SpawnAsync("buyer").AsTask());
            for (int i = 0; i < 2; i++) world.Tell(buyer, "buy");
            for (int crashes = random.Next(1, 4); crashes > 0; crashes--)
            {
                int steps = random.Next(0, 120);
                world.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                world = world.Restart(RegisterAgain);
            }

            world.Machine.RunUntilIdle();
            buyer = world.Host.Find(world.Scope, buyer.Id)!;
            Assert.Equal(6, effects.Distinct().Count());
            Assert.Equal(6, buyer.CopyVariables().Count);
            Assert.All(buyer.CopyVariables().Values, value => Assert.Contains(World.Text(value)["bought ".Length..], effects));
        });
    }

    [Fact]
    public void What_was_answered_is_on_disk()
    {
        Check.That(seed: 43, runs: 20, random =>
        {
            void Register(AgentTypes types) => types.Register(new AgentType("counter", static () => new Behaving(static (turn, message) =>
            {
                byte count = turn.TryGetVariable("count", out ReadOnlyMemory<byte> value) ? value.Span[0] : (byte)0;
                turn.SetVariable("count", new[] { (byte)(count + 1) });
                turn.Reply(new[] { (byte)(count + 1) });
            }))
            {
                Durability = AgentDurability.Durable,
            });
            var world = new World(random.Next(), StepOrder.Seeded, World.Kept);
            Register(world.Types);
            Agent counter = world.Machine.Run(() => world.Session.SpawnAsync("counter").AsTask());
            for (int i = 1; i < 10; i++)
            {
                Assert.Equal(i, world.Ask(counter, "add").Payload.Span[0]);
                world = world.Restart(Register);
                counter = world.Host.Find(world.Scope, counter.Id)!;
            }
        });
    }

    [Fact]
    public void An_effect_whose_outcome_nobody_knows_waits_for_a_person()
    {
        int asked = 0;
        var world = new World(options: World.Kept);
        var hangs = new TaskCompletionSource();
        void RegisterAgain(AgentTypes types) => types.Register(new AgentType("payer", () => new Behaving(async (turn, _) =>
        {
            ReadOnlyMemory<byte> result = await turn.StepAsync("pay", StepPolicy.AskPerson, async _ =>
            {
                asked++;
                if (asked == 1) await hangs.Task;
                return World.Bytes("paid");
            });
            turn.SetVariable("outcome", result);
        }))
        {
            Durability = AgentDurability.Durable,
        });
        RegisterAgain(world.Types);
        Agent payer = world.Machine.Run(() => world.Session.SpawnAsync("payer").AsTask());
        world.Tell(payer, "go");
        world.Machine.RunUntilIdle();
        world = world.Restart(RegisterAgain);
        world.Machine.RunUntilIdle();
        payer = world.Host.Find(world.Scope, payer.Id)!;
        Assert.Equal(1, asked);
        Assert.Equal(AgentStatus.Suspended, payer.Status);
        Assert.Equal("pay", payer.UnknownStep!.Name);

        world = world.Restart(RegisterAgain);
        payer = world.Host.Find(world.Scope, payer.Id)!;
        Assert.True(world.Machine.Run(() => payer.SettleStepAsync(World.Bytes("paid by hand"), "the bank says so").AsTask()));
        world.Machine.RunUntilIdle();
        Assert.Equal(1, asked);
        Assert.Equal("paid by hand", World.Text(payer.CopyVariables()["outcome"]));
        Assert.Equal(AgentStatus.Idle, payer.Status);
    }

    /// <summary>Where payers pay, in a step that is not asked for twice; the first time nobody answers.</summary>
    private sealed class DeadLine
    {
        public int Asked { get; private set; }

        public void Register(AgentTypes types) => types.Register(new AgentType("payer", () => new Behaving(async (turn, _) =>
            turn.SetVariable("outcome", await turn.StepAsync("pay", StepPolicy.AskPerson, _ => Pay()))))
        {
            Durability = AgentDurability.Durable,
        });

        private ValueTask<ReadOnlyMemory<byte>> Pay() => ++Asked == 1 ? throw new InvalidOperationException("The line is dead.") : ValueTask.FromResult(World.Bytes("paid"));
    }

    [Fact]
    public void A_person_s_answer_is_there_whole_or_not_at_all_whenever_the_power_goes()
    {
        for (int steps = 0; steps < 40; steps++)
        {
            var line = new DeadLine();
            var world = new World(options: World.Kept);
            line.Register(world.Types);
            Agent payer = world.Machine.Run(() => world.Session.SpawnAsync("payer").AsTask());
            world.Tell(payer, "go");
            world.Machine.Advance(TimeSpan.FromMinutes(1));
            _ = world.Machine.Environment.Executor.RunAsync(() => payer.SettleStepAsync(World.Bytes("by hand"), "the bank says so").AsTask());
            for (int i = 0; i < steps; i++) world.Machine.TryStep(world.Machine.Environment.Time.GetUtcNow());

            world = world.Restart(line.Register);
            world.Machine.Advance(TimeSpan.FromMinutes(1));
            payer = world.Host.Find(world.Scope, payer.Id)!;
            if (payer.UnknownStep is not null) Assert.Equal(AgentStatus.Suspended, payer.Status);
            else Assert.Equal((AgentStatus.Idle, "by hand"), (payer.Status, World.Text(payer.CopyVariables().GetValueOrDefault("outcome"))));
        }
    }

    [Fact]
    public void A_step_is_settled_where_nobody_knows_the_agent_s_type_for_who_does()
    {
        var line = new DeadLine();
        var world = new World(options: World.Kept);
        line.Register(world.Types);
        Agent payer = world.Machine.Run(() => world.Session.SpawnAsync("payer").AsTask());
        world.Tell(payer, "go");
        world.Machine.RunUntilIdle();
        world.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("pay", payer.UnknownStep!.Name);

        world = world.Restart(static _ => { });
        Agent stranger = world.Host.Find(world.Scope, payer.Id)!;
        Assert.Equal("pay", stranger.UnknownStep!.Name);
        Assert.True(world.Machine.Run(() => stranger.SettleStepAsync(World.Bytes("by hand"), "the bank says so").AsTask()));
        world.Machine.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(stranger.UnknownStep);
        Assert.Equal(1, stranger.MailboxCount);

        world = world.Restart(line.Register);
        world.Machine.RunUntilIdle();
        payer = world.Host.Find(world.Scope, payer.Id)!;
        Assert.Equal("by hand", World.Text(payer.CopyVariables()["outcome"]));
        Assert.Equal((1, AgentStatus.Idle), (line.Asked, payer.Status));
    }

    [Fact]
    public void A_turn_that_takes_another_way_than_its_stored_steps_fails()
    {
        var world = new World(options: World.Kept);
        world.Types.Register(new AgentType("fickle", () => new Behaving(async (turn, message) =>
        {
            await turn.StepAsync($"step {message.Attempt}", StepPolicy.Repeat, static _ => ValueTask.FromResult<ReadOnlyMemory<byte>>(default));
            throw new InvalidOperationException("after the step");
        }))
        {
            Durability = AgentDurability.Durable,
        });
        Agent agent = world.Machine.Run(() => world.Session.SpawnAsync("fickle").AsTask());
        world.Tell(agent, "go");
        world.Machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("'step 1' when it was stored and is 'step", agent.LastError, StringComparison.Ordinal);
    }
}
