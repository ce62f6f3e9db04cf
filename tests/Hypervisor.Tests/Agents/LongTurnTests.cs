using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Agents;

public sealed class LongTurnTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task An_agent_that_computed_for_long_begins_its_next_turn_at_low_priority_and_loses_it_by_a_short_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: single threads can be lowered on Linux only");
        HostEnvironment machine = HostEnvironment.Production;
        AgentHost? host = null;
        var ended = new List<bool>();
        var thinker = new Behaving((turn, message) =>
        {
            bool beganLow = host!.Threads.IsThreadLowered;
            if (message.Type == "long") Compute(machine, until: () => host.Threads.IsThreadLowered, atLeast: TimeSpan.FromMilliseconds(20));
            turn.Reply(new[] { (byte)(beganLow ? 1 : 0) });
        });
        AgentTypes types = new AgentTypes().Register(new AgentType("thinker", () => thinker) { HoldsThread = true });
        var options = new AgentHostOptions { TurnEnded = (agent, _) => ended.Add(agent.Host.Threads.IsThreadLowered) };
        await using AgentHost opened = host = await AgentHost.OpenAsync(machine, types, options, TestContext.Current.CancellationToken);
        Session session = await host.OpenSessionAsync(new ProjectScope(machine.Ids.Next<TenantKind>(), machine.Ids.Next<ProjectKind>()));
        Agent agent = await session.SpawnAsync("thinker", cancellation: TestContext.Current.CancellationToken);
        // The first turns of a process may be long, because their code is compiled.
        await UntilOrdinaryAsync(machine, agent);
        ended.Clear();
        Assert.False(await AskAsync(agent, "long"));
        Assert.True(await AskAsync(agent, "long"));
        Assert.True(await AskAsync(agent, "short"));
        await UntilOrdinaryAsync(machine, agent);
        // What others wait for was never done on a lowered thread.
        Assert.All(ended, Assert.False);
    }

    private static async Task UntilOrdinaryAsync(HostEnvironment machine, Agent agent)
    {
        long began = machine.Time.GetTimestamp();
        for (int inRow = 0; inRow < 20; inRow++)
        {
            if (await AskAsync(agent, "short")) inRow = 0;
            Assert.True(machine.Time.GetElapsedTime(began) < Timeout, "It never came back to ordinary priority.");
        }
    }

    private static async Task<bool> AskAsync(Agent agent, string type)
    {
        AgentReply reply = await agent.AskAsync(type, default, Timeout, TestContext.Current.CancellationToken);
        Assert.True(reply.IsReplied, reply.Reason);
        return reply.Payload.Span[0] is 1;
    }

    private static void Compute(HostEnvironment machine, Func<bool> until, TimeSpan atLeast)
    {
        long began = machine.Time.GetTimestamp();
        while (!until() || machine.Time.GetElapsedTime(began) < atLeast)
        {
            if (machine.Time.GetElapsedTime(began) > Timeout) throw new TimeoutException();
            Thread.SpinWait(1_000);
        }
    }
}
