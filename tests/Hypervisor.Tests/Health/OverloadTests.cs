using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Health;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Health;

/// <summary>A host that has more to do than it gets done takes nothing from outside until it has caught up.</summary>
public sealed class OverloadTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A host on an executor that can be late.</summary>
    private sealed class Station
    {
        public Station(Func<double>? pressure = null)
        {
            Executor = new LateExecutor(Machine.Environment.Executor);
            HostEnvironment environment = Machine.Environment with { Executor = Executor };
            var types = new AgentTypes().Register(new AgentType("worker", () => new Behaving((turn, message) =>
            {
                Handled++;
                if (message.Type == "pass") turn.Tell(turn.Self, "passed", default);
            })));
            Scope = new ProjectScope(Machine.Environment.Ids.Next<TenantKind>(), Machine.Environment.Ids.Next<ProjectKind>());
            Host = Machine.Run(() => AgentHost.OpenAsync(environment, types, new AgentHostOptions { MemoryPressure = pressure, Overload = new OverloadOptions { LagMax = 2 * Second } }));
            Session = Machine.Run(() => Host.OpenSessionAsync(Scope).AsTask());
            Worker = Machine.Run(() => Session.SpawnAsync("worker").AsTask());
            Machine.Advance(Second);
        }

        public DeterministicHost Machine { get; } = new(1);

        public LateExecutor Executor { get; }

        public ProjectScope Scope { get; }

        public AgentHost Host { get; }

        public Session Session { get; }

        public Agent Worker { get; }

        public int Handled { get; private set; }

        public SendOutcome Tell(string type = "work") => Machine.Run(() => Worker.TellAsync(type, default).AsTask());

        public string? CodeOf(Func<Task> work)
        {
            string? code = null;
            Machine.Run(async () =>
            {
                try
                {
                    await work();
                }
                catch (HypervisorException refused)
                {
                    code = refused.Code.ToString();
                }
            });
            return code;
        }
    }

    [Fact]
    public void When_what_waits_is_begun_too_late_messages_agents_and_sessions_from_outside_are_refused()
    {
        var station = new Station();
        station.Executor.Hold();
        Assert.Equal(SendOutcome.Accepted, station.Tell());
        station.Machine.Advance(1.5 * Second);
        Assert.Equal(SendOutcome.Accepted, station.Tell());
        station.Machine.Advance(1.5 * Second);
        Assert.Equal(SendOutcome.Overloaded, station.Tell());
        AgentReply reply = station.Machine.Run(() => station.Worker.AskAsync("work", default, Second).AsTask());
        Assert.Equal((ReplyOutcome.NotSent, SendOutcome.Overloaded), (reply.Outcome, reply.Sent));
        Assert.Equal(HypervisorErrors.Overloaded.ToString(), station.CodeOf(() => station.Session.SpawnAsync("worker").AsTask()));
        Assert.Equal(HypervisorErrors.Overloaded.ToString(), station.CodeOf(() => station.Host.OpenSessionAsync(station.Scope).AsTask()));
        Assert.Contains("late", station.Host.OverloadReason, StringComparison.Ordinal);
    }

    [Fact]
    public void It_takes_work_again_when_it_has_caught_up_and_has_done_all_it_took()
    {
        var station = new Station();
        station.Executor.Hold();
        Assert.Equal(SendOutcome.Accepted, station.Tell("pass"));
        station.Machine.Advance(3 * Second);
        Assert.Equal(SendOutcome.Overloaded, station.Tell());
        station.Executor.Release();
        station.Machine.Advance(Second);
        Assert.Equal(2, station.Handled);
        Assert.Empty(station.Host.OverloadReason);
        Assert.Equal(SendOutcome.Accepted, station.Tell());
    }

    [Fact]
    public void It_takes_nothing_while_memory_is_all_but_used_up()
    {
        double pressure = 0.5;
        var station = new Station(() => pressure);
        Assert.Equal(SendOutcome.Accepted, station.Tell());
        pressure = 0.98;
        station.Machine.Advance(Second);
        Assert.Equal(SendOutcome.Overloaded, station.Tell());
        Assert.Contains("98", station.Host.OverloadReason, StringComparison.Ordinal);
        pressure = 0.8;
        station.Machine.Advance(Second);
        Assert.Equal(SendOutcome.Accepted, station.Tell());
    }

    [Fact]
    public void Nothing_is_watched_while_nothing_comes_from_outside()
    {
        var station = new Station();
        station.Tell();
        station.Machine.Advance(10 * Second);
        long before = station.Machine.Steps;
        station.Machine.Advance(100 * Second);
        Assert.Equal(before, station.Machine.Steps);
    }
}
