using System.Collections.Immutable;
using Sirsi.Core.Hosting;
using Sirsi.Hypervisor.Capabilities;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>Turns that have tasks done and go on with what came of them.</summary>
public sealed class WorkflowTests
{
    private static readonly SessionOptions MaySubmit = new() { Capabilities = CapabilitySet.Parse(["task.submit"]) };
    private static readonly SpawnOptions Submitter = new() { Capabilities = CapabilitySet.Parse(["task.submit"]) };

    /// <summary>A workflow on a machine whose power can go, with workers that fail at types which begin with "bad".</summary>
    private sealed class Flow(Func<AgentTurn, AgentMessage, ValueTask> run, int seed = 1, AgentDurability durability = AgentDurability.Durable)
    {
        private int _epoch;

        public Work Work { get; } = new(World.Kept with { CheckpointBytes = 4_096 }, seed, StepOrder.Seeded, MaySubmit);

        public Agent Agent => Work.World.Session.Agents()[0];

        public List<string> Done { get; } = [];

        public void Begin(int workers = 2)
        {
            Register(Work.World.Types);
            Work.World.Machine.Run(() => Work.World.Session.SpawnAsync("flow", Submitter).AsTask());
            for (int i = 0; i < workers; i++) Work.World.Machine.Run(() => Work.World.Session.SpawnAsync("worker").AsTask());
            Work.World.Tell(Agent, "go");
        }

        public void Restart() => Work.Restart(Register);

        public string? Variable(string name) => Agent.CopyVariables().TryGetValue(name, out ReadOnlyMemory<byte> value) ? World.Text(value) : null;

        private void Register(AgentTypes types)
        {
            int mine = ++_epoch;
            types.Register(new AgentType("flow", () => new Behaving(run)) { Durability = durability });
            types.Register(new AgentType("worker", () => new Working(async (turn, attempt) =>
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt.Spec.Payload.Length), Work.World.Machine.Environment.Time, turn.Cancellation);
                if (_epoch == mine) Done.Add(attempt.Spec.Type);
                turn.SetVariable(attempt.Id.ToString(), World.Bytes(attempt.Spec.Type));
                return attempt.Spec.Type.StartsWith("bad", StringComparison.Ordinal)
                    ? throw new TaskFailedException("bad", "It is bad.", isFinal: true)
                    : World.Bytes($"{attempt.Spec.Type} done");
            }))
            {
                Durability = AgentDurability.Durable,
                TakesTasks = true,
            });
        }
    }

    private static TaskSpec Taking(string type, int seconds = 1) => new(type, new byte[seconds]) { Retry = new TaskRetry { LossesMax = 1_000 } };

    private static string Said(IEnumerable<TaskEnding> endings) => string.Join(", ", endings.Select(static ending => ending.HasSucceeded ? World.Text(ending.Result) : $"{ending.State}"));

    [Theory, InlineData(AgentDurability.Durable), InlineData(AgentDurability.Volatile)]
    public void Fan_out_and_fan_in_a_pipeline_a_race_and_a_quorum(AgentDurability durability)
    {
        var flow = new Flow(static async (turn, _) =>
        {
            turn.SetVariable("all", World.Bytes(Said(await turn.RunAsync([Taking("a"), Taking("bad b"), Taking("c")]))));
            TaskEnding first = await turn.RunAsync(Taking("first"));
            TaskEnding second = await turn.RunAsync(Taking("second of " + World.Text(first.Result)));
            turn.SetVariable("pipeline", World.Bytes(World.Text(second.Result)));
            turn.SetVariable("race", World.Bytes(Said(await turn.RunAsync([Taking("slow", 20), Taking("quick", 2)], TaskQuorum.Any, cancelsRest: true))));
            turn.SetVariable("quorum", World.Bytes(Said(await turn.RunAsync([Taking("bad 1"), Taking("2"), Taking("bad 3"), Taking("4", 20)], TaskQuorum.Of(3)))));
        }, durability: durability);
        flow.Begin(workers: 4);
        flow.Work.World.Machine.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal("a done, Failed, c done", flow.Variable("all"));
        Assert.Equal("second of first done done", flow.Variable("pipeline"));
        Assert.Equal("Running, quick done", flow.Variable("race"));
        // Two of four have failed: three cannot succeed any more.
        Assert.Equal("Failed, 2 done, Failed, Running", flow.Variable("quorum"));
        Assert.Equal(TaskState.Cancelled, Assert.Single(flow.Work.World.Session.Tasks(), static task => task.Spec.Type == "slow").State);
    }

    [Fact]
    public void While_a_durable_workflow_waits_it_is_put_aside_and_a_restart_changes_nothing()
    {
        int runs = 0;
        var flow = new Flow(async (turn, _) =>
        {
            runs++;
            turn.SetVariable("done", World.Bytes(Said(await turn.RunAsync([Taking("long", 20), Taking("short", 1)]))));
        });
        flow.Begin();
        flow.Work.World.Machine.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, runs);
        Assert.True(flow.Work.World.Machine.Run(() => flow.Work.World.Host.RestAsync(TimeSpan.FromMinutes(5))));
        Assert.Equal("long done, short done", flow.Variable("done"));
        Assert.Equal(2, runs);

        flow.Work.World.Tell(flow.Agent, "again");
        flow.Work.World.Machine.Advance(TimeSpan.FromSeconds(10));
        flow.Restart();
        flow.Work.World.Machine.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(4, flow.Work.World.Session.Tasks().Length);
        Assert.Equal(["long", "long", "short", "short"], flow.Done.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_saga_undoes_what_it_did_in_the_reverse_order_when_something_fails()
    {
        var flow = new Flow(static async (turn, _) =>
        {
            var saga = new Saga(turn);
            await saga.DoAsync(Taking("flight"), undo: Taking("cancel flight"));
            await saga.DoAsync(Taking("hotel"), undo: Taking("bad cancel hotel"));
            await saga.DoAsync(Taking("insurance"));
            await saga.DoAsync(Taking("car"), undo: Taking("cancel car"));
            TaskEnding failed = await saga.DoAsync(Taking("bad card"), undo: Taking("never"));
            turn.SetVariable("outcome", World.Bytes($"{failed.State} {saga.HasFailed} {saga.NotUndone.Count}"));
        });
        flow.Begin();
        flow.Work.World.Machine.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["flight", "hotel", "insurance", "car", "bad card", "cancel car", "bad cancel hotel", "cancel flight"], flow.Done);
        Assert.Equal("Failed True 1", flow.Variable("outcome"));
    }

    [Fact]
    public void Whenever_the_power_goes_each_task_of_a_workflow_is_done_once()
    {
        Check.That(seed: 63, runs: 40, random =>
        {
            int width = random.Next(1, 8);
            var flow = new Flow(async (turn, _) =>
            {
                var saga = new Saga(turn);
                for (int step = 0; step < 3; step++) await saga.DoAsync(Taking($"step {step}"), undo: Taking($"undo {step}"));
                ImmutableArray<TaskEnding> all = await turn.RunAsync([.. Enumerable.Range(0, width).Select(static i => Taking($"wide {i}"))]);
                turn.SetVariable("wide", World.Bytes($"{all.Count(static ending => ending.HasSucceeded)}"));
                await saga.DoAsync(Taking("bad end"));
                turn.SetVariable("end", World.Bytes($"{saga.HasFailed}"));
            }, random.Next());
            flow.Begin();
            for (int crashes = random.Next(1, 6); crashes > 0; crashes--)
            {
                flow.Work.World.Machine.Advance(TimeSpan.FromMilliseconds(random.Next(0, 4_000)));
                int steps = random.Next(0, 60);
                flow.Work.World.Machine.Run(async () =>
                {
                    for (int i = 0; i < steps; i++) await Task.Yield();
                });
                flow.Restart();
            }

            flow.Work.World.Machine.Advance(TimeSpan.FromMinutes(5));
            Assert.Equal(("True", $"{width}"), (flow.Variable("end"), flow.Variable("wide")));
            // Three steps, three undone, those side by side; the one that failed left nothing.
            string[] done = [.. flow.Work.World.Session.Agents().Skip(1).SelectMany(static agent => agent.CopyVariables().Values).Select(World.Text)];
            Assert.Equal(6 + width, done.Length);
            Assert.Equal(done.Length, done.Distinct().Count());
        });
    }

    [Fact]
    public void A_workflow_that_may_not_submit_and_one_within_a_task_are_refused()
    {
        var work = new Work(session: MaySubmit);
        var codes = new List<string>();
        Agent without = work.World.Spawn(() => new Behaving(async (turn, _) => codes.Add((await Assert.ThrowsAsync<HypervisorException>(() => turn.RunAsync(new TaskSpec("work")).AsTask())).Code.ToString())));
        work.World.Tell(without, "go");
        work.Spawn("worker", async (turn, _) =>
        {
            await turn.RunAsync(new TaskSpec("inner"));
            return default;
        }, options: Submitter);
        SessionTask task = work.Submit(new TaskSpec("outer") { Retry = Work.Once });
        work.Wait(task);
        Assert.Equal([HypervisorErrors.CapabilityRefused.ToString()], codes);
        Assert.Contains("attempt of a task", task.Reason, StringComparison.Ordinal);
    }
}
