using Sirsi.Hypervisor.Modules;
using Sirsi.Hypervisor.Snapshots;
using Sirsi.Hypervisor.Tests.Modules;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class SnapshotTests
{
    /// <summary>Counts in its memory, not in a variable, and answers with the count; "v" in its input counts in the variable "n".</summary>
    private const string Remembering = """
        (global $count (mut i32) (i32.const 0))
        (func (export "on_message") (result i32) (local $block i64)
          (i32.store8 (i32.const 70) (i32.add (i32.load8_u (i32.const 70)) (i32.const 1)))
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (local.set $block (call $alloc (i64.const 2)))
          (call $store (local.get $block) (i32.load8_u (i32.const 70)))
          (call $store (i64.add (local.get $block) (i64.const 1)) (global.get $count))
          (call $var_set (call $name) (local.get $block))
          (call $output (local.get $block) (i64.const 2))
          (i32.const 0))
        """;

    private static Agent Spawn(World world, AgentDurability durability = AgentDurability.Volatile)
    {
        AgentModule module = Guests.Load(Remembering, world);
        world.Types.Register(module.ToType("remembering") with { Durability = durability });
        return world.Machine.Run(() => world.Session.SpawnAsync("remembering").AsTask());
    }

    private static int Count(World world, Agent agent)
    {
        ReadOnlySpan<byte> answer = world.Ask(agent, "count").Payload.Span;
        Assert.Equal(answer[0], answer[1]);
        return answer[0];
    }

    [Theory, InlineData(AgentDurability.Volatile), InlineData(AgentDurability.Durable)]
    public void A_fork_goes_on_from_the_agents_memory_and_variables_and_goes_its_own_way(AgentDurability durability)
    {
        var world = new World(options: World.Kept);
        Agent agent = Spawn(world, durability);
        for (int i = 1; i <= 3; i++) Assert.Equal(i, Count(world, agent));
        Agent fork = world.Machine.Run(() => agent.ForkAsync(new SpawnOptions { Variables = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { ["why"] = World.Bytes("what if") } }).AsTask());
        Assert.Equal([3, 3], fork.CopyVariables()["n"].ToArray());
        Assert.Equal("what if", World.Text(fork.CopyVariables()["why"]));
        Assert.Equal(4, Count(world, fork));
        Assert.Equal(5, Count(world, fork));
        Assert.Equal(4, Count(world, agent));
        Assert.DoesNotContain("why", agent.CopyVariables().Keys);
        Assert.Null(fork.Grant);
        world.Machine.Run(() => agent.StopAsync("no longer needed"));
        Assert.Equal(6, Count(world, fork));
    }

    [Fact]
    public void An_agent_is_set_back_to_its_snapshot_and_stays_there_after_a_crash()
    {
        var world = new World(options: World.Kept);
        Agent agent = Spawn(world, AgentDurability.Durable);
        Count(world, agent);
        using AgentSnapshot snapshot = world.Machine.Run(() => agent.TakeSnapshotAsync().AsTask());
        Assert.Equal(64 << 10, snapshot.MemoryBytes);
        Assert.Equal(2, Count(world, agent));
        world.Suspend(agent);
        world.Tell(agent, "count");
        world.Machine.Run(() => agent.RestoreAsync(snapshot).AsTask());
        Assert.Equal([1, 1], agent.CopyVariables()["n"].ToArray());
        Assert.Equal(1, agent.MailboxCount);
        world.Resume(agent);
        Assert.Equal(3, Count(world, agent));
        world.Machine.Run(() => agent.RestoreAsync(snapshot).AsTask());
        World again = world.Restart(types => types.Register(Guests.Load(Remembering, world).ToType("remembering") with { Durability = AgentDurability.Durable }));
        Assert.Equal([1, 1], again.Host.Find(again.Scope, agent.Id)!.CopyVariables()["n"].ToArray());
    }

    [Fact]
    public void A_snapshot_waits_for_the_turn_under_way_and_gives_up_when_it_takes_too_long()
    {
        var world = new World();
        var go = new TaskCompletionSource();
        world.Types.Register(new AgentType("slow", () => new Behaving(async (turn, _) =>
        {
            turn.SetVariable("half", World.Bytes("done"));
            await go.Task;
        })));
        Agent slow = world.Machine.Run(() => world.Session.SpawnAsync("slow").AsTask());
        world.Tell(slow, "go");
        HypervisorException busy = Assert.Throws<HypervisorException>(() => world.Machine.Run(() => slow.TakeSnapshotAsync().AsTask()));
        Assert.Equal(HypervisorErrors.AgentBusy, busy.Code);
        Task<AgentSnapshot> taking = world.Machine.Environment.Executor.RunAsync(() => slow.TakeSnapshotAsync().AsTask());
        world.Machine.RunUntilIdle();
        Assert.False(taking.IsCompleted);
        go.SetResult();
        world.Machine.RunUntilIdle();
        using AgentSnapshot snapshot = world.Machine.Run(() => taking);
        Assert.Equal("done", World.Text(snapshot.Variables["half"]));
        world.Machine.Run(() => slow.StopAsync("enough"));
        Assert.Equal(HypervisorErrors.AgentEnded, Assert.Throws<HypervisorException>(() => world.Machine.Run(() => slow.TakeSnapshotAsync().AsTask())).Code);
        Assert.Equal("done", World.Text(world.Machine.Run(() => world.Session.SpawnAsync(snapshot).AsTask()).CopyVariables()["half"]));
    }

    [Fact]
    public void A_snapshot_is_for_agents_of_its_type_whose_variables_are_not_older()
    {
        var world = new World();
        Agent agent = Spawn(world);
        Count(world, agent);
        Agent other = world.Spawn(static (_, _) => { });
        using AgentSnapshot snapshot = world.Machine.Run(() => agent.TakeSnapshotAsync().AsTask());
        Assert.Contains("is of an agent of 'remembering'", Assert.Throws<ArgumentException>(() => world.Machine.Run(() => other.RestoreAsync(snapshot).AsTask())).Message, StringComparison.Ordinal);
        world.Types.Replace(Guests.Load(Remembering, world).ToType("remembering"));
        // The memory is that of the module before: only the variables go on.
        Agent fork = world.Machine.Run(() => world.Session.SpawnAsync(snapshot).AsTask());
        Assert.Equal([1, 1], fork.CopyVariables()["n"].ToArray());
        Assert.Equal(1, Count(world, fork));
    }
}
