using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Budgets;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.LanguageModels;

namespace Sirsi.Hypervisor.Tests.LanguageModels;

public sealed class ModelTests
{
    private static readonly BudgetLimits Enough = new() { HostCalls = long.MaxValue, Money = long.MaxValue, ModelTokens = long.MaxValue, BytesStored = long.MaxValue };

    private readonly ScriptedModel.Book _book = new();
    private readonly List<string> _answers = [];

    private static World Open(ScriptedModel? model, ModelOptions? models = null, BudgetLimits? tenant = null) => new(
        options: World.Kept with { Model = model, Models = models ?? new ModelOptions(), Budgets = tenant is null ? null : new HostBudgetOptions { EachTenant = tenant } },
        session: new SessionOptions { Capabilities = CapabilitySet.Parse(["model.complete"]) });

    /// <summary>Asks what its message says and keeps the answers; fails behind it, so often, when the message's type says so.</summary>
    private Agent Asker(World world, AgentDurability durability = AgentDurability.Volatile, string capability = "model.complete:echo", Func<ModelRequest, ModelRequest>? configure = null)
    {
        world.Types.Register(new AgentType("asker", () => new Behaving(async (turn, message) =>
        {
            var request = new ModelRequest("echo", World.Text(message.Payload)) { OutputTokensMax = 10 };
            ModelAnswer answer = await turn.CompleteAsync(configure?.Invoke(request) ?? request);
            _answers.Add(answer.IsCompleted ? answer.Text : answer.ToString());
            if (message.Type == "fail" && message.Attempt < 3) throw new InvalidOperationException("behind it");
            turn.SetVariable("answer", World.Bytes(answer.Text));
        }))
        {
            Durability = durability,
        });
        return world.Machine.Run(() => world.Session.SpawnAsync("asker", new SpawnOptions { Capabilities = CapabilitySet.Parse([capability]) }).AsTask());
    }

    private string Ask(World world, Agent asker, string text, string type = "ask")
    {
        world.Tell(asker, type, text);
        world.Machine.Advance(TimeSpan.FromMinutes(5));
        return _answers[^1];
    }

    [Fact]
    public void A_model_is_asked_for_who_may_and_what_it_cost_is_charged()
    {
        World world = Open(new ScriptedModel(_book), tenant: Enough);
        Agent asker = Asker(world, configure: static request => request with { System = "be brief", Stop = ["four"], Temperature = 0.5 });
        Assert.Equal("one two three", Ask(world, asker, "one two three four five"));
        BudgetSnapshot spent = world.Session.Budget!.Snapshot();
        Assert.Equal((10, 30, 1), (spent.Used.ModelTokens, spent.Used.Money, spent.Used.HostCalls));
        Assert.Equal(default, spent.Reserved);
        Assert.Equal(new ModelUse(1, 0, 7, 3, 30), world.Host.ModelUse);
        Assert.Equal("be brief", Assert.Single(_book.Requests).System);
    }

    [Fact]
    public void What_is_not_allowed_not_there_or_too_much_is_refused_and_costs_nothing()
    {
        World world = Open(new ScriptedModel(_book), new ModelOptions { RequestCharactersMax = 100, OutputTokensMax = 20 }, Enough);
        Func<ModelRequest, ModelRequest> change = static request => request;
        Agent asker = Asker(world, capability: "model.complete:e*", configure: request => change(request));
        change = static request => request with { Model = "other" };
        Assert.Contains("may not ask 'other'", Ask(world, asker, "hello"), StringComparison.Ordinal);
        change = static request => request with { Model = "elsewhere" };
        Assert.Contains("no model 'elsewhere'", Ask(world, asker, "hello"), StringComparison.Ordinal);
        change = static request => request with { System = new string('x', 100) };
        Assert.Contains("105 characters", Ask(world, asker, "hello"), StringComparison.Ordinal);
        change = static request => request with { OutputTokensMax = 21 };
        Assert.Contains("21 tokens", Ask(world, asker, "hello"), StringComparison.Ordinal);
        Assert.Empty(_book.Requests);
        Assert.Equal((0, 0), (world.Session.Budget!.Snapshot().Used.Money, world.Session.Budget!.Snapshot().Used.ModelTokens));
        Assert.Equal(4, world.Host.ModelUse.Refused);
    }

    [Fact]
    public void A_request_that_breaks_rules_is_told_every_one()
    {
        string problems = string.Join(' ', new ModelRequest("no such/", [new ModelMessage(ModelRole.Assistant, "I am")]) { OutputTokensMax = 0, Temperature = double.NaN, Stop = [""] }.Problems());
        foreach (string part in (string[])["Model is no name", "last message", "OutputTokensMax", "Temperature", "Stop"]) Assert.Contains(part, problems, StringComparison.Ordinal);
        Assert.Contains("no messages", string.Join(' ', new ModelRequest("echo", []).Problems()), StringComparison.Ordinal);
        Assert.Empty(new ModelRequest("anthropic/claude-3.5:latest", "hello").Problems());
    }

    [Fact]
    public void What_a_budget_does_not_have_is_not_asked_for()
    {
        World world = Open(new ScriptedModel(_book), tenant: Enough with { ModelTokens = 30 });
        Agent asker = Asker(world);
        for (int i = 0; i < 4; i++) world.Tell(asker, "ask", "one two three four five");
        world.Machine.Advance(TimeSpan.FromMinutes(5));
        // Each may take 15 and takes 10: the third has 10 left.
        Assert.Equal(20, world.Session.Budget!.Snapshot().Used.ModelTokens);
        Assert.Equal(2, _book.Requests.Count);
        Assert.Contains("model tokens", asker.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public void A_durable_agents_answer_is_stored_and_given_again()
    {
        World world = Open(new ScriptedModel(_book), tenant: Enough);
        Agent asker = Asker(world, AgentDurability.Durable);
        Assert.Equal("hello world", Ask(world, asker, "hello world", "fail"));
        Assert.Equal(["hello world", "hello world", "hello world"], _answers);
        Assert.Single(_book.Requests);
        Assert.Equal(4, world.Session.Budget!.Snapshot().Used.ModelTokens);
    }

    [Fact]
    public void Who_takes_too_long_fails_or_says_nonsense_is_a_value_that_quotes_nothing_and_is_paid_for_as_far_as_is_known()
    {
        Func<CancellationToken, Task<ModelAnswer?>> before = static _ => Task.FromResult<ModelAnswer?>(null);
        World world = Open(new ScriptedModel(_book) { Before = (_, over) => before(over) }, new ModelOptions { AnswerCharactersMax = 20, Timeout = TimeSpan.FromSeconds(10) }, Enough);
        Agent asker = Asker(world);
        long Cost() => world.Session.Budget!.Snapshot().Used.ModelTokens;
        before = async over =>
        {
            await Task.Delay(TimeSpan.FromHours(1), world.Machine.Environment.Time, over);
            return null;
        };
        Assert.Equal("TimedOut: The completion took longer than 00:00:10.", Ask(world, asker, "hello"));
        long most = Cost();
        Assert.Equal(11, most);
        before = static _ => throw new InvalidOperationException("the key is s3cret");
        Assert.Equal("Broken: The provider of 'echo' failed with InvalidOperationException.", Ask(world, asker, "hello"));
        Assert.Equal(2 * most, Cost());
        before = static _ => Task.FromResult<ModelAnswer?>(ModelAnswer.Completed("x", ModelStop.End, -1, 0, 0));
        Assert.Equal("Broken: The provider's answer is none.", Ask(world, asker, "hello"));
        before = static _ => Task.FromResult<ModelAnswer?>(ModelAnswer.Completed(new string('x', 21), ModelStop.End, 1, 2, 3));
        Assert.Equal("TooLarge: The answer has more than 20 characters.", Ask(world, asker, "hello"));
        Assert.Equal((3 * most) + 3, Cost());
        before = static _ => Task.FromResult<ModelAnswer?>(ModelAnswer.Without(ModelOutcome.Busy, "The provider has too much to do."));
        Assert.Equal("Busy: The provider has too much to do.", Ask(world, asker, "hello"));
        Assert.Equal((3 * most) + 3, Cost());
    }

    [Fact]
    public void Completions_take_their_time_and_their_turn()
    {
        var gate = new TaskCompletionSource<ModelAnswer?>();
        int underWay = 0, most = 0;
        World world = Open(
            new ScriptedModel(_book)
            {
                Before = async (_, over) =>
                {
                    most = Math.Max(most, ++underWay);
                    try
                    {
                        return await gate.Task.WaitAsync(over);
                    }
                    finally
                    {
                        underWay--;
                    }
                },
            },
            new ModelOptions { RequestsMax = 2, WaitingMax = 1, Timeout = TimeSpan.FromSeconds(10) });
        Asker(world);
        Agent[] askers = [.. Enumerable.Range(0, 4).Select(_ => world.Machine.Run(() => world.Session.SpawnAsync("asker", new SpawnOptions { Capabilities = CapabilitySet.Parse(["model.complete"]) }).AsTask()))];
        foreach (Agent asker in askers) world.Tell(asker, "ask", "hello");
        world.Machine.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(2, most);
        Assert.Equal(4, _answers.Count);
        Assert.InRange(_answers.Count(static answer => answer.StartsWith("TimedOut", StringComparison.Ordinal)), 2, 3);
        Assert.Contains("Busy: The host has 2 completions under way and 1 waiting, and takes no more now.", _answers);
    }

    [Fact]
    public void No_budget_is_overshot_and_nothing_settled_is_asked_twice_whenever_the_power_goes()
    {
        TestKit.Check.That(seed: 57, runs: 40, random =>
        {
            var book = new ScriptedModel.Book();
            bool knowsKeys = random.Next(2) == 0;
            long limit = random.Next(50, 300);
            var settled = new HashSet<string>(StringComparer.Ordinal);
            AgentHostOptions Options() => World.Kept with
            {
                CheckpointBytes = 4_096,
                Budgets = new HostBudgetOptions { EachTenant = Enough with { ModelTokens = limit } },
                Model = new ScriptedModel(book)
                {
                    HonoursKeys = knowsKeys,
                    Before = static async (_, _) =>
                    {
                        await Task.Yield();
                        return null;
                    },
                },
            };
            void Register(AgentTypes types) => types.Register(new AgentType("asker", () => new Behaving(async (turn, message) =>
            {
                ModelAnswer answer = await turn.CompleteAsync(new ModelRequest("echo", World.Text(message.Payload)) { OutputTokensMax = 5 });
                Assert.Equal(World.Text(message.Payload), answer.Text);
                turn.SetVariable($"{message.Number}", World.Bytes(answer.Text));
            }))
            {
                Durability = AgentDurability.Durable,
            });

            var world = new World(random.Next(), StepOrder.Seeded, Options(), new SessionOptions { Capabilities = CapabilitySet.Parse(["model.complete"]) });
            Register(world.Types);
            AgentId[] askers = [.. Enumerable.Range(0, 3).Select(_ => world.Machine.Run(() => world.Session.SpawnAsync("asker", new SpawnOptions { Capabilities = CapabilitySet.Parse(["model.complete"]) }).AsTask()).Id)];
            for (int i = 0; i < 20; i++)
            {
                Agent asker = world.Host.Find(world.Scope, askers[i % 3])!;
                world.Tell(asker, "ask", string.Join(' ', Enumerable.Repeat("word", random.Next(1, 6))));
                int steps = random.Next(0, 60);
                world.Machine.Run(async () =>
                {
                    for (int step = 0; step < steps; step++) await Task.Yield();
                });
                foreach (AgentId id in askers)
                    foreach (string number in world.Host.Find(world.Scope, id)!.CopyVariables().Keys) settled.Add($"{id}.{number}.0");
                int asked = book.Keys.Count;
                if (random.Next(4) == 0) world = world.Restart(Register, options: Options());
                Assert.DoesNotContain(book.Keys.Skip(asked), settled.Contains);
            }

            int before = book.Keys.Count;
            world.Machine.Advance(TimeSpan.FromMinutes(1));
            Assert.DoesNotContain(book.Keys.Skip(before), settled.Contains);
            BudgetSnapshot spent = world.Session.Budget!.Snapshot();
            Assert.InRange(book.Tokens, 0, limit);
            Assert.InRange(book.Tokens, 0, spent.Used.ModelTokens);
            Assert.Equal(0, spent.Overrun.ModelTokens);
        });
    }
}
