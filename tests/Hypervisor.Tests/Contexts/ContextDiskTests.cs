using Sirsi.Core.Hosting;
using Sirsi.Core.Identity;
using Sirsi.Hypervisor.Contexts;
using Sirsi.Store;

namespace Sirsi.Hypervisor.Tests.Contexts;

public sealed class ContextDiskTests
{
    [Fact]
    public void While_the_disk_is_full_turns_wait_and_those_outside_are_told_and_no_version_is_missing()
    {
        var machine = new DeterministicHost(seed: 1);
        var disk = new FaultyDisk(machine.Environment.Executor, seed: 1);
        HostEnvironment environment = machine.Environment with { Files = disk };
        AgentTypes types = new AgentTypes().Register(new AgentType("writer", static () => new Behaving(Shared.IncrementAsync)));
        AgentHost host = machine.Run(() => AgentHost.OpenAsync(environment, types, World.Kept));
        var scope = new ProjectScope(environment.Ids.Next<TenantKind>(), environment.Ids.Next<ProjectKind>());
        Session session = machine.Run(() => host.OpenSessionAsync(scope, Shared.Allowing).AsTask());
        Agent agent = machine.Run(() => session.SpawnAsync("writer", new SpawnOptions { Capabilities = Shared.Everything }).AsTask());
        long stored = 0;
        disk.RoomBytes = 0;
        FillWith(1_000);
        FillWith(0);
        machine.Run(() => agent.TellAsync("longer-than-outside", default).AsTask());
        machine.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Null(session.Context.Get("longer-than-outside"));
        // One that comes behind a turn that waits is told as well.
        FillWith(0);
        Assert.Equal((stored, AgentStatus.Running), (session.Context.Revision, agent.Status));
        disk.RoomBytes = long.MaxValue;
        machine.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((stored + 1, 1), (session.Context.Revision, session.Context.Get("longer-than-outside")!.Version));
        ContextWrite write = machine.Run(() => session.Context.PutAsync("outside", default).AsTask());
        Assert.Equal((stored + 1, stored + 2), (write.Version, write.Revision));

        void FillWith(int length)
        {
            Task written = environment.Executor.RunAsync(async () =>
            {
                while (true)
                {
                    await session.Context.PutAsync("outside", new byte[length]);
                    stored++;
                }
            });
            machine.Advance(TimeSpan.FromSeconds(1));
            HypervisorException full = Assert.Throws<HypervisorException>(() => machine.Run(() => written));
            Assert.Equal(HypervisorErrors.StorageFull, full.Code);
        }
    }
}
