using System.Collections.Immutable;
using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Capabilities;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Hypervisor.Durability;
using Sirsi.Journal;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Tasks;

/// <summary>Submissions that are larger than a record of the journal, and ends of very many tasks at once.</summary>
public sealed class SubmissionTests
{
    private const int RecordBytesMax = 256 << 10;

    private static void Register(AgentTypes types) => types.Register(new AgentType("worker", static () => new Working(static (_, attempt) => attempt.Spec.Type == "bad"
        ? throw new TaskFailedException("kind", "It is bad.", isFinal: true)
        : ValueTask.FromResult<ReadOnlyMemory<byte>>(default)))
    {
        TakesTasks = true,
    });

    [Fact]
    public void A_submission_of_any_size_is_stored_in_records_of_bounded_size()
    {
        var work = new Work(World.Kept);
        Register(work.World.Types);
        var random = new Random(1);
        TaskId[] ids = [.. work.Submit([.. Enumerable.Range(0, 20_000).Select(place => new TaskSpec("work", new byte[100])
        {
            After = place < 3 ? [] : [TaskDependency.On(random.Next(place)), TaskDependency.On(random.Next(place)), TaskDependency.On(random.Next(place))],
        })]).Select(static task => task.Id)];
        work.Restart(Register);
        Assert.Equal(ids, work.World.Session.Tasks().Select(static task => task.Id));
        Assert.All(work.World.Session.Tasks().Skip(3), static task => Assert.Equal((TaskState.Blocked, 3, 100), (task.State, task.After.Length, task.Spec.Payload.Length)));
        work.World.Machine.Run(work.World.Host.CheckpointAsync);
        work.Restart(Register);
        Assert.Equal(ids, work.World.Session.Tasks().Select(static task => task.Id));
        for (int i = 0; i < 3; i++) work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
        work.World.Machine.RunUntilIdle();
        Assert.All(ids, id => Assert.Equal(TaskState.Succeeded, work.World.Host.Find(work.World.Scope, id)!.State));
        Assert.InRange(LargestRecord(work.World), 1, RecordBytesMax);
    }

    [Fact]
    public void A_submission_in_several_records_is_there_whole_or_not_at_all_whenever_the_power_goes()
    {
        int whole = 0, none = 0;
        Check.That(seed: 64, runs: 80, random =>
        {
            var work = new Work(World.Kept with { CheckpointBytes = 4_096 }, random.Next(), StepOrder.Seeded);
            Register(work.World.Types);
            work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
            // What a process whose power is gone had not opened, it must not open later.
            work.World.Machine.Run(work.World.Host.CheckpointAsync);
            Session session = work.World.Session;
            ImmutableArray<TaskSpec> specs = [.. Enumerable.Range(0, random.Next(2, 40)).Select(place => new TaskSpec("large", new byte[random.Next(60_000)])
            {
                AgentType = "missing",
                After = place == 0 ? [] : [TaskDependency.On(random.Next(place))],
            })];
            ImmutableArray<SessionTask> submitted = [];
            Task submitting = work.World.Machine.Environment.Executor.RunAsync(async () => submitted = await session.SubmitAsync(specs));
            // Others have their records between its own, and checkpoints are taken.
            _ = work.World.Machine.Environment.Executor.RunAsync(async () =>
            {
                while (true) await session.SubmitAsync(new TaskSpec("small"));
            });
            int steps = random.Next(0, 120);
            work.World.Machine.Run(async () =>
            {
                for (int i = 0; i < steps; i++) await Task.Yield();
            });
            bool isAcknowledged = submitting.IsCompletedSuccessfully;
            for (int restarts = random.Next(1, 4); restarts > 0; restarts--)
            {
                work.Restart(Register, losesPower: random.Next(4) > 0);
                SessionTask[] there = [.. work.World.Session.Tasks().Where(static task => task.Spec.Type == "large")];
                Assert.True(there.Length == specs.Length || (there.Length == 0 && !isAcknowledged), $"{there.Length} of {specs.Length} tasks, acknowledged: {isAcknowledged}.");
                if (isAcknowledged) Assert.Equal(submitted.Select(static task => task.Id), there.Select(static task => task.Id));
                Assert.All(there, task => Assert.All(task.After, dependency => Assert.Contains(there, other => other.Id == dependency.Task)));
                isAcknowledged = there.Length > 0;
                (whole, none) = isAcknowledged ? (whole + 1, none) : (whole, none + 1);
                if (random.Next(2) == 0) work.World.Machine.Run(work.World.Host.CheckpointAsync);
            }

            // What came to nothing is not kept for ever.
            work.World.Machine.RunUntilIdle();
            Assert.Empty(Stored(work.World).Tasks.Unended);
        });
        Assert.True(whole > 10 && none > 10, $"{whole} whole, {none} none: the power does not go within submissions.");
    }

    [Fact]
    public void A_submission_that_the_disk_has_no_room_for_comes_to_nothing_and_takes_no_quota()
    {
        var machine = new DeterministicHost(seed: 1);
        var disk = new FaultyDisk(machine.Environment.Executor, seed: 1);
        HostEnvironment environment = machine.Environment with { Files = disk };
        var types = new AgentTypes();
        AgentHost host = machine.Run(() => AgentHost.OpenAsync(environment, types, World.Kept with { Tasks = new TaskOptions { WaitingMax = 40 } }));
        var scope = new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>());
        Session session = machine.Run(() => host.OpenSessionAsync(scope).AsTask());
        ImmutableArray<TaskSpec> specs = [.. Enumerable.Range(0, 30).Select(static _ => new TaskSpec("large", new byte[500_000]))];
        disk.RoomBytes = 6_000_000;
        HypervisorException full = Assert.Throws<HypervisorException>(() => machine.Run(() => session.SubmitAsync(specs).AsTask()));
        Assert.Equal(HypervisorErrors.StorageFull, full.Code);
        Assert.Empty(session.Tasks());
        disk.RoomBytes = long.MaxValue;
        machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(30, machine.Run(() => session.SubmitAsync(specs).AsTask()).Length);
        machine.Run(() => host.DisposeAsync().AsTask());
        (HostLedger ledger, HostImage image) = machine.Run(async () =>
            await HostLedger.OpenAsync(environment, await JournalStorage.OpenAsync(environment, "agents", CancellationToken.None), 1 << 20, 100, new ContextOptions(), CancellationToken.None));
        Assert.Equal((30, 0), (image.Tasks.All.Count, image.Tasks.Unended.Count));
        machine.Run(() => ledger.DisposeAsync().AsTask());
    }

    [Fact]
    public void The_ends_of_a_chain_of_any_length_are_stored_when_its_first_task_fails()
    {
        var work = new Work(World.Kept with { Tasks = new TaskOptions { ResultsMax = 10_000 } });
        Register(work.World.Types);
        ImmutableArray<SessionTask> chain = work.Submit([.. Enumerable.Range(0, 30_000).Select(static place => new TaskSpec(place == 0 ? "bad" : "behind") { After = place == 0 ? [] : [TaskDependency.On(place - 1)] })]);
        work.World.Machine.Run(() => work.World.Session.SpawnAsync("worker").AsTask());
        work.World.Machine.RunUntilIdle();
        Assert.All(chain.Skip(1), static task => Assert.Equal(TaskState.Skipped, task.State));
        Assert.InRange(LargestRecord(work.World), 1, RecordBytesMax);
        SessionTask[] kept = [.. Stored(work.World).Tasks.All.Values];
        Assert.Equal(10_000, kept.Length);
        Assert.All(kept, static task => Assert.Equal(TaskState.Skipped, task.State));
    }

    [Fact]
    public void A_turn_that_submits_more_than_fits_into_its_record_fails_with_what_to_do_and_takes_its_steps_once()
    {
        var work = new Work(World.Kept, session: new SessionOptions { Capabilities = CapabilitySet.Parse(["task.submit"]) });
        int effects = 0;
        ImmutableArray<TaskSpec> specs = [.. Enumerable.Range(0, 30).Select(static _ => new TaskSpec("large", new byte[100_000]))];
        void RegisterBoth(AgentTypes types)
        {
            foreach (AgentDurability durability in Enum.GetValues<AgentDurability>())
            {
                types.Register(new AgentType(NameOf(durability), () => new Behaving(async (turn, _) =>
                {
                    await turn.StepAsync("once", StepPolicy.SameKey, _ =>
                    {
                        effects++;
                        return ValueTask.FromResult<ReadOnlyMemory<byte>>(default);
                    });
                    turn.Submit(specs);
                }))
                {
                    Durability = durability,
                });
            }
        }

        static string NameOf(AgentDurability durability) => durability is AgentDurability.Durable ? "durable" : "volatile";

        RegisterBoth(work.World.Types);
        foreach (AgentDurability durability in Enum.GetValues<AgentDurability>())
        {
            effects = 0;
            Agent agent = work.World.Machine.Run(() => work.World.Session.SpawnAsync(NameOf(durability), new SpawnOptions { Capabilities = CapabilitySet.Parse(["task.submit"]) }).AsTask());
            work.World.Tell(agent, "go");
            work.World.Machine.Advance(TimeSpan.FromMinutes(1));
            Assert.Contains("30 tasks", agent.LastError, StringComparison.Ordinal);
            Assert.Contains("several turns", agent.LastError, StringComparison.Ordinal);
            Assert.Contains(work.World.Host.DeadLetters.Kept(), letter => letter.To == agent.Id);
            if (durability is AgentDurability.Durable) Assert.Equal(1, effects);
        }

        Assert.Empty(work.World.Session.Tasks());
        Assert.Contains("payload", Assert.Throws<ArgumentException>(() => work.Submit(new TaskSpec("larger", new byte[TaskSpec.PayloadBytesMax + 1]))).Message, StringComparison.Ordinal);
    }

    /// <summary>What the journal comes to when the host has stopped.</summary>
    private static HostImage Stored(World world) => world.Machine.Run(async () =>
    {
        await world.Host.DisposeAsync();
        ILedgerStorage storage = await JournalStorage.OpenAsync(world.Machine.Environment, "agents", CancellationToken.None);
        (HostLedger ledger, HostImage image) = await HostLedger.OpenAsync(world.Machine.Environment, storage, 1 << 20, 100, new ContextOptions(), CancellationToken.None);
        await ledger.DisposeAsync();
        return image;
    });

    private static int LargestRecord(World world) => world.Machine.Run(async () =>
    {
        int largest = 0;
        foreach (string folder in (string[])["agents/turns", "agents/checkpoints"])
        {
            using JournalReader reader = JournalReader.OpenFolder(world.Machine.Environment, folder, 1);
            while (await reader.ReadAsync(CancellationToken.None)) largest = Math.Max(largest, reader.Current.Data.Length);
        }

        return largest;
    });
}
